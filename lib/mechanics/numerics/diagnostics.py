"""What a numerical solution is worth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mechanics.numerics.integrate import integrate
from mechanics.numerics.results import Trajectory


def convergence_order(error: Callable[[float], float], steps: Sequence[float]) -> float:
    r"""Slope of :math:`\log(\mathrm{error})` against :math:`\log\Delta t`.

    Parameters
    ----------
    error
        The error of the method as a function of its step.
    steps
        At least two steps.

    Returns
    -------
    float
        The least-squares slope, the observed order.

    Examples
    --------
    The leapfrog is of second order; after the time 1 the oscillator is at
    :math:`\cos 1`:

    >>> import sympy as sp
    >>> from mechanics.numerics import integrate
    >>> from mechanics.symbolic import HamiltonianSystem
    >>> x, p = sp.symbols("x p", real=True)
    >>> oscillator = HamiltonianSystem(p**2/2 + x**2/2, (x,), (p,))
    >>> def error(dt):
    ...     end = integrate(oscillator, ([1.0], [0.0]), dt=dt, steps=round(1/dt))
    ...     return abs(end["x"][-1] - np.cos(1))
    >>> round(convergence_order(error, [0.1, 0.05, 0.025]), 2)
    2.0
    """
    if len(steps) < 2:
        raise ValueError("an order needs at least two steps")
    errors = np.array([error(dt) for dt in steps])
    if not (np.isfinite(errors).all() and (errors > 0).all()):
        raise ValueError(f"the errors {errors} must be finite and positive")
    return float(np.polyfit(np.log(steps), np.log(errors), 1)[0])


@dataclass(frozen=True)
class InvariantDrift:
    """How what should be constant changes.

    Attributes
    ----------
    slope
        The change per time, by least squares, shape ``(...)``.
    error
        Its standard error, if what remains beside the straight line is independent from
        one saved state to the next. An oscillation that is sampled many times in a
        period is not; it changes the slope by its amplitude, divided by the time and by
        the number of periods.
    spread
        Largest value less smallest, shape ``(...)``.

    Examples
    --------
    >>> drift = InvariantDrift(slope=1e-9, error=2e-9, spread=1e-6)
    >>> abs(drift.slope) < 3 * drift.error  # no drift to be seen
    True
    """

    slope: np.ndarray
    error: np.ndarray
    spread: np.ndarray


def invariant_drift(values: np.ndarray, t: np.ndarray) -> InvariantDrift:
    """Secular change and spread of what should be constant along a motion.

    Parameters
    ----------
    values
        Shape ``(saved, ...)``.
    t
        At least three times, shape ``(saved,)``.

    Returns
    -------
    InvariantDrift

    Raises
    ------
    ValueError
        If there are fewer times, or not as many values.

    Examples
    --------
    >>> t = np.linspace(0, 1, 1001)
    >>> drift = invariant_drift(2*t + np.sin(300*t), t)
    >>> bool(abs(drift.slope - 2) < 3*drift.error)
    True
    """
    t, values = np.asarray(t, float), np.asarray(values, float)
    if t.ndim != 1 or len(t) < 3 or len(values) != len(t):
        raise ValueError(
            f"values of shape {values.shape} at times of shape {t.shape}: give at "
            "least three times, and a value for each"
        )
    lapse = (t - t.mean()).reshape(-1, *[1] * (values.ndim - 1))
    rest = values - values.mean(axis=0)
    slope = (lapse * rest).sum(axis=0) / (lapse**2).sum()
    variance = ((rest - slope * lapse) ** 2).sum(axis=0) / (len(t) - 2)
    return InvariantDrift(
        slope, np.sqrt(variance / (lapse**2).sum()), np.ptp(values, axis=0)
    )


def energy_drift(trajectory: Trajectory) -> InvariantDrift:
    """Secular change and spread of the energy along a motion.

    Examples
    --------
    The energy of a symplectic method varies, but it goes nowhere:

    >>> from mechanics.models import pendulum
    >>> from mechanics.numerics import RUNGE_KUTTA_4, STORMER_VERLET, integrate
    >>> from mechanics.symbolic import legendre
    >>> for method in (STORMER_VERLET, RUNGE_KUTTA_4):
    ...     run = integrate(legendre(pendulum()), ([1.5], [0.0]), dt=0.1, steps=20_000,
    ...                     method=method, params={"m": 1, "g": 1, "l": 1})
    ...     drift = energy_drift(run)
    ...     print(f"{run.method}: {drift.spread:.0e}", abs(drift.slope) > 3*drift.error)
    Störmer-Verlet: 2e-03 False
    Runge-Kutta 4: 2e-04 True
    """
    return invariant_drift(trajectory.energy, trajectory.t)


def symplectic_defect(M: np.ndarray) -> np.ndarray:
    r"""By how much the derivative of a map fails to be symplectic.

    .. math:: \max_{ij}\big|M^{\mathsf T}JM-J\big|_{ij},\qquad
        J=\begin{pmatrix}0&1\\-1&0\end{pmatrix}

    Parameters
    ----------
    M
        Derivatives with respect to :math:`(q,p)`, shape ``(2n, 2n, ...)``; see
        :func:`monodromy`.

    Returns
    -------
    ndarray
        Shape ``(...)``.

    Raises
    ------
    ValueError
        If a matrix is not square with an even number of rows.

    Examples
    --------
    >>> from mechanics.models import pendulum
    >>> from mechanics.numerics import RUNGE_KUTTA_4, STORMER_VERLET, monodromy
    >>> from mechanics.symbolic import legendre
    >>> for method in (STORMER_VERLET, RUNGE_KUTTA_4):
    ...     M = monodromy(legendre(pendulum()), ([1.0], [0.0]), dt=0.3, steps=10,
    ...                   method=method, params={"m": 1, "g": 1, "l": 1})
    ...     print(symplectic_defect(M) < 1e-14)
    True
    False
    """
    M = np.asarray(M)
    if M.ndim < 2 or M.shape[0] != M.shape[1] or len(M) % 2:
        raise ValueError(f"M has the shape {M.shape}; it must be (2n, 2n, ...)")
    n = len(M) // 2
    J = np.kron([[0, 1], [-1, 0]], np.eye(n))
    products = np.einsum("ki...,kl,lj...->ij...", M, J, M)
    return np.abs(products - J.reshape(J.shape + (1,) * (M.ndim - 2))).max(axis=(0, 1))


def reversibility_defect(
    system, initial, *, dt: float, steps: int, t0: float = 0.0, **run
) -> np.ndarray:
    r"""Distance from the start after some steps forwards and as many backwards.

    .. math:: \max_i\big|\Phi_{-h}^n(\Phi_h^n(z_0))-z_0\big|_i

    It is rounding error for a symmetric method, :math:`\Phi_{-h}=\Phi_h^{-1}`.

    Parameters
    ----------
    system, initial, dt, steps, t0
        As for :func:`integrate`.
    **run
        Its further arguments but ``save``.

    Returns
    -------
    ndarray
        Shape ``(...)`` of the ensemble.

    Examples
    --------
    >>> from mechanics.models import pendulum
    >>> from mechanics.numerics import STORMER_VERLET, SYMPLECTIC_EULER
    >>> from mechanics.symbolic import legendre
    >>> for method in (STORMER_VERLET, SYMPLECTIC_EULER):
    ...     defect = reversibility_defect(
    ...         legendre(pendulum()), ([1.0], [0.0]), dt=0.1, steps=100, method=method,
    ...         params={"m": 1, "g": 1, "l": 1})
    ...     print(defect < 1e-13)
    True
    False
    """
    there = integrate(system, initial, dt=dt, steps=steps, t0=t0, **run, save="end")
    back = integrate(
        system,
        there.end_groups,
        dt=-dt,
        steps=steps,
        t0=t0 + dt * steps,
        **run,
        save="end",
    )
    return np.abs(back.end - there.states[0]).max(axis=0)


def phase_area(q: np.ndarray, p: np.ndarray) -> np.ndarray:
    r"""Poincaré's invariant :math:`\oint\sum_ip_i\,dq_i` of a closed curve.

    Symplectic maps keep it. The curve is the trigonometric interpolation of its points,
    so that the error falls faster than any power of their distance, if they come from
    equal steps of a parameter on which the curve depends smoothly.

    Parameters
    ----------
    q, p
        Points of the curve, the first not repeated at the end, shape
        ``(..., n, points)``: what ``q`` and ``p`` of a trajectory are for an ensemble
        of such points. Angles must return to where they began.

    Returns
    -------
    ndarray
        Shape ``(...)``; positive for a turn from :math:`p` to :math:`q`, the sense of
        every oscillation.

    Examples
    --------
    An ellipse in phase space, carried along by the flow of a pendulum:

    >>> from mechanics.models import pendulum
    >>> from mechanics.numerics import integrate
    >>> from mechanics.symbolic import legendre
    >>> s = np.linspace(0, 2*np.pi, 64, endpoint=False)
    >>> run = integrate(legendre(pendulum()), ([0.5*np.sin(s)], [0.2*np.cos(s)]),
    ...                 dt=0.1, steps=100, params={"m": 1, "g": 1, "l": 1})
    >>> area = phase_area(run.q, run.p)
    >>> bool(np.allclose(area, 0.1*np.pi, rtol=1e-12))
    True
    """
    points = q.shape[-1]
    frequencies = 2j * np.pi * np.fft.rfftfreq(points)
    slope = np.fft.irfft(frequencies * np.fft.rfft(q), points)
    return (p * slope).sum(axis=(-2, -1))


def self_crossings(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points where a plane curve, given as a polygon, crosses itself.

    Parameters
    ----------
    x, y
        The corners, shape ``(m,)`` each; the work grows with ``m**2``.

    Returns
    -------
    points
        The crossings of segments that are not neighbours, shape ``(crossings, 2)``.
        Where a curve runs over itself again, its segments cross at random.
    visits
        The corners before the first and before the second passage of each, integers
        of shape ``(crossings, 2)``.
    """
    corner = np.stack([np.asarray(x, float), np.asarray(y, float)], axis=1)
    start, along = corner[:-1], np.diff(corner, axis=0)
    i, j = np.triu_indices(len(start), k=2)
    gap = start[j] - start[i]

    def cross(a, b):
        return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]

    turn = cross(along[i], along[j])
    skew = turn != 0
    i, j, gap, turn = i[skew], j[skew], gap[skew], turn[skew]
    s, r = cross(gap, along[j]) / turn, cross(gap, along[i]) / turn
    hit = (s >= 0) & (s < 1) & (r >= 0) & (r < 1)
    i, j = i[hit], j[hit]
    return start[i] + s[hit, None] * along[i], np.stack([i, j], axis=1)
