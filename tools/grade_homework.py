"""Grade a folder of submissions: ``make grade SUBMISSIONS=folder``."""

import sys
import time
from pathlib import Path

from grading.gradebook import grade_class
from grading.master import HOMEWORK, MasterError, masters
from grading.sandbox import NoSandboxError


def main(arguments: list[str]) -> int | str:
    """Grade; the results go into a folder beside the submissions."""
    if not 1 <= len(arguments) <= 2 or not arguments[0]:
        return "Sorry: name the folder, as in make grade SUBMISSIONS=handed_in."
    folder = Path(arguments[0]).resolve()
    if not folder.is_dir():
        return f"Sorry: there is no folder {folder}."
    own = Path(arguments[1]).resolve() if arguments[1:] else HOMEWORK
    output = folder.with_name(f"{folder.name}_graded")
    start = time.monotonic()
    say("Preparing the sandbox; the first line comes in half a minute at most.")
    try:
        graded = grade_class(folder, output, masters(own), say=say)
    except (NoSandboxError, MasterError, ValueError) as error:
        return f"Sorry: {error}."
    except KeyboardInterrupt:
        return "Stopped. The same command goes on from here."
    each = (time.monotonic() - start) / max(1, len(graded))
    say(f"{len(graded)} submissions, {each:.1f} s each. Results: {output}")
    return 0


def say(line: str) -> None:
    """Print a line of progress at once."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
