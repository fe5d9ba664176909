"""What a live figure is told in Python: what it accepts, refuses, and draws."""

import re
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest
import sympy as sp

from live_figures import link_player
from mechanics import models
from mechanics.figures import (
    Graph,
    Motion,
    PhasePortrait,
    SectionView,
    Slider,
    TimeSeries,
    live,
)
from mechanics.figures.live.labels import html_label
from mechanics.figures.live.page import PLAYER, SHARED
from mechanics.numerics import (
    UnknownFunctionError,
    UnsuitableMethodError,
    integrate,
)
from mechanics.symbolic import HamiltonianSystem, legendre

PENDULUM = legendre(models.pendulum())
UNIT = {"m": 1, "g": 9.81, "l": 1}
PORTRAIT = PhasePortrait("theta", "p_theta", xlim=(-3, 3), ylim=(-9, 9))
ALT = "The phase portrait of a pendulum with its motion."
x, p, a = sp.symbols("x p a", real=True)


def pendulum(**how):
    given = {
        "initial": ([1.0], [0.0]),
        "params": UNIT,
        "dt": 0.01,
        "duration": 3,
        "views": PORTRAIT,
        "alt": ALT,
    }
    return live(PENDULUM, **(given | how))


# Bad input ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"alt": ""}, "alt = '' must say what the figure shows"),
        ({"alt": "a figure"}, "at least 20 letters"),
        ({"params": {"m": 1, "g": 1}}, "no value for l"),
        (
            {"params": UNIT | {"k": 1}},
            "k, which neither the system nor a view contains",
        ),
        ({"params": UNIT | {"theta": 1}}, "theta, which is no parameter but follows"),
        ({"params": UNIT | {"m": "heavy"}}, "parameter m is 'heavy'; give a number"),
        ({"params": UNIT | {"m": np.nan}}, "parameter m is not finite"),
        (
            {"params": UNIT | {"l": Slider(0, 2)}},
            "not finite for l = 0.*narrow the range",
        ),
        ({"params": UNIT | {"m": 0}}, "not finite at its start"),
        ({"initial": ([1.0, 2.0], [0.0])}, r"must hold the lists q \(1\), p \(1\)"),
        ({"initial": ([1.0], ["sqrt(-m)"])}, "not finite at its start"),
        ({"initial": ([1.0], ["p_theta"])}, "contains p_theta; known here are g, l, m"),
        ({"initial": ([1.0], ["1 +"])}, "'1 \\+' is no formula"),
        ({"dt": None}, "needs a step dt"),
        ({"dt": -0.1}, "dt = -0.1 is no step of a duration of 3"),
        ({"dt": 5}, "dt = 5.0 is no step"),
        ({"duration": np.inf}, "duration is not finite"),
        ({"views": []}, "views holds nothing"),
        ({"views": ["theta"]}, r"views holds \['theta'\]; give PhasePortrait"),
        ({"methods": ()}, "methods is empty"),
        ({"readouts": {"work": "W"}}, "W contains W; known here are theta, p_theta"),
    ],
)
def test_bad_input_is_refused_with_a_remedy(how, message):
    with pytest.raises(ValueError, match=message):
        pendulum(**how)


@pytest.mark.parametrize(
    ("view", "message"),
    [
        (TimeSeries("phi", ylim=(0, 1)), "phi contains phi; known here are theta"),
        (TimeSeries("theta", ylim=(1, 0)), r"ylim = \(1, 0\) of a TimeSeries"),
        (
            PhasePortrait("theta", "l*p_theta", (-1, 1), (-1, 1), contours=True),
            "curves of constant energy need a system with one degree of freedom",
        ),
        (
            PhasePortrait("theta", "p_theta", (-1, 1), (-1, 1), cloud=np.ones((1, 5))),
            r"the cloud has the shapes \[\(5,\)\]; it needs q \(1, N\), p \(1, N\)",
        ),
        (
            PhasePortrait("theta", "p_theta", (-1, 1), (-1, 1), drag={"phi": "X"}),
            "drag sets phi, which is none of the variables theta, p_theta",
        ),
        (
            Motion({"bob": ("theta", 0)}, (-1, 1), (-1, 1), lines=[("bob", "pivot")]),
            "the point pivot is not among the points bob",
        ),
        (SectionView("theta", 2, "theta", "p_theta", (0, 1), (0, 1)), "direction = 2"),
        (Graph(["s", "s**2"], "s", (0, 1), (0, 1), labels=["one"]), "1 labels for 2"),
        (Graph("k*s", "s", (0, 1), (0, 1)), "contains k; known here are"),
    ],
)
def test_a_view_that_does_not_fit_is_refused(view, message):
    with pytest.raises(ValueError, match=message):
        pendulum(views=view)


def test_sliders_know_their_ranges():
    assert Slider(0, 1).value == 0.5
    for bad in ((1, 0), (0, np.inf), (1, 1)):
        with pytest.raises(ValueError, match="no range"):
            Slider(*bad)
    with pytest.raises(ValueError, match="outside its range"):
        Slider(0, 1, value=-0.1)
    with pytest.raises(ValueError, match="does not fit"):
        Slider(0, 1, step=2)


def test_an_empty_time_series_is_none():
    with pytest.raises(ValueError, match="needs an expression"):
        TimeSeries(ylim=(0, 1))
    with pytest.raises(ValueError, match="2 labels for 1 expressions"):
        TimeSeries("x", ylim=(0, 1), labels=["a", "b"])


def test_a_function_that_javascript_lacks_is_refused():
    bessel = HamiltonianSystem(p**2 / 2 + sp.besselj(0, x), (x,), (p,))
    view = PhasePortrait("x", "p", (-1, 1), (-1, 1))
    with pytest.raises(UnknownFunctionError, match="besselj"):
        live(bessel, ([1.0], [0.0]), dt=0.1, duration=1, views=view, alt=ALT)


def test_a_method_that_does_not_fit_is_refused():
    mixed = HamiltonianSystem(p**2 * x**2 / 2, (x,), (p,))
    view = TimeSeries("x", ylim=(0, 1))
    with pytest.raises(UnsuitableMethodError, match="needs the flow kick"):
        live(mixed, ([1.0], [0.0]), dt=0.1, duration=1, views=view, alt=ALT)


# What is accepted ---------------------------------------------------------------------


def test_symbols_are_known_by_their_names():
    """An expression with other assumptions, or as text, is the same expression."""
    theta = sp.Symbol("theta")
    for angle in ("2*theta", 2 * theta, 2 * PENDULUM.q[0]):
        figure = pendulum(views=TimeSeries(angle, ylim=(-3, 3)))
        z = figure.model.equations.state
        assert figure.model.columns[0] == 2 * z[0]


def test_an_initial_value_may_be_a_slider_or_a_formula():
    figure = pendulum(
        initial=([Slider(0, 2, value=1)], ["k*m"]), params=UNIT | {"k": Slider(0, 4)}
    )
    np.testing.assert_allclose(figure.model.initial(), [1, 2])
    labels = [slider["label"] for slider in figure.specification["sliders"]]
    assert labels == ["<i>k</i>", "initial <i>θ</i>"]


def test_an_expression_may_contain_the_energy():
    figure = pendulum(views=TimeSeries("2*energy", ylim=(0, 1)))
    expected = 2 * 9.81 * (1 - np.cos(1.0))
    assert figure.scene.columns[0][0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "html"),
    [
        ("p_theta", "<i>p</i><sub>θ</sub>"),
        ("thetadot_1", "<i>θ\u0307</i><sub>1</sub>"),
        ("energy", "energy"),
        ("a < b", "a &lt; b"),
        ("l", "<i>l</i>"),
    ],
)
def test_names_are_typeset(name, html):
    assert html_label(name) == html


# Static pictures ----------------------------------------------------------------------


def test_the_static_curve_is_the_trajectory():
    figure = pendulum().static()
    run = integrate(PENDULUM, ([1.0], [0.0]), params=UNIT, dt=0.01, steps=300)
    [curve] = [line for line in figure.axes[0].lines if len(line.get_xdata()) > 1]
    np.testing.assert_allclose(curve.get_xydata(), run.states)


def test_an_angle_that_is_wrapped_leaves_gaps():
    view = PhasePortrait("theta", "p_theta", (-np.pi, np.pi), (-9, 9), wrap=2 * np.pi)
    turning = pendulum(initial=([0.0], [8.0]), views=view).static()
    [curve] = [line for line in turning.axes[0].lines if len(line.get_xdata()) > 1]
    theta = curve.get_xdata()
    assert np.nanmax(np.abs(theta)) <= np.pi
    assert np.isnan(theta).sum() >= 2  # turns
    assert np.nanmax(np.abs(np.diff(theta))) < 0.5  # no line across the picture


def test_each_picture_is_whole_and_follows_the_theme():
    html = pendulum(views=[PORTRAIT, TimeSeries("theta", ylim=(-3, 3))])._repr_html_()
    pictures = re.findall(r"<svg .*?</svg>", html, re.DOTALL)
    assert len(pictures) == 2
    for picture in pictures:
        assert 'class="live-moving"' in picture
        assert "currentColor" in picture
        assert "#000" not in picture
        assert "<style" not in picture  # it would reach the whole page
        ElementTree.fromstring(picture.replace("xlink:href", "href"))
    assert f'aria-label="{ALT}"' in pictures[0]
    assert 'aria-hidden="true"' in pictures[1]


def test_figures_are_the_same_each_time():
    assert pendulum()._repr_html_() == pendulum()._repr_html_()


def test_figures_are_light():
    """A page may weigh 2 MB; the player once, and a few dozen kB for each figure."""
    rng = np.random.default_rng(0)
    cloud = (1 + 0.1 * rng.normal(size=(1, 2000)), rng.normal(size=(1, 2000)))
    view = PhasePortrait("theta", "p_theta", (-3, 3), (-9, 9), cloud=cloud)
    assert len(PLAYER.read_bytes()) < 60_000
    assert len(SHARED.sub("", pendulum()._repr_html_())) < 100_000
    assert len(SHARED.sub("", pendulum(views=view)._repr_html_())) < 200_000


def test_alt_text_cannot_end_the_attribute():
    html = pendulum(alt='A "quoted" <b>description</b> of a pendulum')._repr_html_()
    assert "<b>" not in html
    assert "&quot;quoted&quot;" in html


# The book and notebooks ---------------------------------------------------------------


def test_the_book_links_the_player_where_it_is_needed():
    linked = []
    app = SimpleNamespace(
        add_css_file=linked.append, add_js_file=lambda file, **how: linked.append(file)
    )
    html = pendulum()._repr_html_()
    context = {"body": f"<p>Look:</p>{html}<p>And again:</p>{html}"}
    link_player(app, "page", "page.html", context, None)
    assert linked == ["mechanics/player.css", "mechanics/player.js"]
    assert "use strict" not in context["body"]
    assert context["body"].count("mechanicsLive ??= []).push") == 2

    linked.clear()
    plain = {"body": "<p>No figure.</p>"}
    link_player(app, "page", "page.html", plain, None)
    link_player(app, "search", "search.html", {}, None)
    assert linked == []
    assert plain == {"body": "<p>No figure.</p>"}
