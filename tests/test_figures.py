"""The book's style, and what its recurring pictures show."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.quiver import Quiver

from mechanics import models
from mechanics.figures import (
    COLOURS,
    phase_portrait,
    section_plot,
    time_series,
    use_book_style,
)
from mechanics.numerics import Crossings, compile_system, integrate
from mechanics.symbolic import legendre

mpl.use("agg")

PENDULUM = compile_system(legendre(models.pendulum()), {"m": 1, "g": 1, "l": 1})
THETA, P = np.linspace(-4, 4, 161), np.linspace(-2.5, 2.5, 101)
LEVELS = [0.5, 1.0, 2.0, 3.0]


@pytest.fixture
def axes():
    with plt.rc_context():
        use_book_style()
        figure, axes = plt.subplots()
        yield axes
        plt.close(figure)


# Style --------------------------------------------------------------------------------


def test_no_two_curves_share_a_colour_or_a_dash_pattern(axes):
    """Colour is never the only carrier."""
    lines = [axes.plot([0, 1], [n, n])[0] for n in range(len(COLOURS))]
    assert len({to_hex(line.get_color()) for line in lines}) == len(COLOURS)
    cycle = mpl.rcParams["axes.prop_cycle"].by_key()["linestyle"]
    assert len({str(dashes) for dashes in cycle}) == len(COLOURS)
    drawn = {str(line._dash_pattern) for line in lines}
    assert len(drawn) == len(COLOURS)


def test_matplotlibs_own_style_fails_that_test():
    """Control: by default curves differ in colour only."""
    with plt.rc_context():
        mpl.rcdefaults()
        figure, axes = plt.subplots()
        lines = [axes.plot([0, 1], [n, n])[0] for n in range(len(COLOURS))]
        plt.close(figure)
    assert len({str(line._dash_pattern) for line in lines}) == 1


def test_letters_are_legible_on_a_phone(axes):
    """A figure shrunk to 6 cm has letters of at least 2 mm, 5.5 points."""
    shrink = 6 / 2.54 / mpl.rcParams["figure.figsize"][0]
    assert mpl.rcParams["font.size"] * shrink > 5.4
    assert axes.xaxis.label.get_size() * shrink > 5.4


def test_curves_can_be_seen_on_white():
    """Contrast of at least 2 for curves; text in these colours is never needed."""

    def luminance(colour):
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
            for c in to_rgb(colour)
        ]
        return np.dot([0.2126, 0.7152, 0.0722], linear)

    for colour in COLOURS.values():
        assert 1.05 / (luminance(colour) + 0.05) > 2


# Phase portrait -----------------------------------------------------------------------


def test_the_curves_are_those_of_constant_energy(axes):
    curves = phase_portrait(axes, PENDULUM, THETA, P, LEVELS)
    assert list(curves.levels) == LEVELS
    for level, path in zip(LEVELS, curves.get_paths(), strict=True):
        assert len(path.vertices) > 20
        energy = PENDULUM.energy(*path.vertices.T[:, None], 0.0)
        # linear interpolation on a grid of 0.05: curvature times 0.05**2 / 8
        np.testing.assert_allclose(energy, level, atol=1e-3)


def test_swinging_curves_close_and_turning_curves_do_not(axes):
    theta = np.linspace(-3, 3, 161)
    swing, turn = phase_portrait(axes, PENDULUM, theta, P, [0.5, 3.0]).get_paths()
    assert np.array_equal(swing.vertices[0], swing.vertices[-1])
    ends = turn.vertices[[0, -1], 0]
    assert np.abs(np.abs(ends) - 3).max() < 1e-12  # from edge to edge


def test_the_axes_carry_the_names_of_the_variables(axes):
    phase_portrait(axes, PENDULUM, THETA, P, LEVELS)
    assert axes.get_xlabel() == r"$\theta$"
    assert axes.get_ylabel() == "$p$"


def test_arrows_lie_along_the_curves_as_they_are_seen(axes):
    """On the page, not in the units of q and p: here 8 units by 5 make a square."""
    axes.set_box_aspect(1)
    phase_portrait(axes, PENDULUM, THETA, P, LEVELS)
    axes.figure.canvas.draw()
    [arrows] = [child for child in axes.get_children() if isinstance(child, Quiver)]
    outline = np.array([path.vertices for path in arrows.get_paths()])
    drawn = outline[:, 3] - (outline[:, 0] + outline[:, 6]) / 2  # tail to tip

    theta, momentum = arrows.XY.T
    flow = np.stack([momentum, -np.sin(theta)], axis=1)
    moving = np.hypot(*flow.T) > 0
    assert len(theta) > 100
    assert moving.sum() == len(theta) - 1  # the point of rest is on the grid
    on_page = axes.transData.transform(arrows.XY + 1e-4 * flow)
    on_page -= axes.transData.transform(arrows.XY)

    def direction(vectors):
        return vectors[moving] / np.linalg.norm(vectors[moving], axis=1, keepdims=True)

    np.testing.assert_allclose(direction(drawn), direction(on_page), atol=1e-6)
    # control: the slope in units of q and p is another
    assert np.abs(direction(drawn) - direction(flow)).max() > 0.1
    assert np.hypot(*drawn[~moving].T) < 0.2 * np.hypot(*drawn[moving].T).min()


def test_a_portrait_of_two_degrees_of_freedom_is_refused(axes):
    springs = compile_system(
        legendre(models.planar_oscillator()), {"omega_x": 1, "omega_y": 2}
    )
    with pytest.raises(ValueError, match="needs one degree of freedom, not 2"):
        phase_portrait(axes, springs, THETA, P, LEVELS)


# Results of integrations --------------------------------------------------------------

SPRINGS = legendre(models.planar_oscillator())
UNITS = {"x": "m", "y": "m", "p_x": "kg m/s", "t": "s"}


def springs(initial=([1.0, 0.5], [0.0, 0.0]), **how):
    frequencies = {"omega_x": 1, "omega_y": 1.6}
    how = {"dt": 0.1, "steps": 500, "units": UNITS} | how
    return integrate(SPRINGS, initial, params=frequencies, **how)


def test_a_curve_in_time_carries_its_name_and_unit(axes):
    motion = springs()
    [line] = time_series(axes, motion, ("p_x",))
    np.testing.assert_array_equal(line.get_xdata(), motion.t)
    np.testing.assert_array_equal(line.get_ydata(), motion["p_x"])
    assert axes.get_xlabel() == "$t$ (s)"
    assert axes.get_ylabel() == "$p_{x}$ (kg m/s)"
    assert axes.get_legend() is None


def test_curves_that_share_a_unit_share_a_picture(axes):
    motion = springs()
    lines = time_series(axes, motion, ("x", "y"))
    for line, name in zip(lines, ("x", "y"), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), motion[name])
    assert axes.get_ylabel() == "(m)"
    drawn = [text.get_text() for text in axes.get_legend().get_texts()]
    assert drawn == ["$x$", "$y$"]
    # the dash pattern tells them apart without colours
    assert lines[0].get_linestyle() != lines[1].get_linestyle()


def test_metres_and_momenta_share_none(axes):
    with pytest.raises(ValueError, match="x, p_x have different units"):
        time_series(axes, springs(), ("x", "p_x"))
    with pytest.raises(ValueError, match="x, y, p_x, p_y have different units"):
        time_series(axes, springs())


def test_without_units_all_variables_are_drawn_and_the_energy_if_asked_for(axes):
    motion = springs(units=None)
    assert len(time_series(axes, motion)) == 4
    assert axes.get_ylabel() == ""
    [energy] = time_series(axes, motion, ["energy"])
    np.testing.assert_array_equal(energy.get_ydata(), motion.energy)
    assert axes.get_ylabel() == "$E$"


def test_an_ensemble_is_no_curve(axes):
    with pytest.raises(ValueError, match=r"an ensemble of shape \(3,\)"):
        time_series(axes, springs((np.ones((2, 3)), np.zeros((2, 3)))))


def test_a_section_shows_each_trajectory_in_its_colour(axes):
    initial = (np.zeros((2, 3)), np.array([[0.5, 1.0, 1.5], [1.0, 1.0, 1.0]]))
    section = springs(initial, save=Crossings(SPRINGS.q[0], direction=+1))
    points = section_plot(axes, section, "y", "p_y")
    drawn = points.get_offsets()
    np.testing.assert_array_equal(drawn[:, 0], section["y"])
    np.testing.assert_array_equal(drawn[:, 1], section["p_y"])
    colours = np.array([to_hex(c) for c in points.get_facecolors()])
    for i in range(3):
        own = set(colours[section.trajectory == i])
        assert own == {to_hex(list(COLOURS.values())[i])}
    assert axes.get_xlabel() == "$y$ (m)"
    assert axes.get_ylabel() == "$p_{y}$"
