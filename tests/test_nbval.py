"""nbval, as the tests run it, compares what is marked and fails on a changed digit."""

import subprocess
import sys

import nbformat
import pytest

from run_tests import NOTEBOOKS


def outcome(folder, stored: str) -> int:
    """Exit status of nbval on a notebook whose marked cell has the stored output."""
    cell = nbformat.v4.new_code_cell(
        "# NBVAL_CHECK_OUTPUT\nprint(f'{1 / 7:.4f}')",
        execution_count=1,
        outputs=[nbformat.v4.new_output("stream", name="stdout", text=stored)],
    )
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    path = folder / "marked.ipynb"
    nbformat.write(notebook, path)
    command = [sys.executable, "-m", "pytest", "-q", *NOTEBOOKS, str(path)]
    return subprocess.run(
        command, cwd=folder, capture_output=True, check=False
    ).returncode


@pytest.mark.parametrize(("stored", "status"), [("0.1429\n", 0), ("0.1428\n", 1)])
def test_a_changed_digit_fails(tmp_path, stored, status):
    assert outcome(tmp_path, stored) == status
