"""Observed orders, crossings of curves, drifts, symplecticity, phase-space areas."""

import numpy as np
import pytest

from mechanics import models
from mechanics.numerics import (
    RUNGE_KUTTA_4,
    STORMER_VERLET,
    SYMPLECTIC_EULER,
    convergence_order,
    energy_drift,
    integrate,
    invariant_drift,
    phase_area,
    reversibility_defect,
    self_crossings,
    symplectic_defect,
)
from mechanics.symbolic import legendre

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


# Drifts -------------------------------------------------------------------------------

SWING = {"params": {"m": 1, "g": 1, "l": 1}}
PENDULUM = legendre(models.pendulum())
HENON_HEILES = legendre(models.henon_heiles())


def test_the_slope_of_a_straight_line_in_noise_and_its_error():
    """200 samples: the slope is off by its standard error, with a normal spread."""
    rng = np.random.default_rng(8)
    t = np.sort(rng.uniform(3, 5, 100))
    values = 0.7 * t[:, None] - 4 + rng.normal(0, 0.2, (100, 200))
    drift = invariant_drift(values, t)
    pull = (drift.slope - 0.7) / drift.error
    # of 200 numbers: the mean to 1/sqrt(200), the spread to 1/sqrt(400), in 4 sigma
    assert abs(pull.mean()) < 4 / np.sqrt(200)
    assert pull.std() == pytest.approx(1, abs=4 / np.sqrt(400))
    np.testing.assert_array_equal(drift.spread, values.max(0) - values.min(0))


def test_a_straight_line_has_no_error():
    drift = invariant_drift(2 - 3 * np.arange(5.0), np.arange(5.0))
    assert drift.slope == pytest.approx(-3, abs=1e-15)
    assert drift.error == pytest.approx(0, abs=1e-15)
    assert drift.spread == 12


def test_a_symplectic_method_has_no_secular_drift_and_runge_kutta_has():
    drifts = {}
    for method in (STORMER_VERLET, RUNGE_KUTTA_4):
        run = integrate(
            PENDULUM, ([1.5], [0.0]), dt=0.1, steps=20_000, method=method, **SWING
        )
        drifts[method] = energy_drift(run)
    verlet, control = drifts.values()
    assert abs(verlet.slope) < 3 * verlet.error
    assert abs(verlet.slope) * 2000 < 1e-2 * verlet.spread
    assert abs(control.slope) > 100 * control.error
    assert abs(control.slope) * 2000 == pytest.approx(control.spread, rel=0.1)


@pytest.mark.parametrize(
    ("values", "t"),
    [([1, 2], [0, 1]), ([1, 2, 3], [0, 1]), (np.ones(9), np.ones((3, 3)))],
)
def test_drifts_need_three_times(values, t):
    with pytest.raises(ValueError, match="at least three times, and a value for each"):
        invariant_drift(values, t)


# Geometry -----------------------------------------------------------------------------


def test_the_symplectic_defect_of_known_matrices():
    rotation = np.array([[np.cos(1), np.sin(1)], [-np.sin(1), np.cos(1)]])
    assert symplectic_defect(rotation) < 1e-15
    assert symplectic_defect(1.1 * rotation) == pytest.approx(0.21)
    # in four dimensions volume is not enough: x and p_x shrink, y and p_y grow
    assert symplectic_defect(np.diag([0.5, 2, 0.5, 2])) == pytest.approx(3)
    assert symplectic_defect(np.diag([0.5, 2, 2, 0.5])) == 0
    several = np.stack([np.eye(4), np.diag([0.5, 2, 0.5, 2])], axis=-1)
    assert symplectic_defect(several).tolist() == [0, 3]


@pytest.mark.parametrize("shape", [(4,), (3, 3), (2, 4), (5, 4, 4)])
def test_matrices_that_can_not_be_symplectic(shape):
    with pytest.raises(ValueError, match=r"it must be \(2n, 2n, ...\)"):
        symplectic_defect(np.zeros(shape))


def test_reversibility_of_an_ensemble_on_a_clock():
    """Each trajectory its own defect; the way back begins when the way out ended."""
    driven = legendre(models.driven_pendulum())
    how = {"dt": 0.1, "steps": 100, "params": {"a": 0.8, "Omega": 1.3}}
    start = np.array([[0.1, 1.0, 2.0]]), np.zeros((1, 3))
    symmetric = reversibility_defect(driven, start, t0=0.7, **how)
    assert symmetric.shape == (3,)
    assert symmetric.max() < 1e-12
    control = reversibility_defect(
        driven, start, t0=0.7, method=SYMPLECTIC_EULER, **how
    )
    assert control.min() > 1e-3


def loop(points):
    """A closed curve in a phase space of four dimensions."""
    s = np.linspace(0, 2 * np.pi, points, endpoint=False)
    q = [0.1 + 0.2 * np.sin(s), 0.1 * np.cos(2 * s)]
    p = [0.15 * np.cos(s), 0.1 * np.sin(2 * s) - 0.1]
    # 2 pi times products of amplitudes; the second turns the other way, twice
    return np.array(q), np.array(p), np.pi * (0.2 * 0.15 - 2 * 0.1 * 0.1)


@pytest.mark.parametrize("points", [16, 17, 64])
def test_the_area_of_ellipses_is_exact(points):
    q, p, area = loop(points)
    assert phase_area(q, p) == pytest.approx(area, rel=1e-13)
    assert phase_area(q[..., ::-1], p[..., ::-1]) == pytest.approx(-area, rel=1e-13)
    assert phase_area(q[:1], p[:1]) == pytest.approx(np.pi * 0.03, rel=1e-13)


def test_symplectic_methods_keep_the_area_of_every_loop():
    q, p, area = loop(128)
    how = {"dt": 0.2, "steps": 50, "backend": "numpy"}
    run = integrate(HENON_HEILES, (q, p), **how)
    areas = phase_area(run.q, run.p)
    assert areas.shape == (51,)
    np.testing.assert_allclose(areas, area, rtol=1e-12)
    # the parts of the two degrees of freedom are exchanged meanwhile
    assert np.ptp(phase_area(run.q[:, :1], run.p[:, :1])) > 1e-2
    control = integrate(HENON_HEILES, (q, p), method=RUNGE_KUTTA_4, **how)
    assert abs(phase_area(control.q, control.p)[-1] / area - 1) > 1e-5
