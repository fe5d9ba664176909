"""The book as files: what its sources must have, and what the built pages must be."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

from build_book import inputs_key
from check_pages import check_pages, raw_leftovers, unreadable_pictures
from execution import notebook_pages, read_notebook

ROOT = Path(__file__).resolve().parent.parent
HTML = ROOT / "_build" / "html"
APPENDIX = ROOT / "chapters" / "appendix"
PAGES = notebook_pages(ROOT)
NO_CHAPTERS = {"appendix", "reference", ROOT.name}
CHAPTERS = [p for p in PAGES if p.parent.name not in NO_CHAPTERS]
NOTEBOOKS = sorted((ROOT / "hands_on").rglob("*.ipynb"))

CORE_IDEAS = ("coordinates", "nonholonomic", "hamilton", "forces", "symmetries")

# The items of the source texts that the finished pages cover, by source_inventory ids.
COVERED = {
    *(f"HM-eq-3.1.{i}" for i in range(1, 9)),
    *(f"HM-eq-3.2.{i}" for i in ("1-3", "4-11", "12-19", "20-24", "25-31")),
    *(f"HM-eq-3.2.{i}" for i in ("32-35", "36-39", "40-45", "46-49")),
    *(f"HM-eq-3.{section}.{i}" for section in (3, 4) for i in range(1, 20)),
    *(f"HM-eq-3.5.{i}" for i in range(1, 24)),
    *(f"HM-ex-3.{i}" for i in (*range(1, 18), *range(19, 29))),
    *("HM-ex-3.18-first", "HM-ex-3.18-second"),
    *(f"HM-fig-3.{i}" for i in range(1, 13)),
    *(f"HM-pr-{i}" for i in (*range(1, 6), "5a", "5b", "5c", "5d")),
    "HM-fig-pr-5",
    *(f"CCM-2.C-{part}" for part in CORE_IDEAS),
    *("CCM-2.F", "CCM-2.E", "CCM-2.W", "CCM-2.S"),
    *("CCM-2.P1", "CCM-2.P2", "CCM-2.P3"),
    *(f"AMM-{i}" for i in (*range(1, 15), *range(21, 30), *range(32, 39))),
}


@pytest.fixture(scope="module")
def html():
    """The built book, which must be that of the present sources."""
    stamp = ROOT / "_build" / "book-key"
    if not stamp.exists() or stamp.read_text() != inputs_key(ROOT):
        pytest.fail("the book is not built from the present sources: run make book")
    return HTML


def test_built_pages_are_sound(html):
    assert check_pages(html) == []


@pytest.mark.parametrize("left", ["{eq}`eq-x`", r"so $\alpha=1$ is", ":::{note}"])
def test_markup_that_was_not_understood_is_seen(left):
    assert raw_leftovers(BeautifulSoup(f"<article>{left}</article>", "html.parser"))
    code = f"<article>It costs 5 $. <code>{left}</code></article>"
    assert not raw_leftovers(BeautifulSoup(code, "html.parser"))


@pytest.mark.parametrize(
    ("picture", "problems"),
    [
        ("<img src='a.png' alt='A closed curve around the origin.'/>", 0),
        ("<svg role='img' aria-label='A closed curve around the origin.'></svg>", 0),
        ("<div aria-hidden='true'><svg></svg></div>", 0),
        ("<img src='a.png' alt='A curve'/>", 1),
        ("<svg><g></g></svg>", 1),
    ],
)
def test_a_picture_without_words_is_seen(picture, problems):
    page = BeautifulSoup(f"<article>{picture}</article>", "html.parser")
    assert len(unreadable_pictures(page)) == problems


def test_every_page_says_what_it_is_about(html):
    found = {}
    for page in PAGES:
        soup = BeautifulSoup(
            (html / page.relative_to(ROOT)).with_suffix(".html").read_text("utf8"),
            "html.parser",
        )
        [about] = soup("meta", attrs={"name": "description"})
        found[page] = about["content"]
        assert 40 < len(about["content"]) <= 200
        assert not soup("meta", attrs={"property": "og:title"})  # no public address
    assert len(set(found.values())) == len(found)


def test_every_page_of_the_contents_is_built(html):
    for page in PAGES:
        assert (html / page.relative_to(ROOT).with_suffix(".html")).exists()


@pytest.mark.parametrize("page", CHAPTERS, ids=lambda p: p.stem)
def test_chapter_opens_with_aims_and_closes_with_a_summary(page):
    text = "\n".join(cell.source for cell in read_notebook(page).cells)
    for part in ("You will be able to", "You need", "It takes", "Predict"):
        assert part in text, f"{page.name} lacks «{part}»"
    assert re.search(r"^## Summary", text, re.M)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_page_asserts_something_and_hides_no_failure(page):
    cells = [c for c in read_notebook(page).cells if c.cell_type == "code"]
    assert any("assert " in cell.source for cell in cells)
    forbidden = {"raises-exception", "skip-execution", "nbval-skip"}
    for cell in cells:
        assert not forbidden & set(cell.metadata.get("tags", []))


def test_markdown_with_code_is_marked_as_a_notebook():
    """Without the full header a page is shown but not executed, and nobody is told."""
    for path in (ROOT / "chapters").rglob("*.md"):
        text = path.read_text(encoding="utf8")
        if "{code-cell}" in text:
            assert "format_name: myst" in text.split("\n---\n")[0], path.name


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_keeps_only_the_outputs_that_are_compared(notebook):
    cells = json.loads(notebook.read_text(encoding="utf8"))["cells"]
    marked = 0
    for cell in (c for c in cells if c["cell_type"] == "code"):
        if "".join(cell["source"]).startswith("# NBVAL_CHECK_OUTPUT"):
            marked += 1
            assert [o["output_type"] for o in cell["outputs"]] == ["stream"]
        else:
            assert cell["outputs"] == []
    assert marked > 0


def test_concordance_covers_the_finished_items():
    entries = yaml.safe_load((APPENDIX / "concordance.yml").read_text("utf8"))
    assert set(entries) >= COVERED


def test_corrections_and_places_are_in_the_built_book(html):
    """The labels of the data files are targets in the pages, not only in the build."""
    pages = [p.read_text(encoding="utf8") for p in html.rglob("*.html")]
    found = set(re.findall(r'\sid="([^"]+)"', "\n".join(pages)))
    corrections = yaml.safe_load((APPENDIX / "corrections.yml").read_text("utf8"))
    concordance = yaml.safe_load((APPENDIX / "concordance.yml").read_text("utf8"))
    labels = {e[k] for e in corrections.values() for k in ("page", "proof")}
    labels |= {label for e in concordance.values() for label in e["at"]}
    assert labels  # an empty file proves nothing
    missing = {x for x in labels if x not in found and f"equation-{x}" not in found}
    assert not missing


def test_requirements_are_pinned_in_one_place():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pinned = [line for line in lines if line and not line.startswith("#")]
    assert all(re.match(r"[a-z0-9.-]+==\S+( ;.*)?$", line) for line in pinned)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        wanted += extra
    names = {line.split("==")[0] for line in pinned}
    assert {re.split("[<>=; ]", w)[0] for w in wanted} <= names


def test_code_in_the_readme_runs():
    text = (ROOT / "README.md").read_text(encoding="utf8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    assert blocks
    for block in blocks:
        names = {}
        exec(block, names)
        assert names["swing"].energy.shape == (1001,)
