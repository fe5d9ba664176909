"""Find what students handed in, and read it with suspicion."""

import json
from dataclasses import dataclass
from pathlib import Path

import nbformat

from grading.master import Master, cell_name

LARGEST = 20_000_000


class UnreadableError(ValueError):
    """A file that is no homework notebook; the message says why, for the report."""


@dataclass(frozen=True)
class Submission:
    """A file of a student. The student is the first folder, or the file's name."""

    student: str
    path: Path


def find_submissions(folder: Path) -> list[Submission]:
    """All files below a folder, in the order of the students' names.

    Both ``anna.ipynb`` and ``anna/anything.ipynb`` belong to anna. A student's other
    files are found too, so that the report can name them; hidden ones are left out.
    """
    found = []
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_symlink() or not entry.is_dir():
            found.append(Submission(printable(entry.stem), entry))
            continue
        below = [p for p in sorted(entry.rglob("*")) if p.is_symlink() or p.is_file()]
        below = [p for p in below if not is_hidden(p.relative_to(entry))]
        notebooks = [p for p in below if p.suffix == ".ipynb"]
        for path in notebooks or below or [entry]:
            found.append(Submission(printable(entry.name), path))
    return found


def printable(text: str) -> str:
    """A name or a line, without what a terminal or a file of text cannot take."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def is_hidden(path: Path) -> bool:
    """Whether a path goes through something hidden, such as Jupyter's checkpoints."""
    return any(part.startswith(".") for part in path.parts)


def read_bytes(path: Path) -> bytes:
    """The content of a submission, if it is a plain file of a sensible size."""
    if path.is_symlink():
        raise UnreadableError("this is a link, not a file")
    if path.is_dir():
        raise UnreadableError("the folder holds no file")
    if not path.is_file():
        raise UnreadableError("this is no plain file")
    if path.suffix != ".ipynb":
        raise UnreadableError(f"not a notebook (.ipynb) but {printable(path.name)}")
    if path.stat().st_size > LARGEST:
        raise UnreadableError(f"larger than {LARGEST // 10**6} MB")
    return path.read_bytes()


def read_notebook(data: bytes) -> nbformat.NotebookNode:
    """Parse a notebook, or say in a sentence what is wrong with it."""
    if not data.strip():
        raise UnreadableError("the file is empty")
    try:
        content = json.loads(data.decode("utf8"))
    except UnicodeDecodeError:
        raise UnreadableError("not a notebook: the file is not text") from None
    except (ValueError, RecursionError):
        raise UnreadableError(
            "the file is damaged, perhaps only half saved: it is not valid JSON"
        ) from None
    if not isinstance(content, dict) or not {"cells", "worksheets"} & content.keys():
        raise UnreadableError("not a notebook: the file holds no cells")
    try:
        notebook = nbformat.reads(json.dumps(content), as_version=4)
        language = kernel_language(notebook)
        for cell in notebook.cells:
            if not isinstance(cell.source, str) or cell.cell_type not in CELL_TYPES:
                raise TypeError
    except Exception:
        raise UnreadableError("not a notebook: its cells are damaged") from None
    if language != "python":
        raise UnreadableError(f"a notebook for {language[:40]}, not for Python")
    return notebook


CELL_TYPES = ("code", "markdown", "raw")


def kernel_language(notebook) -> str:
    """The language that a notebook is for, in lower case."""
    kernel = notebook.metadata.get("kernelspec", {})
    info = notebook.metadata.get("language_info", {})
    language = info.get("name") or kernel.get("language") or kernel.get("name")
    language = str(language or "python").lower()
    return "python" if language.startswith(("python", "ipython")) else language


def recognize(notebook, masters: list[Master]) -> Master:
    """The assignment whose cells a notebook holds, whatever its file is called."""
    names = {name for cell in notebook.cells if (name := cell_name(cell))}
    best = max(masters, key=lambda master: len(names & master.cells.keys()))
    if not names & best.cells.keys():
        raise UnreadableError("a notebook, but of none of the assignments")
    return best
