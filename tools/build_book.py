"""Execute the pages, build the HTML book, check it, and say where it is.

A build whose inputs have not changed is not repeated. Any change makes Sphinx read
*every* page again, because a warm Sphinx build is silent about the broken pages that it
does not read; what takes long, the execution of the cells, is kept in a cache that
knows when the library has changed (see ``execution.py``).
"""

import hashlib
import shutil
import subprocess
import sys
import time
from pathlib import Path

from check_pages import check_pages
from execution import execute_pages

ROOT = Path(__file__).resolve().parent.parent
INPUTS = (
    "_config.yml",
    "_toc.yml",
    "*.md",
    "references.bib",
    "requirements.txt",
    "_ext/**/*.html",
    "_ext/**/*.py",
    "_static/**/*",
    "benchmarks/*.json",
    "chapters/**/*",
    "hands_on/**/*",
    "lib/**/*.css",
    "lib/**/*.js",
    "lib/**/*.py",
    "tools/*.py",
)


def main(root: Path = ROOT) -> int:
    """Build the book below ``root``; the exit status is 0 only if it is whole."""
    start = time.monotonic()
    html, stamp = root / "_build" / "html", root / "_build" / "book-key"
    key = inputs_key(root)
    if stamp.exists() and stamp.read_text() == key and (html / "index.html").exists():
        print(f"The book is up to date: {(html / 'index.html').as_uri()}")
        return 0
    stamp.unlink(missing_ok=True)

    print("==> Executing the pages", flush=True)
    failures = execute_pages(root)
    if failures:
        print(f"\n{len(failures)} page(s) failed: {', '.join(failures)}")
        return 1

    print("==> Building the HTML", flush=True)
    shutil.rmtree(html, ignore_errors=True)
    command = [Path(sys.executable).with_name("jupyter-book"), "build", root, "--all"]
    strict = ["-n", "-W", "--keep-going", "-q"]
    if subprocess.run([*command, *strict], check=False).returncode:
        print("\nThe book has the problems listed above.")
        return 1

    print("==> Checking the pages", flush=True)
    problems = check_pages(html)
    if problems:
        print("\n".join(problems))
        print(f"\n{len(problems)} problem(s) in the built pages.")
        return 1
    stamp.write_text(key)
    seconds, size = time.monotonic() - start, folder_megabytes(html)
    print(f"\nThe book is built ({seconds:.0f} s, {size:.0f} MB). Open it with")
    print(f"  {(html / 'index.html').as_uri()}\nor with: make serve")
    return 0


def inputs_key(root: Path) -> str:
    """Digest of everything that the book is made of."""
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted({p for pattern in INPUTS for p in root.glob(pattern)}):
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & {*path.parts}:
            digest.update(str(path.relative_to(root)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def folder_megabytes(folder: Path) -> float:
    """Size of a folder's files."""
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) / 1e6


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else main())
