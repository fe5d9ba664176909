"""The build is strict: each defect that it promises to catch, it catches."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEADER = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---
"""
PAGE = (
    HEADER
    + """
(sec-page)=
# A page

```{math}
:label: eq-answer
x = 42
```

As {eq}`eq-answer` says {cite}`hairer_geometric_2006`.

(proof-answer)=
```{code-cell} ipython3
from mechanics.question import answer
assert answer() == 42
print("proved")
```

```{code-cell} ipython3
---
mystnb:
  image:
    alt: A straight line that rises from the lower left to the upper right.
---
import matplotlib.pyplot as plt
plt.plot([0, 1]);
```
"""
)
CORRECTIONS = """
HM-c1:
  where: somewhere
  says: The answer is 41.
  correct: It is 42.
  page: sec-page
  proof: proof-answer
"""
CONCORDANCE = """
HM-eq-1:
  what: the answer
  at: [eq-answer, sec-page]
"""
APPENDIX = """(sec-appendix)=
# Appendix

```{corrections} corrections.yml HM
```

```{concordance} concordance.yml HM
```

```{bibliography}
```
"""


def write_book(book: Path) -> None:
    """Write a small book with everything in it that the real one has."""
    for name in ("_config.yml", "references.bib", "requirements.txt"):
        shutil.copy(ROOT / name, book / name)
    shutil.copytree(
        ROOT / "_ext", book / "_ext", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copytree(ROOT / "_static", book / "_static")
    (book / "_toc.yml").write_text(
        "format: jb-book\nroot: page\nchapters:\n- file: appendix\n"
    )
    (book / "page.md").write_text(PAGE)
    (book / "appendix.md").write_text(APPENDIX)
    (book / "corrections.yml").write_text(CORRECTIONS)
    (book / "concordance.yml").write_text(CONCORDANCE)
    library = book / "lib" / "mechanics"
    shutil.copytree(ROOT / "lib" / "mechanics", library)
    (library / "question.py").write_text("def answer():\n    return 42\n")
    (library / "unused.py").write_text("a = 1\n")


def build(book: Path) -> tuple[int, str]:
    """Build a book with the real build script; return its status and output."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "build_book.py"), str(book)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(book / "lib")},
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A small book that builds; its caches are warm."""
    book = tmp_path_factory.mktemp("healthy") / "book"
    book.mkdir()
    write_book(book)
    status, output = build(book)
    assert status == 0, output
    return book


@pytest.fixture
def book(built):
    """The small book, to be damaged and put right again afterwards."""
    kept = {
        path: path.read_text()
        for pattern in ("*.md", "*.yml", "lib/mechanics/*.py")
        for path in built.glob(pattern)
    }
    yield built
    for path, text in kept.items():
        path.write_text(text)


def replace(path: Path, old: str, new: str) -> None:
    """Damage a file."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_nothing_is_done_again_if_nothing_changed(book):
    assert build(book)[0] == 0  # whatever an earlier test has left behind
    status, output = build(book)
    assert status == 0
    assert "up to date" in output


def test_a_cell_that_raises_fails_the_build_again_and_again(book):
    replace(book / "page.md", 'print("proved")', "1 / 0")
    for _ in range(2):
        status, output = build(book)
        assert status != 0
        assert "ZeroDivisionError" in output
        assert "page.md: FAILED" in output


def test_every_defect_of_the_text_is_reported_and_fails_the_build(book):
    page = book / "page.md"
    replace(page, "As {eq}`eq-answer`", "As {eq}`eq-question`")
    replace(page, "hairer_geometric_2006", "nobody_1900")
    replace(page, "    alt: A straight line", "    width: 100px #")
    replace(page, "(proof-answer)=", "(proof-answer)=\nWords between.\n")
    replace(book / "concordance.yml", "sec-page", "sec-nowhere")
    (book / "corrections.yml").write_text(
        CORRECTIONS
        + CORRECTIONS.replace("HM-c1", "HM-c2").replace("  proof: proof-answer\n", "")
        + CORRECTIONS.replace("HM-c1", "HM-c3").replace("proof-answer", "sec-page")
    )
    status, output = build(book)
    assert status != 0
    warnings = [line for line in output.splitlines() if "WARNING" in line]
    for complaint in (
        "eq-question",
        "nobody_1900",
        "a picture has no description",
        "correction HM-c1: the label 'proof-answer'",
        "correction HM-c2 lacks proof",
        "correction HM-c3: the label 'sec-page'",
        "sec-nowhere",
    ):
        assert any(complaint in line for line in warnings), complaint


def test_a_label_that_goes_away_breaks_the_unchanged_page_that_names_it(book):
    replace(book / "page.md", "As {eq}`eq-answer`", "As it")
    replace(book / "page.md", ":label: eq-answer\n", "")
    for _ in range(2):  # a warm build is no more lenient
        status, output = build(book)
        assert status != 0
        assert "appendix.md" in output
        assert "eq-answer" in output


def test_defects_of_the_built_pages_are_reported(book):
    markup = "<img src='https://example.org/x.png' alt='a picture from elsewhere'>"
    replace(
        book / "page.md", "As {eq}", markup + "<a href='missing.html'>x</a> As {eq}"
    )
    status, output = build(book)
    assert status != 0
    assert "loads https://example.org/x.png from outside the book" in output
    assert "missing.html does not exist" in output


def test_a_changed_library_function_is_noticed_with_a_warm_cache(book):
    assert build(book)[0] == 0
    replace(book / "lib" / "mechanics" / "question.py", "42", "41")
    status, output = build(book)
    assert status != 0
    assert "AssertionError" in output


def test_a_change_elsewhere_in_the_library_executes_nothing(book):
    assert build(book)[0] == 0
    replace(book / "lib" / "mechanics" / "unused.py", "1", "2")
    status, output = build(book)
    assert status == 0
    assert "page.md:" not in output
