"""Offer each page with code as a notebook that runs from top to bottom.

The notebook has the text of the page as Markdown (``notebook_text.py``), its code
without what serves the book alone (pasted values, marks for tests), no outputs and no
solutions. It lies beside the page and needs the library ``mechanics``, nothing else of
the book.
"""

import ast
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from notebook_text import Cell, PageText

REFERENCE = "chapters/reference/"  # lists of what the library holds: nothing to run
MARK = "# NBVAL_CHECK_OUTPUT"
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def write_notebook(app, doctree, docname):
    """Write the notebook of a page, if the page has code cells."""
    if app.builder.format != "html" or docname.startswith(REFERENCE):
        return
    executed = Path(app.outdir).parent / "jupyter_execute" / f"{docname}.ipynb"
    cells = [n for n in doctree.findall() if is_cell(n)]
    if not (cells and executed.exists()):
        return
    source = nbformat.read(executed, as_version=4)
    text = PageText(app.env.toc_fignumbers.get(docname, {}))
    blocks = text.blocks(doctree)
    solved = {int(n["cell_index"]) for n in cells} - {
        b.index for b in blocks if isinstance(b, Cell)
    }
    notebook = new_notebook(metadata={"kernelspec": KERNEL})
    notebook.cells = [
        *introduction(app),
        *in_order(blocks, source.cells, solved),
    ]
    for place, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{place}"
    path = Path(app.outdir) / f"{docname}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def is_cell(node) -> bool:
    """Whether a node of a page is a code cell."""
    return not isinstance(node, str) and node.get("nb_element") == "cell_code"


def introduction(app) -> list:
    """Say where the notebook comes from and what it needs."""
    lines = [f"*A page of the course* {app.config.html_title}*, as a notebook.*"]
    repository = app.config.html_theme_options.get("repository_url")
    if repository:
        lines.append(f"*It needs the course's library:* `pip install git+{repository}`")
    else:
        lines.append("*It runs in the environment that* `make env` *makes.*")
    return [new_markdown_cell("\n\n".join(lines))]


def in_order(blocks: list[str | Cell], source: list, solved: set[int]) -> list:
    """Cells of the notebook: text, code, and the code that the page does not show."""
    cells, done = [], 0
    text = []

    def flush():
        if text:
            cells.append(new_markdown_cell("\n\n".join(text)))
            text.clear()

    def add_code(until):
        for index in range(done, until):
            if source[index].cell_type == "code" and index not in solved:
                code = without_plumbing(source[index].source)
                if code:
                    flush()
                    cells.append(new_code_cell(code))

    for block in blocks:
        if isinstance(block, Cell):
            add_code(block.index + 1)
            done = block.index + 1
        else:
            text.append(block)
    flush()
    add_code(len(source))
    return cells


def without_plumbing(code: str) -> str:
    r"""Code without the lines that serve the book alone.

    >>> print(without_plumbing("from myst_nb import glue\nx = 1\nglue('x', x)"))
    x = 1
    """
    code = code.removeprefix(MARK).lstrip("\n")
    tree = ast.parse(code)
    lost = [node for node in tree.body if is_glue(node)]
    lines = code.split("\n")
    for node in reversed(lost):
        del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines).strip("\n")


def is_glue(node: ast.stmt) -> bool:
    """Whether a statement hands a value to the text, or imports what does."""
    if isinstance(node, ast.ImportFrom):
        return node.module == "myst_nb"
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and getattr(node.value.func, "id", "") == "glue"
    )


def offer(app, pagename, templatename, context, doctree):
    """Tell the page's template where the notebook is."""
    path = Path(app.outdir) / f"{pagename}.ipynb"
    context["notebook"] = f"{pagename}.ipynb" if path.exists() else ""


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-resolved", write_notebook, priority=800)
    app.connect("html-page-context", offer)
    return {"parallel_read_safe": True}
