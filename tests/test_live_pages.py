"""Every live figure of the built book does what it invites its reader to do.

The pages are opened from the disk, without a network. Whether the curves are right is
the subject of test_javascript and test_live_browser; here each slider and each handle
of each figure must change what is seen.
"""

from pathlib import Path

import pytest

HTML = Path(__file__).resolve().parent.parent / "_build" / "html"
PAGES = sorted(
    path.relative_to(HTML)
    for path in HTML.rglob("*.html")
    if 'class="live-view' in path.read_text(encoding="utf8")
)
READY = """k => {
  const f = window.mechanicsLive?.figures?.[k];
  return f?.now && f.complete && !f.waiting && !f.playing;
}"""
SEEN = """k => {
  const f = mechanicsLive.figures[k];
  const layers = f.views.flatMap(v => [v.back, v.front]).filter(Boolean);
  return JSON.stringify([layers.map(l => l.canvas.toDataURL()), [...(f.now ?? [])]]);
}"""
DRAWN = "() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 30)))"


class Figure:
    """One figure of a page, and what is seen of it."""

    def __init__(self, page, k):
        self.page, self.k = page, k
        self.root = page.evaluate_handle(f"mechanicsLive.figures[{k}].root")
        self.root.as_element().scroll_into_view_if_needed()

    def seen(self):
        """Wait until all is drawn; return the pixels and the state shown.

        The dots of several orbits lie over one another in the order in which they were
        found. So all is drawn anew at the end.
        """
        self.page.evaluate(DRAWN)
        self.page.wait_for_function(READY, arg=self.k)
        self.page.evaluate("k => mechanicsLive.figures[k].recolour()", self.k)
        self.page.wait_for_function(READY, arg=self.k)
        return self.page.evaluate(SEEN, self.k)

    def parts(self, selector):
        return self.root.as_element().query_selector_all(selector)

    def sliders(self):
        """The sliders of parameters; that of the time is not one."""
        places = f"mechanicsLive.figures[{self.k}].sliders.length"
        return self.parts("input[type=range]")[: self.page.evaluate(places)]

    def state(self):
        """The parameters, the step and the state that is shown."""
        return self.page.evaluate(
            "k => { const f = mechanicsLive.figures[k]; "
            "return [[...f.c], f.dt, f.time, [...(f.now ?? [])]]; }",
            self.k,
        )

    def later(self):
        """Go to a time at which the parameters have had an effect."""
        self.page.evaluate(
            "k => { const f = mechanicsLive.figures[k]; "
            "if (f.clock) f.goTo(0.37 * f.spec.duration); }",
            self.k,
        )
        return self.seen()

    def reset(self):
        [button] = [b for b in self.parts("button") if b.text_content() == "Reset"]
        button.click()


@pytest.fixture(scope="module")
def window(browser):
    """A browser window without a network; all complaints are kept."""
    context = browser.new_context(
        viewport={"width": 1200, "height": 900}, offline=True, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(120_000)  # the machine may be busy
    page.complaints = []
    page.on("pageerror", lambda e: page.complaints.append(str(e)))
    page.on(
        "console",
        lambda m: m.type == "error" and page.complaints.append(m.text),
    )
    yield page
    context.close()


def test_there_are_live_figures():
    assert len(PAGES) > 10


@pytest.mark.parametrize("name", PAGES, ids=str)
def test_sliders_and_handles_change_what_is_seen(window, name):
    window.complaints.clear()
    window.goto((HTML / name).as_uri())
    window.wait_for_function("window.mechanicsLive?.figures?.length")
    for k in range(window.evaluate("mechanicsLive.figures.length")):
        figure = Figure(window, k)
        start, state = figure.seen(), figure.state()
        assert figure.seen() == start  # control: nothing changes by itself
        inviting = 0
        for slider in figure.sliders():
            before = figure.later()
            middle = slider.evaluate("s => Number(s.min) + Number(s.max)") / 2
            low = float(slider.input_value()) < middle
            slider.focus()
            window.keyboard.press("End" if low else "Home")
            assert figure.seen() != before, slider.get_attribute("id")
            figure.reset()
            inviting += 1
        for handle in figure.parts(".live-handle"):
            before = figure.later()
            box = handle.bounding_box()
            x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
            window.mouse.move(x, y)
            window.mouse.down()
            window.mouse.move(x + 12, y - 14, steps=3)
            window.mouse.up()
            assert figure.seen() != before, handle.get_attribute("aria-label")
            figure.reset()
            inviting += 1
        assert inviting
        assert figure.seen() == start  # as at first, after Reset
        assert figure.state() == state
    assert window.complaints == []
