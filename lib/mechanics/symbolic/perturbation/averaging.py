"""Canonical perturbation theory in action-angle variables, small divisors visible."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import sympy as sp
from sympy.polys.fields import FracElement, sfield

from mechanics.symbolic.perturbation.fourier import FourierSeries, fourier_series
from mechanics.symbolic.perturbation.lie_series import (
    inverse_transform,
    normalize,
    transform,
)
from mechanics.symbolic.perturbation.resonance import (
    Mode,
    kept_modes,
    resonance_error,
)
from mechanics.symbolic.zero import is_zero


class SmallDivisor(NamedTuple):
    r"""A Fourier coefficient :math:`f_k` and the divisor :math:`k\cdot\omega`.

    Examples
    --------
    Two rotors with a weak coupling: near :math:`J_1=J_2` the generator
    :math:`\chi_k=-if_k/(k\cdot\omega)` is large.

    >>> import sympy as sp
    >>> J1, J2, a, b = sp.symbols("J_1 J_2 a b", real=True)
    >>> rotors = canonical_perturbation(
    ...     [(J1**2 + J2**2)/2, sp.cos(a - b)], (J1, J2), (a, b), order=1)
    >>> small = rotors.divisors[0][1, -1]
    >>> small.coefficient, small.divisor
    (1/2, J_1 - J_2)
    """

    coefficient: sp.Expr
    divisor: sp.Expr


@dataclass(frozen=True)
class CanonicalPerturbation:
    r"""A perturbed integrable system in its averaged variables.

    Attributes
    ----------
    J, theta
        Actions and angles; the same symbols serve for the new variables.
    K
        The new Hamiltonian's :math:`K_0,K_1,\dots`, so that
        :math:`K=\sum_n\epsilon^nK_n`; functions of the actions, and of the resonant
        angles if resonances are kept.
    generators
        The Lie generators :math:`\chi_1,\chi_2,\dots`.
    divisors
        For each order, from the mode vector :math:`k` removed there to its Fourier
        coefficient and divisor: :math:`\chi_k=-if_k/(k\cdot\omega)`.

    Examples
    --------
    A rotor coupled to an oscillator: its frequency changes near the resonance
    :math:`J_1=1`, where the divisor of the mode :math:`(1,-1)` vanishes.

    >>> import sympy as sp
    >>> J1, J2, a, b, eps = sp.symbols("J_1 J_2 a b epsilon", real=True)
    >>> rotor = canonical_perturbation(
    ...     [J1**2/2 + J2, sp.cos(a - b)], (J1, J2), (a, b))
    >>> sp.factor(rotor.frequencies(eps)[0] - J1)
    -epsilon**2/(2*(J_1 - 1)**3)
    >>> rotor.divisors_at({J1: 3})[1, -1]
    2
    """

    J: tuple[sp.Symbol, ...]
    theta: tuple[sp.Symbol, ...]
    K: tuple[sp.Expr, ...]
    generators: tuple[FourierSeries, ...]
    divisors: tuple[Mapping[Mode, SmallDivisor], ...]

    def hamiltonian(self, eps: sp.Symbol) -> sp.Expr:
        r"""The new Hamiltonian :math:`\sum_n\epsilon^nK_n`."""
        return sum(eps**n * K for n, K in enumerate(self.K))

    def frequencies(self, eps: sp.Symbol) -> tuple[sp.Expr, ...]:
        r"""The frequencies :math:`\omega_j=\partial K/\partial J_j`."""
        return tuple(sp.diff(self.hamiltonian(eps), j) for j in self.J)

    def divisors_at(self, values: Mapping[sp.Symbol, sp.Expr]) -> dict[Mode, sp.Expr]:
        r"""The divisors :math:`k\cdot\omega` on one torus.

        Parameters
        ----------
        values
            Values of the actions, and of parameters if wanted.

        Raises
        ------
        ResonanceError
            If a divisor vanishes there; the message names its mode.
        """
        omega = [sp.diff(self.K[0], j).subs(values) for j in self.J]
        found = {}
        for order, modes in enumerate(self.divisors, start=1):
            for k, small in modes.items():
                found[k] = small.divisor.subs(values)
                if is_zero(found[k]):
                    raise resonance_error(k, omega, f"{dict(values)}, order {order}")
        return found

    def to_normal(self, f: sp.Expr, eps: sp.Symbol) -> sp.Expr:
        r"""An observable :math:`f(J,\theta)` in terms of the averaged variables."""
        return self._map(transform, f, eps)

    def to_original(self, f: sp.Expr, eps: sp.Symbol) -> sp.Expr:
        r"""A function of the averaged variables in terms of the original ones."""
        return self._map(inverse_transform, f, eps)

    def _map(self, mapping, f: sp.Expr, eps: sp.Symbol) -> sp.Expr:
        f = fourier_series(f, self.theta)
        coefficients = [c for g in (f, *self.generators) for c in g.modes.values()]
        algebra = _Algebra(coefficients, self.J, len(self.generators))
        series = [algebra.series(f), *([_Series(algebra, {})] * len(self.generators))]
        generators = [algebra.series(chi) for chi in self.generators]
        images = mapping(series, generators, _Series.bracket)
        return sum(
            eps**n * c.fourier(self.theta).expression for n, c in enumerate(images)
        )


def canonical_perturbation(
    H: Sequence[sp.Expr],
    J: Sequence[sp.Symbol],
    theta: Sequence[sp.Symbol],
    order: int = 2,
    resonances: Sequence[Mode] = (),
) -> CanonicalPerturbation:
    r"""Average :math:`H_0(J)+\epsilon H_1(J,\theta)+\epsilon^2H_2(J,\theta)+\dots`.

    A canonical map near the identity removes the angles. To second order,

    .. math::
        K_1=\langle H_1\rangle,\qquad
        \chi_1=\sum_{k\ne0}\frac{-i\,h_k}{k\cdot\omega}e^{ik\cdot\theta},\qquad
        K_2=\langle H_2+\tfrac12\{H_1,\chi_1\}\rangle,\qquad
        \omega=\frac{\partial H_0}{\partial J},

    with the Fourier coefficients :math:`h_k(J)` of :math:`H_1`. In the language of
    generating functions, :math:`F_2(\theta,\bar J)=\theta\cdot\bar J+\epsilon W`, it
    is :math:`W=-\chi_1` to first order.

    Parameters
    ----------
    H
        The coefficients :math:`H_0,H_1,\dots`; those not given are zero.
    J, theta
        Actions and angles, :math:`\{\theta_i,J_i\}=+1`.
    order
        The highest power of :math:`\epsilon`.
    resonances
        Integer vectors whose combinations stay in :math:`K` with their angles.

    Returns
    -------
    CanonicalPerturbation

    Raises
    ------
    ResonanceError
        If :math:`k\cdot\omega` vanishes identically for a mode to be removed. See
        :meth:`CanonicalPerturbation.divisors_at` for a given torus.
    ValueError
        If :math:`H_0` depends on the angles, or a term is no trigonometric polynomial.

    Notes
    -----
    Sources: CCM-12 (where :math:`F_2` is written with the old actions and the new
    angles, which no type-2 function has), AMM-38.

    Examples
    --------
    The quartic oscillator :math:`\tfrac12(p^2+q^2)+\epsilon q^4`:

    >>> import sympy as sp
    >>> J, theta, eps = sp.symbols("J theta epsilon", positive=True)
    >>> q = sp.sqrt(2*J)*sp.sin(theta)
    >>> quartic = canonical_perturbation([J, q**4], [J], [theta])
    >>> quartic.hamiltonian(eps)
    -17*J**3*epsilon**2/4 + 3*J**2*epsilon/2 + J
    >>> quartic.divisors[0][4,]
    SmallDivisor(coefficient=J**2/4, divisor=4)
    """
    J, theta = tuple(J), tuple(theta)
    if len(J) != len(theta):
        raise ValueError(f"{len(J)} actions but {len(theta)} angles: give one of each")
    if sp.sympify(H[0]).has(*theta):
        raise ValueError(
            f"H0 = {H[0]} depends on the angles; move that part to H1, or use the "
            "action-angle variables of H0"
        )
    series = [fourier_series(h, theta) for h in H[: order + 1]]
    series += [FourierSeries(theta, {})] * (order + 1 - len(series))
    omega = [sp.diff(sp.sympify(H[0]), j) for j in J]
    coefficients = [c for h in series for c in h.modes.values()]
    algebra = _Algebra([*omega, *coefficients], J, order)
    keeps = kept_modes(resonances, len(J))
    divisors: list[dict[Mode, SmallDivisor]] = []

    def solve(n: int, f: _Series) -> tuple[_Series, _Series]:
        kernel, chi, removed = {}, {}, {}
        for k, c in f.modes.items():
            if keeps(k):
                kernel[k] = c
                continue
            coefficient = algebra.expression(c)
            divisor = sum(kj * w for kj, w in zip(k, omega, strict=True))
            if not is_zero(divisor):
                chi[k] = -algebra.i * c / algebra.coefficient(divisor)
                removed[k] = SmallDivisor(coefficient, divisor)
            elif not is_zero(coefficient):
                raise resonance_error(k, omega, f"order {n}")
        divisors.append(removed)
        return _Series(algebra, kernel), _Series(algebra, chi)

    K, chi = normalize([algebra.series(h) for h in series], _Series.bracket, solve)
    return CanonicalPerturbation(
        J,
        theta,
        (sp.sympify(H[0]), *(k.fourier(theta).expression for k in K[1:])),
        tuple(c.fourier(theta) for c in chi),
        tuple(divisors),
    )


class _Algebra:
    """Fourier series with coefficients in a field that is closed under d/dJ.

    The field holds rational functions of whatever stands in the coefficients; where
    roots of an action occur, s = sqrt(2J) takes its place. The imaginary unit is one
    more variable, reduced by i^2 = -1 after each product: the greatest common divisors
    of complex polynomials would be far slower.
    """

    def __init__(self, coefficients: Sequence[sp.Expr], J: Sequence, order: int):
        i = sp.Dummy("i")
        powers = set().union(*(sp.sympify(c).atoms(sp.Pow) for c in coefficients))
        roots = {x for p in powers if not p.exp.is_Integer for x in p.base.free_symbols}
        s = {j: sp.Dummy(f"s_{j}", positive=True) for j in J if j in roots}
        self._inward = {sp.I: i, **{j: x**2 / 2 for j, x in s.items()}}
        self._outward = {i: sp.I, **{x: sp.sqrt(2 * j) for j, x in s.items()}}
        self._slope = {
            j: (lambda g, x=s[j]: sp.diff(g, x) / x)
            if j in s
            else (lambda g, x=j: sp.diff(g, x))
            for j in J
        }
        generators = [sp.sympify(c).subs(self._inward) for c in (*coefficients, *J)]
        for _ in range(order + 1):
            field, _ = sfield([i, *generators])
            generators = [*field.symbols]
            generators += [d(g) for g in field.symbols for d in self._slope.values()]
            if set(sfield(generators)[0].symbols) <= set(field.symbols):
                break
        if not field.domain.is_Exact:
            raise ValueError(
                f"the coefficients {list(coefficients)} are not exact; write numbers "
                "as sympy.Rational"
            )
        self.J, self.field, self.i = J, field, field.from_expr(i)
        self._slopes: dict = {}

    def coefficient(self, c: sp.Expr) -> FracElement:
        return self.field.from_expr(sp.sympify(c).subs(self._inward))

    def expression(self, c: FracElement) -> sp.Expr:
        return sp.factor_terms(c.as_expr().subs(self._outward))

    def series(self, f: FourierSeries) -> "_Series":
        return _Series(self, {k: self.coefficient(c) for k, c in f.modes.items()})

    def reduce(self, c: FracElement) -> FracElement:
        square = (self.i**2 + 1).numer
        return self.field.new(c.numer.rem([square]), c.denom)

    def derivative(self, c: FracElement, j: sp.Symbol) -> FracElement:
        total = self.field.zero
        for g, symbol in zip(self.field.gens, self.field.symbols, strict=True):
            if partial := c.diff(g):
                if (symbol, j) not in self._slopes:
                    self._slopes[symbol, j] = self.field.from_expr(
                        self._slope[j](symbol)
                    )
                total += partial * self._slopes[symbol, j]
        return total


@dataclass(frozen=True, eq=False)
class _Series:
    algebra: _Algebra
    modes: Mapping[Mode, FracElement]

    def __add__(self, other: "_Series") -> "_Series":
        modes = dict(self.modes)
        for k, c in other.modes.items():
            modes[k] = modes[k] + c if k in modes else c
        return _Series(self.algebra, {k: c for k, c in modes.items() if c})

    def __rmul__(self, factor: int) -> "_Series":
        modes = {k: factor * c for k, c in self.modes.items()} if factor else {}
        return _Series(self.algebra, modes)

    def __truediv__(self, divisor: int) -> "_Series":
        return _Series(self.algebra, {k: c / divisor for k, c in self.modes.items()})

    def bracket(self, other: "_Series") -> "_Series":
        """The Poisson bracket, with {theta, J} = +1."""
        algebra, modes = self.algebra, {}
        for k, f in self.modes.items():
            for l, g in other.modes.items():
                total = algebra.field.zero
                for kj, lj, j in zip(k, l, algebra.J, strict=True):
                    if kj:
                        total += kj * f * algebra.derivative(g, j)
                    if lj:
                        total -= lj * algebra.derivative(f, j) * g
                mode = tuple(a + b for a, b in zip(k, l, strict=True))
                term = algebra.reduce(algebra.i * total)
                modes[mode] = modes[mode] + term if mode in modes else term
        return _Series(algebra, {k: c for k, c in modes.items() if c})

    def fourier(self, theta: Sequence[sp.Symbol]) -> FourierSeries:
        to_expr = self.algebra.expression
        return FourierSeries(theta, {k: to_expr(c) for k, c in self.modes.items()})
