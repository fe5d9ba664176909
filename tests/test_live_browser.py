"""Live figures as a reader meets them: by pointer, by keyboard, in print.

Each figure is alone in a page opened from the disk; the browser has no network.
"""

from functools import cache

import nbformat
import numpy as np
import pytest
import sympy as sp
from axe_playwright_python.sync_playwright import Axe
from nbconvert import HTMLExporter

from mechanics import models
from mechanics.figures import (
    Graph,
    LiveFigure,
    Motion,
    PhasePortrait,
    SectionView,
    Slider,
    TimeSeries,
    live,
)
from mechanics.numerics import (
    RUNGE_KUTTA_4,
    STORMER_VERLET,
    SYMPLECTIC_EULER,
    Crossings,
    FirstOrderSystem,
    integrate,
)
from mechanics.symbolic import HamiltonianSystem, legendre

PENDULUM = legendre(models.pendulum())
ALT = "The phase portrait of a pendulum, the pendulum, and its angle against time."
PORTRAIT = PhasePortrait("theta", "p_theta", xlim=(-3.2, 3.2), ylim=(-9, 9))
SWING = Motion(
    {"pivot": (0, 0), "bob": ("l*sin(theta)", "-l*cos(theta)")},
    lines=[("pivot", "bob")],
    trail=["bob"],
    xlim=(-2.1, 2.1),
    ylim=(-2.1, 2.1),
    drag={"theta": "atan2(X, -Y)"},
)
UNIT = {"m": 1, "g": 9.81, "l": 1}
RANDOM = np.random.default_rng(1)
CLOUD = (1 + 0.3 * RANDOM.uniform(-1, 1, (1, 2000)), RANDOM.uniform(-1, 1, (1, 2000)))


def pendulum(views=(PORTRAIT, SWING), **how):
    """A pendulum whose length the reader chooses."""
    params = {
        "m": 1,
        "g": 9.81,
        "l": Slider(0.5, 2, value=1, step=0.05, label="length"),
    }
    how = {"params": params, "dt": 0.01, "duration": 6, "speed": 1, "alt": ALT} | how
    return live(PENDULUM, ([1.2], [0.0]), views=views, **how)


@cache
def usual() -> LiveFigure:
    """The pendulum of most tests."""
    return pendulum()


class Shown:
    """A page with one figure or several, and what a reader does there."""

    def __init__(self, context, path, *figures, head="", before=""):
        html = "".join(figure._repr_html_() for figure in figures)
        path.write_text(
            f"<!doctype html><html lang=en data-theme=light><head><meta charset=utf-8>"
            f"<title>A page</title>{head}</head><body><main><h1>A page</h1>{before}"
            f"{html}</main></body></html>",
            "utf8",
        )
        self.page = context.new_page()
        self.complaints = []
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))
        self.page.on("console", lambda m: self.complaints.append(m.text))
        self.page.goto(path.as_uri())
        self.page.wait_for_function(
            "window.mechanicsLive?.figures?.every(f => f.now && f.complete) ?? true"
        )

    def ask(self, expression, figure=0):
        """Evaluate an expression about a figure ``f`` and its record ``r``."""
        return self.page.evaluate(
            f"() => {{ const f = mechanicsLive.figures[{figure}], r = f.record; "
            f"return {expression}; }}"
        )

    def settle(self):
        """Wait until the whole motion is computed and drawn."""
        self.page.wait_for_function(
            "mechanicsLive.figures.every(f => f.complete && (f.playing || !f.waiting))"
        )

    def column(self, j):
        self.settle()
        values = self.ask(f"Array.from({{length: r.count}}, (_, k) => r.at(k, {j}))")
        return np.array(values)

    def start(self):
        return self.ask("[...f.start]")

    def pixels(self, view=0, layer="back"):
        self.settle()
        return self.ask(f"f.views[{view}].{layer}.canvas.toDataURL()")

    def drawn(self, view=0, layer="back"):
        """How many pixels of a layer are not empty."""
        self.settle()
        return self.ask(
            f"f.views[{view}].{layer}.getImageData(0, 0, 1000, 1000).data"
            ".filter((a, k) => k % 4 === 3 && a > 0).length"
        )


@pytest.fixture(scope="module")
def contexts(browser):
    made = []

    def make(**how):
        made.append(browser.new_context(offline=True, **how))
        return made[-1]

    yield make
    for context in made:
        context.close()


@pytest.fixture
def show(contexts, tmp_path):
    shown = []

    def show(*figures, head="", before="", **how):
        context = contexts(**({"viewport": {"width": 900, "height": 900}} | how))
        shown.append(
            Shown(context, tmp_path / "page.html", *figures, head=head, before=before)
        )
        return shown[-1]

    yield show
    for one in shown:
        assert one.complaints == []


# The motion ---------------------------------------------------------------------------


def test_the_curve_is_pythons_trajectory(show):
    shown = show(usual())
    run = integrate(PENDULUM, ([1.2], [0.0]), params=UNIT, dt=0.01, steps=600)
    for column, name in enumerate(("theta", "p_theta")):
        found = shown.column(column)
        assert len(found) == 601
        np.testing.assert_allclose(found, run[name], rtol=0, atol=1e-10 * np.ptp(found))
    # control: another method's trajectory is another
    other = integrate(
        PENDULUM, ([1.2], [0.0]), params=UNIT, dt=0.01, steps=600, method=RUNGE_KUTTA_4
    )
    assert np.abs(shown.column(0) - other["theta"]).max() > 1e-5


def test_a_cloud_moves_as_in_python(show):
    shown = show(
        pendulum(
            [PhasePortrait("theta", "p_theta", xlim=(-3, 3), ylim=(-9, 9), cloud=CLOUD)]
        )
    )
    shown.ask("f.goTo(3)")
    shown.settle()
    found = np.reshape(shown.ask("[...f.views[0].cloud.z]"), (2, 2000))
    run = integrate(PENDULUM, CLOUD, params=UNIT, dt=0.01, steps=300, save="end")
    np.testing.assert_allclose(found, run.end, atol=2e-5)  # seven digits are sent
    assert np.abs(found - np.concatenate(CLOUD)).max() > 0.5  # control: it has moved


def test_a_section_is_pythons(show):
    system = legendre(models.henon_heiles())
    start = ([0.0, 0.1], ["sqrt(2*E - 0.01 + 0.002/3)", 0])
    view = SectionView("x", +1, "y", "p_y", xlim=(-0.6, 0.8), ylim=(-0.6, 0.6))
    shown = show(
        live(
            *(system, start), params={"E": 0.1}, dt=0.05, duration=300, views=view,
            methods=(STORMER_VERLET,), alt="A section of the Hénon-Heiles system.",
        )
    )  # fmt: skip
    shown.settle()
    found = np.reshape(shown.ask("f.views[0].orbits[0].points"), (-1, 2))
    initial = ([0.0, 0.1], [np.sqrt(0.2 - 0.01 + 0.002 / 3), 0.0])
    section = integrate(
        *(system, initial), dt=0.05, steps=6000,
        save=Crossings(system.q[0], direction=+1),
    )  # fmt: skip
    expected = np.stack([section["y"], section["p_y"]], axis=1)
    assert len(found) == len(expected) > 40
    # a cubic curve over a step of 0.05 against the integrator itself
    np.testing.assert_allclose(found, expected, atol=2e-5)
    coarse = np.abs(expected).max() / len(expected)
    assert np.abs(found - np.roll(expected, 1, axis=0)).max() > coarse  # control


def test_a_family_of_starts_fills_the_section(show):
    system = legendre(models.henon_heiles())
    momentum = "sqrt(2*E - Y**2 - X**2 + 2*X**3/3)"
    drag = {"x": 0, "y": "X", "p_y": "Y", "p_x": momentum}
    view = SectionView(
        *("x", +1, "y", "p_y"), xlim=(-0.6, 0.8), ylim=(-0.6, 0.6), drag=drag,
        starts=[(0.2, 0), (0, 0.3), (0, 2)],
    )  # fmt: skip
    shown = show(
        live(
            system, ([0.0, 0.1], [0.4, 0]), params={"E": Slider(0.05, 0.16, value=0.1)},
            dt=0.05, duration=200, views=view, methods=(STORMER_VERLET,),
            alt="A section of the Hénon-Heiles system with several orbits.",
        )
    )  # fmt: skip

    def family():
        shown.page.wait_for_function(
            "mechanicsLive.figures[0].views[0].family"
            ".every(o => o.n === 3999 || !o.z.every(Number.isFinite))"
        )
        orbits = shown.ask("f.views[0].family.map(o => o.points)")
        return [np.reshape(points, (-1, 2)) for points in orbits]

    first, second, outside = family()
    assert len(outside) == 0  # no state of this energy
    for points, (y, p_y) in ((first, (0.2, 0.0)), (second, (0.0, 0.3))):
        p_x = np.sqrt(0.2 - p_y**2 - y**2 + 2 * y**3 / 3)
        section = integrate(
            *(system, ([0.0, y], [p_x, p_y])), dt=0.05, steps=3999,
            save=Crossings(system.q[0], direction=+1),
        )  # fmt: skip
        expected = np.stack([section["y"], section["p_y"]], axis=1)
        np.testing.assert_allclose(points, expected, atol=2e-5)
    shown.page.get_by_label("E", exact=True).fill("0.15")
    assert np.abs(family()[0][:9] - first[:9]).max() > 0.01  # the whole family follows


def test_a_map_shows_every_step(show):
    q, p, K = sp.symbols("q p K", real=True)
    kicked = HamiltonianSystem(p**2 / 2 + K * sp.cos(q), (q,), (p,))
    turn = 2 * np.pi
    view = PhasePortrait(
        *("q", "p"), xlim=(0, turn), ylim=(-np.pi, np.pi),
        wrap=(turn, turn), points=True, contours=False,
    )  # fmt: skip
    shown = show(
        live(
            *(kicked, ([2.0], [1.5])), params={"K": Slider(0, 2, value=0.9)}, dt=1,
            duration=100, methods=(SYMPLECTIC_EULER,), views=view,
            alt="The standard map, with islands and chaotic bands.",
        )
    )  # fmt: skip
    q_n, p_n = 2.0, 1.5
    found = np.stack([shown.column(0), shown.column(1)], axis=1)
    for point in found:
        np.testing.assert_allclose(point, (q_n, p_n), atol=1e-9)
        p_n += 0.9 * np.sin(q_n)
        q_n += p_n
    assert len(found) == 101
    assert shown.drawn() > 150  # dots of the size of two pixels


def test_curves_of_constant_energy_follow_the_parameters(show):
    shown = show(pendulum([PORTRAIT]))
    across = shown.ask("f.views[0].levels.length")
    assert across > 300

    def spread():
        """Energies at the middles of the segments, in units of all energies."""
        segments = (
            np.array(shown.ask("f.views[0].levels")).reshape(-1, 2, 2).mean(axis=1)
        )
        theta = -3.2 + 6.4 * segments[:, 0] / 96
        p = -9 + 18 * segments[:, 1] / 72
        length = shown.ask("f.c[f.spec.sliders[0].place]")
        energy = p**2 / (2 * length**2) - 9.81 * length * np.cos(theta)
        levels = np.unique(np.round(energy, 1))
        return len(levels) / len(energy)

    assert spread() < 0.6  # nine levels, each blurred by the grid
    before = shown.pixels()
    shown.page.get_by_label("length").fill("2")
    shown.settle()
    assert shown.pixels() != before
    assert spread() < 0.6


# What the reader does -----------------------------------------------------------------


def test_a_slider_changes_the_curve(show):
    shown = show(usual())
    before, angle = shown.pixels(), shown.column(0)
    slider = shown.page.get_by_label("length")
    slider.focus()
    for _ in range(10):
        shown.page.keyboard.press("ArrowRight")
    assert shown.pixels() != before
    run = integrate(
        PENDULUM, ([1.2], [0.0]), params=UNIT | {"l": 1.5}, dt=0.01, steps=600
    )
    np.testing.assert_allclose(shown.column(0), run["theta"], atol=1e-10)
    assert np.abs(angle - run["theta"]).max() > 0.1
    assert slider.get_attribute("aria-valuetext") == "1.50"


def test_the_point_can_be_dragged(show):
    shown = show(usual())
    handle = shown.page.locator(".live-handle").first
    before, box = shown.pixels(), handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    shown.page.mouse.move(x, y)
    shown.page.mouse.down()
    shown.page.mouse.move(x - 40, y - 30, steps=5)
    shown.page.mouse.up()
    theta, p = shown.start()
    assert theta < 1.0
    assert p > 1.0
    assert shown.pixels() != before
    assert abs(shown.column(0)[0] - theta) < 1e-14
    moved = handle.bounding_box()  # the handle lies under the pointer
    assert abs(moved["x"] + moved["width"] / 2 - (x - 40)) < 2
    assert abs(moved["y"] + moved["height"] / 2 - (y - 30)) < 2


def test_the_mass_can_be_dragged(show):
    shown = show(usual())
    mass = shown.page.locator(".live-handle").nth(1)
    box = mass.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    shown.page.mouse.move(x, y)
    shown.page.mouse.down()
    shown.page.mouse.move(x + 5, y - 60, steps=5)
    shown.page.mouse.up()
    theta, p = shown.start()
    assert theta > 1.6
    assert p == 0
    after = mass.bounding_box()  # on its circle, in the direction of the pointer
    assert after["y"] < box["y"] - 20


def test_a_click_elsewhere_starts_there(show):
    shown = show(usual())
    box = shown.page.locator(".live-axes").first.bounding_box()
    shown.page.mouse.click(
        box["x"] + 0.5 * box["width"], box["y"] + 0.25 * box["height"]
    )
    theta, p = shown.start()
    assert abs(theta) < 0.05
    assert abs(p - 4.5) < 0.15


def test_arrow_keys_move_the_point(show):
    shown = show(usual())
    shown.page.locator(".live-handle").first.focus()
    for key, theta, p in (
        ("ArrowLeft", 1.2 - 0.064, 0),
        ("Shift+ArrowUp", 1.2 - 0.064, 1.8),
        ("ArrowRight", 1.2, 1.8),
        ("ArrowDown", 1.2, 1.8 - 0.18),
    ):
        shown.page.keyboard.press(key)
        np.testing.assert_allclose(shown.start(), (theta, p), atol=1e-12)
    label = shown.page.locator(".live-handle").first.get_attribute("aria-label")
    assert "θ = 1.20" in label
    assert "pθ = 1.62" in label
    said = shown.page.locator(".live-announcement")
    shown.page.wait_for_timeout(800)
    assert "θ = 1.20" in said.text_content()
    assert "energy" in said.text_content()


def test_the_keyboard_reaches_everything(show):
    shown = show(usual())
    reached = []
    for _ in range(7):
        shown.page.keyboard.press("Tab")
        reached.append(
            shown.page.evaluate(
                "[document.activeElement.tagName, document.activeElement.className, "
                "document.activeElement.textContent].join(' ')"
            )
        )
    text = " ".join(reached)
    assert text.count("live-handle") == 2
    assert text.count("INPUT") == 2  # length and time
    assert all(word in text for word in ("Play", "Reset", "SELECT"))


def test_play_pause_reset(show):
    shown = show(usual())
    play = shown.page.get_by_role("button", name="Play")
    play.focus()
    shown.page.keyboard.press("Space")
    shown.page.wait_for_function("mechanicsLive.figures[0].time > 0.2")
    front = shown.ask("f.views[0].front.canvas.toDataURL()")
    shown.page.wait_for_function("mechanicsLive.figures[0].time > 0.5")
    assert shown.ask("f.views[0].front.canvas.toDataURL()") != front
    shown.page.get_by_role("button", name="Pause").click()
    stopped = shown.ask("f.time")
    shown.page.wait_for_timeout(200)
    assert shown.ask("f.time") == stopped
    shown.page.get_by_label("length").fill("1.5")
    shown.page.get_by_role("button", name="Reset").click()
    assert shown.ask("[f.time, f.c[f.spec.sliders[0].place]]") == [0, 1]


def test_the_motion_goes_on_beyond_the_duration(show):
    shown = show(pendulum(speed=40))
    shown.page.get_by_role("button", name="Play").click()
    shown.page.wait_for_function("mechanicsLive.figures[0].time > 30")
    shown.page.get_by_role("button", name="Pause").click()
    row = shown.ask("r.rows - 1")
    last = shown.ask("[r.at(r.count - 1, 0), r.at(r.count - 1, 1)]")
    run = integrate(
        PENDULUM, ([1.2], [0.0]), params=UNIT, dt=0.01, steps=row, save="end"
    )
    np.testing.assert_allclose(last, run.end, atol=1e-10)
    assert shown.ask("r.count <= 2 * r.window")  # it does not grow for ever


def test_with_an_axis_of_time_the_motion_ends(show):
    shown = show(pendulum([TimeSeries("theta", ylim=(-2, 2))], speed=40))
    shown.page.get_by_role("button", name="Play").click()
    shown.page.get_by_role("button", name="Play").wait_for()
    assert shown.ask("f.time") == pytest.approx(6)


def test_another_method_is_another_curve(show):
    shown = show(pendulum(dt=Slider(0.01, 0.2), duration=60))
    shown.page.get_by_role("slider", name="step").fill("0.2")
    drift = {}
    for method in ("Störmer-Verlet", "Runge-Kutta 4"):
        shown.page.get_by_label("method").select_option(method)
        energy = shown.column(shown.ask("f.spec.readouts[0].column"))
        quarter = len(energy) // 4
        drift[method] = abs(energy[-quarter:].mean() - energy[:quarter].mean())
    assert drift["Runge-Kutta 4"] > 10 * drift["Störmer-Verlet"]


def test_nothing_moves_by_itself(show):
    for motion in ("reduce", "no-preference"):
        shown = show(usual(), reduced_motion=motion)
        first = shown.page.locator(".mechanics-live").screenshot()
        shown.page.wait_for_timeout(400)
        assert shown.page.locator(".mechanics-live").screenshot() == first
        assert shown.ask("f.playing || f.waiting") is False


def test_a_start_without_a_state_is_refused(show):
    drag = {"theta": "X", "p_theta": "sqrt(1 - X**2)"}
    view = PhasePortrait("theta", "p_theta", xlim=(-2, 2), ylim=(-9, 9), drag=drag)
    shown = show(pendulum([view]))
    before = shown.start()
    box = shown.page.locator(".live-axes").bounding_box()
    shown.page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 9)  # X = 1.6
    assert shown.start() == before
    assert "No state" in shown.page.locator(".live-message").text_content()
    shown.page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + 9)  # X = 0.4
    assert shown.start() == pytest.approx([0.4, np.sqrt(1 - 0.16)], abs=0.02)
    assert shown.page.locator(".live-message").text_content() == ""


# When the motion fails ----------------------------------------------------------------


def test_a_motion_that_runs_away_stops_with_a_message(show):
    x, a = sp.symbols("x a", real=True)
    runaway = FirstOrderSystem((x,), (a * x**2 + 0 * x,))
    shown = show(
        live(
            runaway, [1.0], params={"a": Slider(0.1, 1, value=0.1)}, dt=0.01,
            duration=5, methods=(RUNGE_KUTTA_4,), views=TimeSeries("x", ylim=(0, 10)),
            alt="A quantity that grows ever faster, against time.",
        )
    )  # fmt: skip
    message = shown.page.locator(".live-message")
    assert message.text_content() == ""
    shown.page.get_by_label("a", exact=True).fill("1")
    shown.settle()
    text = message.text_content()  # the solution 1/(1 - t) ends at t = 1
    assert "not finite at t = 1.0" in text
    assert "smaller step" in text
    shown.page.get_by_role("button", name="Play").click()
    shown.page.get_by_role("button", name="Play").wait_for()  # it stops by itself
    assert shown.ask("f.time") <= 1.05
    shown.page.get_by_label("a", exact=True).fill("0.1")
    shown.settle()
    assert message.text_content() == ""


# The page -----------------------------------------------------------------------------


def test_print_shows_the_static_picture(show):
    shown = show(usual())
    static = shown.page.locator("svg .live-moving").first
    assert not static.is_visible()
    shown.page.emulate_media(media="print")
    assert static.is_visible()
    assert not shown.page.get_by_role("button", name="Play").is_visible()
    assert not shown.page.locator("canvas").first.is_visible()


def test_without_javascript_the_picture_remains(contexts, tmp_path):
    context = contexts(java_script_enabled=False)
    path = tmp_path / "page.html"
    path.write_text(f"<!doctype html>{usual()._repr_html_()}", "utf8")
    page = context.new_page()
    page.goto(path.as_uri())
    assert page.locator("svg .live-moving").count() > 3
    assert page.locator("svg .live-moving").first.is_visible()
    assert page.get_by_role("img", name=ALT).is_visible()
    assert page.locator("button, input").count() == 0


def test_static_and_live_pictures_lie_on_each_other(show):
    """The marker of the start is where Matplotlib has drawn it."""
    shown = show(pendulum([PORTRAIT]))
    handle = shown.page.locator(".live-handle").bounding_box()
    shown.page.emulate_media(media="print")
    marker = shown.page.locator("svg .live-moving").last.bounding_box()
    for axis, length in (("x", "width"), ("y", "height")):
        centre = marker[axis] + marker[length] / 2
        assert abs(handle[axis] + handle[length] / 2 - centre) < 1


@pytest.mark.parametrize("width", [1200, 390])
def test_figures_fit_the_page(show, width):
    head = '<meta name="viewport" content="width=device-width">'
    shown = show(
        pendulum([PORTRAIT, SWING, TimeSeries("theta", "p_theta", ylim=(-9, 9))]),
        head=head,
        viewport={"width": width, "height": 844},
    )
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= width
    scale = shown.page.evaluate(
        "[...document.querySelectorAll('svg')].map(s => "
        "s.getBoundingClientRect().width / s.viewBox.baseVal.width)"
    )
    assert min(scale) * 12 > 10.5  # letters of 12 points, in pixels


def test_several_figures_do_not_disturb_each_other(show):
    figure = usual()
    before = "<script>window.names = new Set(Object.keys(window))</script>"
    shown = show(figure, figure, pendulum([PORTRAIT]), before=before)
    assert shown.page.evaluate("mechanicsLive.figures.length") == 3
    new = shown.page.evaluate("Object.keys(window).filter(name => !names.has(name))")
    assert set(new) <= {"mechanicsLive", "names"}
    shown.page.get_by_label("length").nth(1).fill("2")
    shown.settle()
    lengths = [shown.ask("f.c[f.spec.sliders[0].place]", k) for k in range(3)]
    assert lengths == [1, 2, 1]
    ids = shown.page.evaluate("[...document.querySelectorAll('input')].map(e => e.id)")
    assert len(set(ids)) == len(ids) == 6


def test_an_exported_notebook_works(contexts, tmp_path):
    cells = [
        nbformat.v4.new_code_cell(
            "live(...)",
            outputs=[
                nbformat.v4.new_output(
                    "execute_result",
                    data=usual()._repr_mimebundle_(),
                    execution_count=n,
                )
            ],
        )
        for n in (1, 2)
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    html, _ = HTMLExporter().from_notebook_node(notebook)
    path = tmp_path / "notebook.html"
    path.write_text(html, "utf8")
    page, errors = contexts().new_page(), []
    page.on("pageerror", lambda e: errors.append(str(e)))
    page.goto(path.as_uri())
    page.wait_for_function("mechanicsLive.figures.length === 2")
    page.get_by_role("button", name="Play").first.click()
    page.wait_for_function("mechanicsLive.figures[0].time > 0.1")
    assert page.evaluate("mechanicsLive.figures[1].time") == 0
    assert errors == []


def test_the_theme_changes_the_colours(show):
    shown = show(
        pendulum([PORTRAIT]), head="<style>[data-theme=dark] {color: white}</style>"
    )
    light = shown.pixels()
    shown.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    shown.page.wait_for_timeout(100)
    assert shown.ask("f.colours.ink") == "rgb(255, 255, 255)"
    assert shown.pixels() != light


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessibility(show, theme):
    head = "<style>[data-theme=dark] {color: #ced6dd; background: #121212}</style>"
    shown = show(usual(), head=head)
    shown.page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    found = Axe().run(shown.page).response["violations"]
    assert [v for v in found if v["impact"] in ("serious", "critical")] == []


def test_a_frame_does_no_more_than_its_time_asks_for(show):
    """Each frame of a cloud advances each member by the steps of that frame alone."""
    view = PhasePortrait("theta", "p_theta", xlim=(-3, 3), ylim=(-9, 9), cloud=CLOUD)
    shown = show(pendulum([view]))
    shown.ask(
        """(() => {
            const method = f.spec.methods[0], original = method.advance;
            f.work = 0;
            method.advance = (z, number, c, t0, h, begin, steps, seed) => {
                f.work += number * steps;
                return original(z, number, c, t0, h, begin, steps, seed);
            };
            f.toggle();
        })()"""
    )
    shown.page.wait_for_function("mechanicsLive.figures[0].time > 2")
    shown.ask("f.pause()")
    work, steps = shown.ask("f.work"), shown.ask("f.views[0].cloud.n")
    assert 200 <= steps < 400
    assert work == 2000 * steps


def test_a_graph_is_its_formula(show):
    view = Graph(["A*cos(x - t)", "A*x"], "x", (0, 6), ylim=(-7, 7))
    shown = show(
        live(
            None, params={"A": Slider(0, 1, value=0.5)}, duration=6, views=view,
            alt="A wave that travels to the right, and a line.",
        )
    )  # fmt: skip
    values = shown.ask("f.spec.views[0].curves([0], 2, [0.5], [], [3])")
    np.testing.assert_allclose(values, [0.5 * np.cos(1), 1.5], rtol=1e-14)
    before = shown.pixels()
    shown.page.get_by_label("A", exact=True).fill("1")
    assert shown.pixels() != before
    before = shown.pixels()
    shown.page.get_by_label("time").fill("3")
    assert shown.pixels() != before
