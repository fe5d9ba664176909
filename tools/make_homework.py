"""Make the students' versions of all assignments: ``make homework``."""

import sys
import zipfile
from pathlib import Path

import nbformat

from grading.check import total
from grading.master import HOMEWORK, Master, MasterError, masters

OUTPUT = Path(__file__).resolve().parent.parent / "_build" / "homework"
FIRST_DATE = (2020, 1, 1, 0, 0, 0)  # the same masters give the same zip


def main(arguments: list[str]) -> int | str:
    """Write a zip for each assignment, of this course or of another folder.

    Earlier ones go, so that nobody hands out what is no longer there.
    """
    folder = Path(arguments[0]) if arguments else HOMEWORK
    try:
        found = masters(folder)
        for old in OUTPUT.glob("*.zip"):
            old.unlink()
        for master in found:
            path = write_zip(master, OUTPUT)
            tests, hand = (total(master.parts, by_hand=b) for b in (False, True))
            print(f"{path}: {tests} points tested, {hand} marked by hand", flush=True)
    except MasterError as error:
        return f"Sorry: {error}."
    return 0


def write_zip(master: Master, folder: Path) -> Path:
    """Write what students download: a folder with the notebook in it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{master.name}.zip"
    text = nbformat.writes(master.student_version())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo(f"{master.name}/{master.name}.ipynb", FIRST_DATE)
        info.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(info, text)
    return path


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
