"""Run all tests: the library, the built pages, the hands-on notebooks, the style.

The book must have been built before (``make test`` sees to it). Arguments are passed on
to pytest: ``.venv/bin/python tools/run_tests.py tests/test_chains.py -x``.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest"]
NOTEBOOKS = ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=120"]
PARALLEL = ["--numprocesses", str(os.cpu_count()), "--dist", "loadfile"]
EVERYTHING = ["lib", "_ext", "tests", "hands_on"]


def main(arguments: list[str]) -> int:
    """Return the exit status of the first step that fails, or 0."""
    if arguments:
        return run([*PYTEST, *arguments])
    ruff = [sys.executable, "-m", "ruff"]
    return (
        run([*ruff, "check", "--quiet", "."])
        or run([*ruff, "format", "--quiet", "--check", "."])
        or run([*PYTEST, *NOTEBOOKS, *PARALLEL, *EVERYTHING])
    )


def run(command: list[str]) -> int:
    """Run a command in the repository."""
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
