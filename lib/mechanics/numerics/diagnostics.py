"""What a numerical solution is worth."""

from collections.abc import Callable, Sequence

import numpy as np


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
