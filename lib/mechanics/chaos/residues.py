"""Greene's residue: how far a periodic orbit is from losing its stability."""

from collections.abc import Mapping

import numpy as np
from scipy.optimize import brentq

from mechanics.chaos.continuation import NewtonError, continuation
from mechanics.chaos.twist_maps import TwistMap, symmetric_orbit


def residue(twist_map: TwistMap, x: np.ndarray, params: Mapping) -> float:
    r"""Greene's residue of a periodic orbit of a twist map.

    .. math::
        R=\tfrac14(2-\operatorname{tr}M),\qquad
        M=\prod_n\begin{pmatrix}1+V''(x_n)&1\\V''(x_n)&1\end{pmatrix}

    For :math:`0<R<1` the orbit is stable, with the rotation :math:`\alpha` per period
    and :math:`R=\sin^2(\alpha/2)`.

    Parameters
    ----------
    twist_map, params
        The map, and values of its parameters.
    x
        The points of one period, shape ``(q,)``.

    Returns
    -------
    float
        An unstable orbit of many points may have an infinite one.

    Notes
    -----
    Greene (1979).

    Examples
    --------
    The fixed points of the standard map have :math:`R=\pm K/4`:

    >>> from mechanics.chaos import standard_map
    >>> [round(residue(standard_map(), [x], {"K": 0.8}), 15) for x in (np.pi, 0)]
    [0.2, -0.2]
    """
    curvature = twist_map.derivative(2, x, params)
    ones = np.ones_like(curvature)
    M = np.array([[1 + curvature, ones], [curvature, ones]]).transpose(2, 0, 1)
    exponents = np.zeros(len(M), dtype=int)
    while len(M) > 1:  # neighbours are multiplied, and powers of two taken out
        if len(M) % 2:
            M = np.concatenate([M, np.eye(2)[None]])
            exponents = np.append(exponents, 0)
        M = M[1::2] @ M[0::2]
        shifts = np.frexp(np.abs(M).max(axis=(1, 2)))[1]
        M = np.ldexp(M, -shifts[:, None, None])
        exponents = exponents[1::2] + exponents[0::2] + shifts
    with np.errstate(over="ignore"):
        return float(2 - np.ldexp(np.trace(M[0]), exponents[0])) / 4


def residue_threshold(
    twist_map: TwistMap,
    p: int,
    q: int,
    *,
    name: str = "K",
    value: float = 0.25,
    through: float = np.pi,
    bracket: tuple[float, float] = (0.9, 1.1),
) -> float:
    r"""The parameter at which the residue of a symmetric orbit takes a value.

    Along the convergents :math:`p/q` of an irrational winding number the residues tend
    to zero as long as its torus stands, and to infinity when it is gone; at the border
    those of the golden torus come close to 1/4 (Greene 1979). So the thresholds tend to
    the critical parameter of the torus.

    Parameters
    ----------
    twist_map
        The map, with one parameter.
    p, q
        The winding number; see :func:`~mechanics.chaos.symmetric_orbit`.
    name
        Of the parameter.
    value
        Of the residue.
    through
        A point of the orbit, the centre of its reflection.
    bracket
        Parameters with residues below and above.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the residue does not pass the value in the bracket.

    Examples
    --------
    >>> from mechanics.chaos import standard_map
    >>> print(f"{residue_threshold(standard_map(), 89, 144):.3f}")
    0.972
    """

    def orbit(guess, K):
        return symmetric_orbit(twist_map, p, q, {name: K}, through=through, guess=guess)

    low, high = bracket
    rotation = through + 2 * np.pi * p / q * np.arange(q)
    nearest = low, continuation(orbit, rotation, np.linspace(0, low, 10))[-1]

    def excess(K):
        nonlocal nearest
        try:
            nearest = K, orbit(nearest[1], K)
        except NewtonError:  # too far for one step
            nearest = K, continuation(orbit, nearest[1], [nearest[0], K])[-1]
        return residue(twist_map, nearest[1], {name: K}) - value

    ends = excess(low), excess(high)
    if not ends[0] < 0 < ends[1]:
        raise ValueError(
            f"the residue of {p}/{q} is {ends[0] + value:.3g} at {name} = {low:g} and "
            f"{ends[1] + value:.3g} at {high:g}: choose a bracket around {value:g}"
        )
    return brentq(excess, low, high, xtol=1e-13, rtol=1e-14)
