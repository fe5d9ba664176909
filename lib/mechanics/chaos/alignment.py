"""Order or chaos of many starts at once: the smaller alignment index."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mechanics.chaos.deviations import advance, prepared


@dataclass(frozen=True)
class Alignment:
    """How far two deviations of a motion have turned into one direction.

    Attributes
    ----------
    value
        The index at the end, between 0 and the square root of 2, shape ``(...)``.
    t
        For how long each trajectory was followed, shape ``(...)``.

    Examples
    --------
    See :func:`sali`. A chaotic trajectory is dropped when it is known to be one:

    >>> found = Alignment(value=np.array([0.3, 2e-9]), t=np.array([1000.0, 130.0]))
    >>> found.value > 1e-8
    array([ True, False])
    """

    value: np.ndarray
    t: np.ndarray


def sali(
    system,
    initial,
    *,
    dt: float,
    steps: int,
    pieces: int = 10,
    chaotic_below: float = 1e-8,
    t0: float = 0.0,
    params: Mapping | None = None,
    seed: int = 0,
    backend: str = "numba",
    **run,
) -> Alignment:
    r"""Smaller alignment index of each trajectory of an ensemble.

    .. math::
        \mathrm{SALI}=\min\bigl(|\hat\delta_1+\hat\delta_2|,\
        |\hat\delta_1-\hat\delta_2|\bigr)

    of two deviations with directions :math:`\hat\delta_i`. In chaos both turn to the
    direction of fastest growth, and the index falls like
    :math:`e^{-(\lambda_1-\lambda_2)t}`. In regular motion they become tangent to the
    torus, but to no common direction if it has two dimensions or more, and the index
    stays of order one. (On the invariant *curves* of a plane map there is one direction
    only: there it falls as a power of the time.) Skokos (2001).

    Parameters
    ----------
    system, initial
        As for :func:`~mechanics.numerics.integrate`.
    dt, steps
        Step, and the largest number of steps.
    pieces
        After each of so many pieces, which divide ``steps``, the deviations are
        normalized, and chaotic trajectories are dropped.
    chaotic_below
        Value of the index from which on a trajectory is dropped.
    t0, params, backend
        As for :func:`~mechanics.numerics.integrate`, but compiled by default.
    seed
        Of the two directions at the start.
    **run
        Further arguments of :func:`~mechanics.numerics.integrate`.

    Returns
    -------
    Alignment

    Raises
    ------
    ValueError
        If the number of pieces does not divide the number of steps, or is too small for
        the deviations.

    Examples
    --------
    The standard map at :math:`K=1`: near the stable fixed point :math:`x=\pi`, and near
    the unstable one:

    >>> from mechanics.chaos import standard_map
    >>> from mechanics.numerics import SYMPLECTIC_EULER
    >>> found = sali(standard_map().system, ([[3.0, 0.01]], [[0.0, 0.0]]), dt=1,
    ...              steps=1000, params={"K": 1.0}, method=SYMPLECTIC_EULER)
    >>> found.value > 1e-8
    array([ True, False])
    """
    if steps % pieces:
        raise ValueError(f"pieces = {pieces} must divide steps = {steps}")
    tangent, start = prepared(system, initial)
    number, shape = len(start), start.shape[1:]
    state = start.reshape(number, -1)
    pair, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(number, 2)))
    delta = np.broadcast_to(pair[:, :, None], (number, 2, state.shape[1]))
    own = {
        name: np.broadcast_to(value, shape).reshape(-1)
        for name, value in (params or {}).items()
        if np.ndim(value)
    }
    part = steps // pieces
    value, t = np.empty(state.shape[1]), np.empty(state.shape[1])
    followed = np.arange(state.shape[1])
    for i in range(pieces):
        state, delta = advance(
            tangent, state, delta, dt=dt, steps=part, t0=t0 + i * part * dt,
            params={**(params or {}), **{n: c[followed] for n, c in own.items()}},
            backend=backend, **run,
        )  # fmt: skip
        largest = np.abs(delta).max(axis=0)
        delta = delta / largest
        delta = delta / np.linalg.norm(delta, axis=0)
        one, other = delta[:, 0], delta[:, 1]
        index = np.minimum(
            np.linalg.norm(one + other, axis=0), np.linalg.norm(one - other, axis=0)
        )
        value[followed], t[followed] = index, abs(dt) * part * (i + 1)
        stays = index > chaotic_below
        followed, state, delta = followed[stays], state[:, stays], delta[:, :, stays]
        if not len(followed):
            break
    return Alignment(value.reshape(shape), t.reshape(shape))
