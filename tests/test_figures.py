"""The book's style, and what a phase portrait shows."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.quiver import Quiver

from mechanics import models
from mechanics.figures import COLOURS, phase_portrait, use_book_style
from mechanics.numerics import compile_system
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
