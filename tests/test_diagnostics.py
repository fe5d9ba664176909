"""Observed orders, and the crossings of a curve with itself."""

import numpy as np
import pytest

from mechanics.numerics import convergence_order, self_crossings

# Order --------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [0.5, 1, 2, 4])
def test_the_order_of_a_pure_power(order):
    measured = convergence_order(lambda dt: 3e-3 * dt**order, [0.2, 0.1, 0.01])
    assert measured == pytest.approx(order, abs=1e-12)
    assert isinstance(measured, float)


def test_the_next_term_of_the_error_bends_the_slope_a_little():
    def error(dt):
        return dt**2 * (1 + dt)

    coarse = convergence_order(error, [0.4, 0.2])
    fine = convergence_order(error, [0.04, 0.02])
    assert coarse > fine > 2
    # d log(error) / d log(dt) = 2 + dt / (1 + dt)
    assert fine == pytest.approx(2 + 0.03, abs=2e-3)


def test_an_error_that_does_not_shrink_has_order_zero():
    assert convergence_order(lambda dt: 0.7, [0.2, 0.1]) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("steps", [[], [0.1]])
def test_one_step_has_no_order(steps):
    with pytest.raises(ValueError, match="needs at least two steps"):
        convergence_order(lambda dt: dt, steps)


@pytest.mark.parametrize("bad", [0.0, -1e-3, np.nan, np.inf])
def test_an_error_must_be_finite_and_positive(bad):
    with pytest.raises(ValueError, match="must be finite and positive"):
        convergence_order(lambda dt: bad if dt < 0.2 else dt, [0.2, 0.1])


# Crossings ----------------------------------------------------------------------------


def crossings(x, y):
    """The points alone."""
    return self_crossings(x, y)[0]


def lissajous(a, b, corners=700, start=0.1):
    """The closed curve x = cos(a u), y = sin(b u + 0.3), its last corner left out."""
    u = start + np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return np.cos(a * u), np.sin(b * u + 0.3)


@pytest.mark.parametrize(("a", "b"), [(1, 1), (1, 2), (2, 3), (3, 4), (3, 5)])
def test_a_lissajous_curve_crosses_itself_as_often_as_it_should(a, b):
    """A curve with coprime frequencies a and b has 2ab - a - b double points."""
    assert len(crossings(*lissajous(a, b))) == 2 * a * b - a - b


def test_the_figure_eight_crosses_at_its_centre():
    u = 0.3 + np.linspace(0, 2 * np.pi, 400)
    [centre] = crossings(np.sin(u), np.sin(2 * u))
    assert centre == pytest.approx([0, 0], abs=1e-4)  # corners are 0.016 apart
    half = slice(None, 200)
    assert len(crossings(np.sin(u)[half], np.sin(2 * u)[half])) == 0


def test_a_crossing_lies_on_both_passages():
    """The corners that are named enclose it, on the first and the second visit."""
    x, y = lissajous(3, 4)
    corner = np.stack([x, y], axis=1)
    points, visits = self_crossings(x, y)
    assert visits.shape == points.shape
    assert (visits[:, 0] < visits[:, 1]).all()
    for passage in visits.T:
        before, after = corner[passage], corner[passage + 1]
        detour = np.linalg.norm(points - before, axis=1)
        detour += np.linalg.norm(after - points, axis=1)
        direct = np.linalg.norm(after - before, axis=1)
        np.testing.assert_allclose(detour, direct, rtol=1e-9)


@pytest.mark.parametrize("corners", [4, 51, 400])
def test_a_circle_does_not_cross_itself(corners):
    """Closed, its last corner the first: the joint is no crossing."""
    u = np.linspace(0.2, 0.2 + 2 * np.pi, corners)
    x, y = np.cos(u), np.sin(u)
    x[-1], y[-1] = x[0], y[0]
    points, visits = self_crossings(x, y)
    assert points.shape == visits.shape == (0, 2)


def test_straight_lines_and_spirals_do_not_cross_themselves():
    u = np.linspace(1, 9 * np.pi, 600)
    assert len(crossings(u, 2 * u)) == 0
    assert len(crossings(u * np.cos(u), u * np.sin(u))) == 0


def test_a_crossing_at_a_common_corner_counts_once():
    x, y = [0, 1, 2, 2, 1, 0], [0, 1, 2, 0, 1, 2]
    assert crossings(x, y) == pytest.approx(np.array([[1.0, 1.0]]))


def test_the_place_of_a_crossing_of_segments_is_exact():
    # from (0, 0) to (4, 2), around, and down the line x = 1
    points, visits = self_crossings([0, 4, 4, 1, 1], [0, 2, 5, 5, -1])
    assert points == pytest.approx(np.array([[1.0, 0.5]]), abs=1e-15)
    assert visits.tolist() == [[0, 3]]


def test_segments_that_would_cross_only_if_prolonged_do_not_count():
    assert len(crossings([0, 4, 4, 1, 1], [0, 2, 5, 5, 0.6])) == 0


def test_a_way_back_over_the_same_line_is_no_crossing():
    x = np.array([0.0, 1.0, 2.0, 1.0, 0.0])
    assert len(crossings(x, 2 * x)) == 0
