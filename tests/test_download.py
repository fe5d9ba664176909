"""Each page with code can be taken along as a notebook, and the notebook runs."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from execution import notebook_pages, read_notebook

ROOT = Path(__file__).resolve().parent.parent
HTML = ROOT / "_build" / "html"
PAGES = [p for p in notebook_pages(ROOT) if p.parent.name != "reference"]
# those that are executed here, since they take seconds
SMALL = (
    "intro",
    "chapters/hamiltonian/from_lagrange_to_hamilton",
    "hands_on/lattice_dynamics/chains",
)
LEFTOVERS = re.compile(
    r"^[:`]{3,}\{|^:::|\{(?:ref|eq|numref|cite\w*|glue\w*|doc|prf:ref)\}`|^\(\S+\)=$"
    r"|solution-start|NBVAL|myst_nb|\bglue\(",
    re.M,
)


def downloaded(page) -> nbformat.NotebookNode:
    """The notebook that a page offers."""
    path = HTML / page.relative_to(ROOT).with_suffix(".ipynb")
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return notebook


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_the_notebook_is_readable_without_the_book(page):
    notebook = downloaded(page)
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in notebook.cells:
        assert not LEFTOVERS.search(cell.source), cell.source
        assert cell.metadata == {}
        assert cell.get("outputs", []) == []
    text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    for heading in headings(page):
        assert f"# {heading}" in text


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_nothing_is_missing_without_the_solutions(page):
    """Each name that the notebook uses is defined in it, and before."""
    assert undefined_names(downloaded(page)) == ""


def test_a_name_that_is_missing_is_seen():
    """Control: without its imports a notebook lacks names."""
    notebook = downloaded(ROOT / f"{SMALL[1]}.md")
    first = next(i for i, c in enumerate(notebook.cells) if c.cell_type == "code")
    del notebook.cells[first]
    assert "F821" in undefined_names(notebook)


def undefined_names(notebook) -> str:
    code = "\n".join(c.source for c in notebook.cells if c.cell_type == "code")
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select=F821"]
    ruff.append('--config=builtins=["display"]')  # in each notebook
    done = subprocess.run(
        [*ruff, "--output-format=concise", "--quiet", "--stdin-filename=page.py", "-"],
        input=code,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr, done.stderr
    return done.stdout


def headings(page) -> list[str]:
    """Headings of a page that are plain words."""
    found = []
    for cell in read_notebook(page).cells:
        if cell.cell_type == "markdown":
            found += re.findall(r"^#+ ([\w ,]+)$", cell.source, re.M)
    return found


def test_the_check_sees_a_directive():
    """Control: what must not be left over is found in the sources of the pages."""
    source = (ROOT / SMALL[1]).with_suffix(".md").read_text(encoding="utf8")
    found = {m[0] for m in LEFTOVERS.finditer(source)}
    assert {":::{", "(sec-hm-3-1)=", "{eq}`", "solution-start", "myst_nb"} <= found


def test_solutions_are_left_out_and_exercises_are_not():
    text = "\n".join(c.source for c in downloaded(ROOT / f"{SMALL[1]}.md").cells)
    assert "A spring that is being wound" in text
    assert "winding a relaxed one costs nothing" not in text
    assert "HamiltonianSystem(\n    momentum_q" not in text


def test_references_numbers_and_values_are_words():
    text = "\n".join(c.source for c in downloaded(ROOT / f"{SMALL[1]}.md").cells)
    page = (HTML / f"{SMALL[1]}.html").read_text(encoding="utf8")
    [crossings] = re.findall(r'crosses itself <span class="pasted-text">(\d+)', page)
    assert f"crosses itself {crossings} times" in text
    [figure] = re.findall(
        r'id="fig-hm-3-1".*?caption-number">Fig\. ([\d.]+) ', page, re.S
    )
    assert f"The path in Fig. {figure} crosses" in text
    assert f"*Figure {figure}.* Configuration space of a particle" in text
    assert "[Norton, 2008]" in text


@pytest.mark.parametrize("name", SMALL)
def test_the_notebook_runs_from_top_to_bottom(name, tmp_path):
    [page] = [
        p for p in PAGES if p.relative_to(ROOT).with_suffix("").as_posix() == name
    ]
    notebook = downloaded(page)
    run(notebook, tmp_path)
    executed = [c for c in notebook.cells if c.cell_type == "code"]
    assert all(c.execution_count for c in executed)


def test_a_cell_that_fails_is_seen(tmp_path):
    """Control: a notebook from which a definition is missing does not run."""
    notebook = downloaded(ROOT / f"{SMALL[1]}.md")
    place = next(i for i, c in enumerate(notebook.cells) if c.cell_type == "code")
    del notebook.cells[place]
    with pytest.raises(CellExecutionError, match="NameError"):
        run(notebook, tmp_path)


def run(notebook, folder) -> None:
    """Execute a notebook in a folder that has nothing of the book."""
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=120, resources=resources).execute()
