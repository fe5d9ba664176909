"""The pages for everybody: an audit of each of them, and work by keyboard alone.

The audit is axe-core's, of each page, with all its rules in the light theme and with
those that colours decide in the dark one. Before it, what would only repeat itself is
taken out, or a page would take a minute: the drawn parts of formulas and figures, which
assistive programs do not see (they read the MathML or the description), and the colours
of code but for one word of each.
"""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

HTML = Path(__file__).resolve().parent.parent / "_build" / "html"
PAGES = sorted(
    path.relative_to(HTML)
    for path in HTML.rglob("*.html")
    if "_static" not in path.parts and path != HTML / "index.html"
)
CHAPTER = HTML / "chapters" / "hamiltonian" / "from_lagrange_to_hamilton.html"
LIGHTEN = """() => {
  const drawings = 'mjx-container > mjx-math, .figure-drawing > *, .live-view svg > *';
  for (const drawn of document.querySelectorAll(drawings))
    drawn.remove();
  const seen = new Set();
  for (const word of document.querySelectorAll('.highlight pre span:not(:has(*))'))
    if (seen.has(word.className)) word.replaceWith(word.textContent);
    else seen.add(word.className);
}"""
ALL_RULES = {"resultTypes": ["violations"]}
COLOUR_RULES = ALL_RULES | {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
}
STYLE = "(e, what) => getComputedStyle(e)[what]"
TYPESET = "() => window.MathJax?.startup?.promise?.then(() => null)"


@pytest.fixture
def page(browser):
    """A page of a browser that has no network and remembers nothing."""
    context = browser.new_context(
        viewport={"width": 1200, "height": 900}, offline=True, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(120_000)  # the machine may be busy
    yield page
    context.close()


def visit(page, path: Path, theme: str = "light") -> None:
    """Open a page in a theme."""
    page.emulate_media(color_scheme=theme)
    page.goto(path.as_uri())
    page.evaluate(TYPESET)
    assert page.evaluate("document.documentElement.dataset.theme") == theme


def violations(page, rules) -> list[str]:
    """What keeps somebody from using a page: its serious and critical violations."""
    page.evaluate(LIGHTEN)
    answer = Axe().run(page, options=rules).response
    return [
        f"{found['impact']}: {found['help']}: {node['html'][:200]}"
        for found in answer["violations"]
        if found["impact"] in {"serious", "critical"}
        for node in found["nodes"]
    ]


@pytest.mark.parametrize("name", PAGES, ids=str)
def test_nothing_serious_is_found(page, name):
    visit(page, HTML / name)
    assert violations(page, ALL_RULES) == []
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert violations(page, COLOUR_RULES) == []


@pytest.mark.parametrize(
    ("rules", "defect", "problem"),
    [
        (ALL_RULES, "<button></button>", "Buttons must have discernible text"),
        (ALL_RULES, "<img src='data:,'>", "Images must have alternative text"),
        (COLOUR_RULES, "<p style='color: #888'>grey</p>", "color contrast"),
    ],
)
def test_the_audit_sees_a_defect(page, rules, defect, problem):
    """Control: the same audit, on a sound page with one thing put into it."""
    visit(page, HTML / "intro.html")
    assert violations(page, rules) == []
    page.evaluate(
        "h => document.querySelector('article').insertAdjacentHTML('beforeend', h)",
        defect,
    )
    assert any(problem in found for found in violations(page, rules))


def test_the_first_key_leads_past_the_navigation(page):
    visit(page, CHAPTER)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main-content")


def focus(page, selector: str) -> None:
    """Reach an element by the tabulator, as a reader without a mouse does."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    pytest.fail(f"the tabulator does not reach {selector}")


def test_the_theme_is_switched_by_keys(page):
    visit(page, CHAPTER)
    focus(page, ".theme-switch-button")
    seen = set()
    for _ in range(3):
        page.keyboard.press("Enter")
        seen.add(page.evaluate("document.documentElement.dataset.mode"))
    assert seen == {"light", "dark", "auto"}


def test_the_search_is_opened_and_left_by_keys(page):
    visit(page, CHAPTER)
    page.keyboard.press("Control+k")
    field = page.locator("dialog#pst-search-dialog input")
    field.wait_for(state="visible")
    assert field.evaluate("e => e === document.activeElement")
    page.keyboard.type("Legendre")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=Legendre")
    page.locator("#search-results li").first.wait_for()


def test_a_solution_is_reached_by_the_tabulator_and_opened(page):
    visit(page, CHAPTER)
    solution = page.locator(".solution").first
    hidden = solution.locator("p").nth(1)
    assert not hidden.is_visible()
    solution.evaluate("e => e.previousElementSibling.scrollIntoView()")
    solution.locator("button, summary").first.focus()
    page.keyboard.press("Enter")
    hidden.wait_for(state="visible")


def test_a_formula_wider_than_the_page_scrolls_by_keys(page):
    visit(page, CHAPTER)
    page.set_viewport_size({"width": 320, "height": 800})
    page.wait_for_timeout(200)
    wide = "mjx-container[display='true'][tabindex='0']"
    narrow = "mjx-container[display='true']:not([tabindex])"
    assert page.locator(wide).count() > 0
    assert page.locator(narrow).count() > 0
    box = page.locator(wide).first
    box.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert box.evaluate("e => e.scrollLeft") > 0
    page.set_viewport_size({"width": 1200, "height": 900})


def test_a_screen_reader_gets_each_formula_as_mathml(page):
    visit(page, CHAPTER)
    formulas = page.locator("mjx-container")
    assert formulas.count() > 100
    assert page.locator("mjx-container > mjx-assistive-mml math").count() == (
        formulas.count()
    )


def test_figures_follow_the_theme(page):
    """Letters and axes have the colour of the text, in both themes and on paper."""
    for theme in ("light", "dark"):
        visit(page, CHAPTER, theme)
        ink = page.locator("svg.figure-drawing").first.evaluate(STYLE, "fill")
        text = page.locator("article p").last.evaluate(STYLE, "color")
        assert ink == text
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    page.emulate_media(media="screen")


def test_paper_shows_the_solutions_and_no_navigation(page):
    visit(page, CHAPTER)
    page.emulate_media(media="print")
    assert page.locator(".solution p").nth(1).is_visible()
    assert not page.locator("#pst-primary-sidebar").is_visible()
    assert page.locator("article h1").is_visible()
    page.emulate_media(media="screen")
    assert not page.locator(".solution p").nth(1).is_visible()  # control
