"""Fourier series over the angles, and the averages that they hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from mechanics.symbolic.perturbation.resonance import Mode


@dataclass(frozen=True)
class FourierSeries:
    r"""A trigonometric polynomial :math:`f=\sum_kf_k(J)\,e^{ik\cdot\theta}`.

    Attributes
    ----------
    theta
        The angles.
    modes
        From the mode vector :math:`k` to the coefficient :math:`f_k`, zeros left out.

    Examples
    --------
    The power of an alternating current, :math:`\sin^2\theta`, and its mean:

    >>> import sympy as sp
    >>> theta = sp.Symbol("theta", real=True)
    >>> half = sp.Rational(1, 2)
    >>> power = FourierSeries((theta,), {(0,): half, (2,): -half/2, (-2,): -half/2})
    >>> power.expression, power.average
    (1/2 - cos(2*theta)/2, 1/2)
    """

    theta: tuple[sp.Symbol, ...]
    modes: Mapping[Mode, sp.Expr]

    def __post_init__(self):
        kept = {k: c for k, c in sorted(self.modes.items()) if c != 0}
        object.__setattr__(self, "modes", kept)

    @property
    def average(self) -> sp.Expr:
        r"""The mean :math:`\langle f\rangle=f_0` over all angles."""
        return self.modes.get((0,) * len(self.theta), sp.Integer(0))

    @property
    def expression(self) -> sp.Expr:
        """The series written with cosines and sines."""
        return trigonometric(self.modes, self.theta)


def trigonometric(modes: Mapping[Mode, sp.Expr], theta: Sequence) -> sp.Expr:
    """Write a sum of exponentials with cosines and sines."""
    result = modes.get((0,) * len(theta), sp.Integer(0))
    for k in sorted({max(k, tuple(-j for j in k)) for k in modes if any(k)}):
        plus = modes.get(k, sp.Integer(0))
        minus = modes.get(tuple(-j for j in k), sp.Integer(0))
        angle = sum(j * t for j, t in zip(k, theta, strict=True))
        result += sp.expand(plus + minus) * sp.cos(angle)
        result += sp.expand(sp.I * (plus - minus)) * sp.sin(angle)
    return result


def fourier_series(f: sp.Expr, theta: Sequence[sp.Symbol]) -> FourierSeries:
    r"""Read off the Fourier coefficients of a trigonometric polynomial.

    Parameters
    ----------
    f
        A polynomial in sines, cosines and exponentials of integer combinations of the
        angles (plus constant phases), with any coefficients.
    theta
        The angles.

    Raises
    ------
    ValueError
        If ``f`` is no such polynomial; the message names the term.

    Examples
    --------
    >>> from sympy.abc import a, b
    >>> import sympy as sp
    >>> fourier_series(sp.cos(a)*sp.cos(b), (a, b)).modes
    {(-1, -1): 1/4, (-1, 1): 1/4, (1, -1): 1/4, (1, 1): 1/4}
    """
    f, theta = sp.sympify(f), tuple(theta)
    # u = exp(i theta) and its inverse v as two symbols: f is a polynomial in them
    u, v = ([sp.Dummy(f"{name}_{t}") for t in theta] for name in "uv")
    waves = [a for a in f.atoms(sp.cos, sp.sin, sp.exp) if a.has(*theta)]
    polynomial = sp.expand(f.xreplace({a: _powers(a, theta, u, v) for a in waves}))
    modes: dict[Mode, sp.Expr] = {}
    for term in sp.Add.make_args(polynomial):
        c, wave = term.as_independent(*u, *v, as_Add=False)
        powers = wave.as_powers_dict()
        if c.has(*theta) or any(b not in (0, 1, *u, *v) for b in powers):
            back = {s: sp.exp(sp.I * t) for s, t in zip(u, theta, strict=True)}
            back |= {s: sp.exp(-sp.I * t) for s, t in zip(v, theta, strict=True)}
            raise ValueError(
                f"the term {term.xreplace(back)} is no trigonometric polynomial in "
                f"{', '.join(map(str, theta))}; replace it by its Fourier series, "
                "truncated"
            )
        k = tuple(
            int(powers.get(a, 0) - powers.get(b, 0)) for a, b in zip(u, v, strict=True)
        )
        modes[k] = modes.get(k, 0) + c
    return FourierSeries(theta, modes)


def _powers(wave: sp.Expr, theta: Sequence, u: Sequence, v: Sequence) -> sp.Expr:
    """Write cos, sin or exp of k.theta + phase with powers of exp(+-i theta)."""
    angle = sp.expand(wave.exp / sp.I if isinstance(wave, sp.exp) else wave.args[0])
    k = [sp.diff(angle, t) for t in theta]
    phase = sp.expand(angle - sum(a * t for a, t in zip(k, theta, strict=True)))
    if not all(a.is_Integer for a in k):
        raise ValueError(
            f"{wave} is not periodic in {', '.join(map(str, theta))} with period 2 pi; "
            "the angles must stand with integer factors"
        )
    plus, minus = sp.Integer(1), sp.Integer(1)
    for a, x, y in zip(k, u, v, strict=True):
        plus *= x**a if a > 0 else y**-a
        minus *= y**a if a > 0 else x**-a
    plus *= sp.cos(phase) + sp.I * sp.sin(phase)
    minus *= sp.cos(phase) - sp.I * sp.sin(phase)
    if isinstance(wave, sp.exp):
        return plus
    return (plus + minus) / 2 if isinstance(wave, sp.cos) else (plus - minus) / 2 / sp.I


def angle_average(f: sp.Expr, theta: Sequence[sp.Symbol]) -> sp.Expr:
    r"""The mean of a trigonometric polynomial over its angles.

    .. math::
        \langle f\rangle=\frac1{(2\pi)^n}\int_0^{2\pi}f(J,\theta)\,d^n\theta

    Examples
    --------
    The quartic perturbation of the harmonic oscillator, :math:`q=\sqrt{2J}\sin\theta`
    (CCM-12 prints :math:`3J^2`, twice the right value):

    >>> import sympy as sp
    >>> J, theta = sp.symbols("J theta", positive=True)
    >>> angle_average((sp.sqrt(2*J)*sp.sin(theta))**4, [theta])
    3*J**2/2
    """
    return fourier_series(f, theta).average
