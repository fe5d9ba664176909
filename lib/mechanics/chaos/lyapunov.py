"""All Lyapunov exponents of a motion."""

from dataclasses import dataclass

import numpy as np

from mechanics.chaos.deviations import advance, prepared


@dataclass(frozen=True)
class LyapunovSpectrum:
    r"""The rates at which a small cloud is stretched along its axes.

    Attributes
    ----------
    values
        The exponents from the largest to the smallest, means after the first tenth of
        the time, shape ``(variables, ...)``.
    errors
        Their standard errors, from the scatter of the nine tenths.
    t
        The ends of the pieces, shape ``(pieces,)``.
    running
        The means up to there, shape ``(pieces, variables, ...)``.

    Examples
    --------
    See :func:`lyapunov_spectrum`; the sum of the exponents is the mean divergence:

    >>> found = LyapunovSpectrum(values=np.array([0.9, 0.0, -14.6]), errors=None,
    ...                          t=None, running=None)
    >>> print(f"{found.values.sum():.1f}")
    -13.7
    """

    values: np.ndarray
    errors: np.ndarray
    t: np.ndarray
    running: np.ndarray


def lyapunov_spectrum(
    system,
    initial,
    *,
    dt: float,
    steps: int,
    pieces: int = 100,
    t0: float = 0.0,
    backend: str = "numba",
    **run,
) -> LyapunovSpectrum:
    r"""Lyapunov exponents by tangent dynamics and orthogonal frames.

    A frame of deviations :math:`Q` is carried along for a piece of the run and made
    orthogonal again, :math:`\Phi'Q=\bar QR`. The diagonal of :math:`R` holds the
    factors by which the axes of a small cloud have grown (Benettin and others 1980):

    .. math:: \lambda_i=\lim_{t\to\infty}\frac1t\sum\log|R_{ii}|

    For a Hamiltonian they come in pairs :math:`\pm\lambda`, two of them zero for each
    conserved quantity. Only the largest is wanted more often:
    :func:`~mechanics.numerics.lyapunov_exponent` is cheaper.

    Parameters
    ----------
    system, initial
        As for :func:`~mechanics.numerics.integrate`, ensembles included.
    dt, steps
        Step, and number of steps of the whole run.
    pieces
        Their number: a multiple of ten that divides ``steps``. Within a piece all
        deviations turn towards the fastest direction, so that its length times the
        difference of the outer exponents must stay below 30.
    t0, backend
        As for :func:`~mechanics.numerics.integrate`, but compiled by default.
    **run
        Further arguments of :func:`~mechanics.numerics.integrate`.

    Returns
    -------
    LyapunovSpectrum

    Raises
    ------
    ValueError
        If the number of pieces does not fit, or is too small for the deviations.

    Examples
    --------
    At the top of its swing a pendulum has the exponents :math:`\pm\sqrt{g/l}`:

    >>> import sympy as sp
    >>> from mechanics.numerics import FirstOrderSystem, RUNGE_KUTTA_4
    >>> x, v = sp.symbols("x v", real=True)
    >>> top = FirstOrderSystem((x, v), (v, sp.sin(x)))
    >>> found = lyapunov_spectrum(top, [0.0, 0.0], dt=0.1, steps=1000,
    ...                           method=RUNGE_KUTTA_4)
    >>> print("{:.4f} {:.4f}".format(*found.values))
    1.0000 -1.0000
    """
    if pieces < 10 or pieces % 10 or steps % pieces:
        raise ValueError(
            f"steps = {steps} in pieces = {pieces}: the second must be a multiple of "
            "ten, and divide the first"
        )
    tangent, state = prepared(system, initial)
    number, shape = len(state), state.shape[1:]
    frame = np.eye(number).reshape(number, number, *[1] * len(shape))
    frame = np.broadcast_to(frame, (number, number, *shape))
    part = steps // pieces
    growth = np.empty((pieces, number, *shape))
    for i in range(pieces):
        state, frame = advance(
            tangent, state, frame, dt=dt, steps=part, t0=t0 + i * part * dt,
            backend=backend, **run,
        )  # fmt: skip
        Q, R = np.linalg.qr(np.moveaxis(frame, (0, 1), (-2, -1)))
        stretched = np.abs(np.diagonal(R, axis1=-2, axis2=-1))
        if not stretched.all():
            raise ValueError(
                "the deviations have become parallel within a piece: make pieces = "
                f"{pieces} larger"
            )
        growth[i] = np.moveaxis(np.log(stretched), -1, 0)
        frame = np.moveaxis(Q, (-2, -1), (0, 1))
    t = abs(dt) * part * np.arange(1, pieces + 1)
    tenths = growth.reshape(10, -1, number, *shape).sum(axis=1) / (t[-1] / 10)
    means, scatter = tenths[1:].mean(axis=0), tenths[1:].std(axis=0, ddof=1)
    falling = np.argsort(
        -means, axis=0
    )  # exponents that are all zero come in any order
    return LyapunovSpectrum(
        values=np.take_along_axis(means, falling, axis=0),
        errors=np.take_along_axis(scatter / 3, falling, axis=0),
        t=t,
        running=growth.cumsum(axis=0) / t.reshape(-1, *[1] * (1 + len(shape))),
    )
