"""Execute the book's pages into its cache, and know when an execution is stale.

The cache of myst-nb recognizes a page by its code cells alone. What the cells *import*
decides about their results as well, so here every page has a key: a digest of the
requirements, of Python, of the data files that its cells name by their path from the
page, and of those modules of the library that they reach. When the key of a page
changes, its cached execution is dropped.
"""

import ast
import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from myst_nb.core.read import myst_nb_reader_plugin
from sphinx_external_toc.parsing import parse_toc_yaml

TIMEOUT = 300
DATA_FILE = re.compile(r"[\w./-]+\.(?:json|csv|npz)\b")


def execute_pages(root: Path) -> list[str]:
    """Execute all pages that the cache does not hold, two at a time or more.

    Returns
    -------
    list of str
        The pages that failed; each is reported with its traceback.
    """
    cache = get_cache(root / "_build" / ".jupyter_cache")
    pages = notebook_pages(root)
    forget_stale_executions(cache, root, pages)

    waiting = []
    for page in pages:
        notebook = read_notebook(page)
        try:
            cache.match_cache_notebook(notebook)
        except KeyError:
            waiting.append((page, notebook))

    failures = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        start = time.monotonic()
        running = {pool.submit(execute, page, nb): page for page, nb in waiting}
        for done, future in enumerate(as_completed(running), start=1):
            page, (result, problem) = running[future], future.result()
            name = str(page.relative_to(root))
            verdict = "FAILED" if problem else f"{result.time:.0f} s"
            elapsed = time.monotonic() - start
            print(
                f"  [{done}/{len(running)}] {name}: {verdict} (at {elapsed:.0f} s)",
                flush=True,
            )
            if problem:
                print(problem, flush=True)
                failures.append(name)
            else:
                bundle = CacheBundleIn(
                    nb=result.nb,
                    uri=str(page),
                    data={"execution_seconds": result.time},
                )
                cache.cache_notebook_bundle(
                    bundle, check_validity=False, overwrite=True
                )
    return sorted(failures)


def execute(page: Path, notebook: nbformat.NotebookNode) -> tuple:
    """Execute a page in its folder; return the result and what went wrong, or None."""
    quiet = ["--IPKernelApp.log_level=40"]
    try:
        result = single_nb_execution(
            notebook,
            cwd=str(page.parent),
            timeout=TIMEOUT,
            allow_errors=False,
            extra_arguments=quiet,
        )
    except RuntimeError as error:  # the kernel died or did not start
        return None, str(error)
    return result, result.exc_string


def notebook_pages(root: Path) -> list[Path]:
    """All pages of the table of contents that have code cells."""
    toc = parse_toc_yaml(root / "_toc.yml")
    pages = []
    for name in toc:
        found = [root / f"{name}{end}" for end in (".ipynb", ".md")]
        page = next((p for p in found if p.exists()), None)
        if page is None:
            sys.exit(f"Sorry: _toc.yml lists {name}, and there is no such page.")
        if any(cell.cell_type == "code" for cell in read_notebook(page).cells):
            pages.append(page)
    return pages


def read_notebook(page: Path) -> nbformat.NotebookNode:
    """Read a page as the book reads it, so that the cache recognizes it."""
    if page.suffix == ".ipynb":
        return nbformat.read(page, as_version=4)
    if "kernelspec:" not in page.read_text(encoding="utf8").split("\n---", 1)[0]:
        return nbformat.v4.new_notebook()
    return myst_nb_reader_plugin(str(page))


def forget_stale_executions(cache, root: Path, pages: list[Path]) -> None:
    """Drop the cached executions of pages whose key has changed."""
    store = root / "_build" / "execution-keys.json"
    old = json.loads(store.read_text()) if store.exists() else {}
    imports = library_imports(root / "lib")
    new = {str(p.relative_to(root)): page_key(p, root, imports) for p in pages}
    stale = {str(root / name) for name in new if new[name] != old.get(name)}
    for record in cache.list_cache_records():
        if record.uri in stale:
            cache.remove_cache(record.pk)
    store.write_text(json.dumps(old | new, indent=1))


def page_key(page: Path, root: Path, imports: dict[str, set[str]]) -> str:
    """Digest of what decides the results of a page besides its own cells."""
    digest = hashlib.sha256(sys.version.encode())
    digest.update((root / "requirements.txt").read_bytes())
    source = "\n".join(
        cell.source for cell in read_notebook(page).cells if cell.cell_type == "code"
    )
    for name in sorted(set(DATA_FILE.findall(source))):
        if (page.parent / name).is_file():
            digest.update((page.parent / name).read_bytes())
    reached, waiting = set(), imported_modules(source, imports)
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting |= imports[module]
    for module in sorted(reached):
        digest.update(module_file(root / "lib", module).read_bytes())
    return digest.hexdigest()


def library_imports(lib: Path) -> dict[str, set[str]]:
    """Each module of the library and the modules of the library it imports."""
    files = sorted(lib.glob("mechanics/**/*.py"))
    names = {
        ".".join(f.relative_to(lib).with_suffix("").parts).removesuffix(".__init__"): f
        for f in files
    }
    return {n: imported_modules(f.read_text(), names) for n, f in names.items()}


def imported_modules(source: str, known: Collection[str]) -> set[str]:
    """Modules of the library that a piece of Python imports, with their packages."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set(known)  # executing the page will say what is wrong with it
    found = set()
    for node in executed_nodes(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    packages = {
        ".".join(parts[: i + 1])
        for parts in (name.split(".") for name in found)
        for i in range(len(parts))
    }
    return (found | packages) & set(known)


def executed_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes of a tree but those that only type checkers read."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test)):
            yield from executed_nodes(child)


def module_file(lib: Path, module: str) -> Path:
    """The file of a module."""
    path = lib.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
