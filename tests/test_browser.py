"""The pages as a reader sees them: in a browser, from the disk, without a network.

The browser comes from ``conftest.py``.
"""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

HTML = Path(__file__).resolve().parent.parent / "_build" / "html"
PAGES = sorted(
    path.relative_to(HTML)
    for path in HTML.rglob("*.html")
    if "_static" not in path.parts and path != HTML / "index.html"  # it redirects
)
LIMIT = 2_000_000  # bytes of a page with everything that it loads
DESKTOP, PHONE = {"width": 1200, "height": 900}, {"width": 390, "height": 844}

TYPESET = """() => new Promise(done => {
  const check = () => window.MathJax?.startup?.promise
    ? MathJax.startup.promise.then(done) : setTimeout(check, 50);
  document.querySelector('.math') ? check() : done();
})"""


CLIPPED = """() => [...document.querySelectorAll('p mjx-container:not([display])')]
  .filter(e => e.getBoundingClientRect().right > window.innerWidth
               && !e.closest('table'))
  .map(e => e.textContent)"""


ICONS_MISSING = """() => [...document.querySelectorAll('.fa-solid, .fas, .fab')]
  .filter(e => getComputedStyle(e).maskImage === 'none').map(e => e.className)"""

FONTS_MISSING = """() => [...document.fonts]
  .filter(f => f.status === 'error').map(f => f.family)"""


def weight(files) -> int:
    """Bytes of what a page has loaded from the disk, each file once."""
    paths = {Path(unquote(f.path)) for f in files if f.scheme == "file"}
    return sum(path.stat().st_size for path in paths if path.exists())


@pytest.fixture
def visit(browser):
    """Open a page; collect what the browser complains about."""
    contexts = []

    def visit(path, viewport=DESKTOP):
        context = browser.new_context(viewport=viewport, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(120_000)  # the machine may be busy
        page.complaints, page.files = [], set()
        page.on("request", lambda r: page.files.add(urlsplit(r.url)))
        page.on(
            "requestfailed",
            lambda r: (
                r.failure == "net::ERR_ABORTED"  # the page was left meanwhile
                or page.complaints.append(f"failed {r.url}")
            ),
        )
        page.on("pageerror", lambda e: page.complaints.append(f"error {e}"))
        page.on(
            "console",
            lambda m: m.type == "error" and page.complaints.append(f"console {m.text}"),
        )
        page.on(
            "request",
            lambda r: (
                r.url.startswith(("file:", "data:", "blob:"))
                or page.complaints.append(f"asked for {r.url}")
            ),
        )
        page.goto(path.as_uri())
        page.evaluate(TYPESET)
        return page

    yield visit
    for context in contexts:
        context.close()


def test_there_are_pages():
    assert len(PAGES) > 5


def test_the_index_leads_to_the_introduction(browser):
    page = browser.new_page()
    page.goto((HTML / "index.html").as_uri())
    page.wait_for_url("**/intro.html")
    page.close()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("page", PAGES, ids=str)
def test_page_is_whole(visit, page, viewport):
    shown = visit(HTML / page, viewport)
    assert shown.complaints == []
    raw = shown.evaluate(
        "() => [...document.querySelectorAll('.math')]"
        ".filter(e => !e.querySelector('mjx-container')).map(e => e.textContent)"
    )
    assert raw == []
    assert shown.evaluate(FONTS_MISSING) == []
    assert shown.evaluate(ICONS_MISSING) == []
    assert weight(shown.files) < LIMIT
    assert shown.locator("[data-mml-node='merror']").count() == 0
    width = shown.evaluate("() => document.documentElement.scrollWidth")
    assert width <= viewport["width"], "the page scrolls sideways"
    assert shown.evaluate(CLIPPED) == [], "formulas in the text are cut off"


def scripts(html: str) -> set[str]:
    """Names of the scripts that a page asks for."""
    return {
        Path(urlsplit(s).path).name
        for s in re.findall(r'<script[^>]*src="(.*?)"', html)
    }


def test_only_pages_with_live_figures_load_their_scripts():
    pages = [(HTML / page).read_text(encoding="utf8") for page in PAGES]
    with_figures = [p for p in pages if 'class="mechanics-live"' in p]
    others = [p for p in pages if 'class="mechanics-live"' not in p]
    assert with_figures
    assert others
    common = set().union(*map(scripts, others))
    for page in with_figures:
        assert "player.js" in scripts(page) - common


def test_a_page_without_formulas_loads_no_mathematics():
    bibliography = HTML / "chapters" / "appendix" / "bibliography.html"
    chapter = HTML / "chapters" / "hamiltonian" / "from_lagrange_to_hamilton.html"
    assert "startup.js" in scripts(chapter.read_text(encoding="utf8"))
    assert "startup.js" not in scripts(bibliography.read_text(encoding="utf8"))


def test_solutions_open_with_the_keyboard(visit):
    shown = visit(HTML / "chapters" / "hamiltonian" / "from_lagrange_to_hamilton.html")
    solution = shown.locator(".solution").first
    button = solution.locator("button, summary").first
    hidden = solution.locator("p").nth(1)
    assert not hidden.is_visible()
    button.focus()
    shown.keyboard.press("Enter")
    hidden.wait_for(state="visible", timeout=3000)


def test_search_finds_a_word_offline(visit):
    shown = visit(HTML / "search.html")
    shown.goto((HTML / "search.html").as_uri() + "?q=Legendre")
    shown.locator("#search-results li").first.wait_for(timeout=10000)
    assert shown.complaints == []


def test_the_checks_see_a_broken_page(visit, tmp_path):
    """Control: a page with each defect is caught."""
    page = tmp_path / "broken.html"
    (tmp_path / "heavy.js").write_text("//" + LIMIT * "x")
    page.write_text(
        "<div style='width:2000px'>wide</div><img src='https://example.org/x.png'>"
        "<script>undefined_function()</script><script src='heavy.js'></script>"
        "<i class='fa-solid fa-unknown'></i>"
    )
    shown = visit(page, PHONE)
    shown.wait_for_timeout(300)
    text = " ".join(shown.complaints)
    assert "example.org" in text
    assert "undefined_function" in text
    assert weight(shown.files) > LIMIT
    assert shown.evaluate(ICONS_MISSING) == ["fa-solid fa-unknown"]
    assert shown.evaluate("() => document.documentElement.scrollWidth") > 390
