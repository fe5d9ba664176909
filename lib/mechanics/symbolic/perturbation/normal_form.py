"""Birkhoff-Gustavson normal forms with exact coefficients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import sympy as sp
from sympy.polys.polyerrors import CoercionFailed
from sympy.polys.rings import PolyElement, PolyRing

from mechanics.symbolic.hamiltonian import HamiltonianSystem
from mechanics.symbolic.perturbation.exact import exact_field
from mechanics.symbolic.perturbation.fourier import trigonometric
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


@dataclass(frozen=True)
class NormalForm:
    r"""A Hamiltonian near its equilibrium in normal-form variables.

    The symbols ``q`` and ``p`` serve for the new variables too. Inside, everything is a
    polynomial in :math:`z_j=q_j+ip_j` and :math:`\bar z_j`, with
    :math:`\{f,i\chi\}=2\sum_j(\partial_{z_j}f\,\partial_{\bar z_j}\chi
    -\partial_{\bar z_j}f\,\partial_{z_j}\chi)`.

    Attributes
    ----------
    q, p
        Coordinates and momenta.
    omega
        The frequencies :math:`\omega_j` of the quadratic part.
    degree
        The highest degree in the variables.

    Examples
    --------
    An anharmonic bond: its vibration slows down as the action :math:`I` grows.

    >>> import sympy as sp
    >>> q, p = sp.symbols("q p", real=True)
    >>> I, theta = sp.symbols("I theta", positive=True)
    >>> bond = normal_form(HamiltonianSystem((p**2 + q**2)/2 + q**3, (q,), (p,)), 4)
    >>> bond.action_angle([I], [theta])
    -15*I**2/4 + I
    >>> bond.generators[3]
    -2*p**3/3 - p*q**2
    """

    q: tuple[sp.Symbol, ...]
    p: tuple[sp.Symbol, ...]
    omega: tuple[sp.Expr, ...]
    degree: int
    _K: tuple[PolyElement, ...] = field(repr=False)
    _chi: tuple[PolyElement, ...] = field(repr=False)
    _complex: PolyRing = field(repr=False)

    @cached_property
    def terms(self) -> dict[int, sp.Expr]:
        """The normal form, from the degree to its polynomial in ``q`` and ``p``."""
        return {n: self._real(K) for n, K in enumerate(self._K, start=2)}

    @property
    def hamiltonian(self) -> sp.Expr:
        """The sum of all :attr:`terms`."""
        return sum(self.terms.values())

    @cached_property
    def generators(self) -> dict[int, sp.Expr]:
        r"""The Lie generators, from the degree to :math:`\chi` in ``q`` and ``p``."""
        i = self._complex.domain.from_sympy(sp.I)
        return {
            n: self._real(self._lift(c).mul_ground(i))
            for n, c in enumerate(self._chi, start=3)
        }

    def action_angle(
        self, action: Sequence[sp.Symbol], theta: Sequence[sp.Symbol]
    ) -> sp.Expr:
        r"""The normal form with :math:`q=\sqrt{2I}\sin\theta,\ p=\sqrt{2I}\cos\theta`.

        Without resonances it is a polynomial in the actions :math:`I` alone.

        Parameters
        ----------
        action, theta
            Symbols for actions (declare them positive) and angles.
        """
        modes: dict[Mode, sp.Expr] = {}
        n = len(self.q)
        for monomial, c in (term for K in self._K for term in K.terms()):
            a, b = monomial[:n], monomial[n:]
            mode = tuple(bj - aj for aj, bj in zip(a, b, strict=True))
            size = sp.prod(
                (2 * I) ** sp.Rational(aj + bj, 2)
                for I, aj, bj in zip(action, a, b, strict=True)
            )
            coefficient = self._K[0].ring.domain.to_sympy(c) * sp.I ** -sum(mode)
            modes[mode] = modes.get(mode, 0) + coefficient * size
        return trigonometric(modes, theta)

    def to_normal(self, f: sp.Expr) -> sp.Expr:
        r"""An observable of the original variables in terms of the normal ones.

        .. math:: e^{L_{\chi_N}}\cdots e^{L_{\chi_3}}f

        The result is truncated at ``degree - 2`` above the lowest degree of ``f``, as
        far as the generators determine it.
        """
        return self._map(transform, f)

    def to_original(self, f: sp.Expr) -> sp.Expr:
        r"""A function of the normal variables in terms of the original ones.

        .. math:: e^{-L_{\chi_3}}\cdots e^{-L_{\chi_N}}f

        An integral of the normal form becomes an approximate integral of the motion.
        """
        return self._map(inverse_transform, f)

    def _map(self, mapping, f: sp.Expr) -> sp.Expr:
        terms = _homogeneous(_polynomial(f, self.q, self.p), self._complex)
        zero, first = self._complex.zero, min(terms, default=0)
        series = [terms.get(first + n, zero) for n in range(self.degree - 1)]
        generators = [self._lift(c) for c in self._chi]
        return sum(self._real(c) for c in mapping(series, generators, _bracket))

    def _lift(self, f: PolyElement) -> PolyElement:
        """From the ring of the computation to that with complex coefficients."""
        if f.ring == self._complex:
            return f
        read, write = f.ring.domain.to_sympy, self._complex.domain.from_sympy
        return self._complex.from_dict({m: write(read(c)) for m, c in f.items()})

    def _real(self, f: PolyElement) -> sp.Expr:
        """Back to q and p: the ring's own generators serve as q and p here."""
        ring, n = self._complex, len(self.q)
        i = ring.domain.from_sympy(sp.I)
        q, p = ring.gens[:n], [g.mul_ground(i) for g in ring.gens[n:]]
        images = [
            *(a + b for a, b in zip(q, p, strict=True)),
            *(a - b for a, b in zip(q, p, strict=True)),
        ]
        return _substitute(self._lift(f), images).as_expr(*self.q, *self.p)


def normal_form(
    system: HamiltonianSystem, degree: int, resonances: Sequence[Mode] = ()
) -> NormalForm:
    r"""Birkhoff-Gustavson normal form of a polynomial Hamiltonian, exactly.

    .. math::
        H=\sum_j\tfrac{\omega_j}{2}(q_j^2+p_j^2)+H_3+H_4+\dots

    Canonical maps, one Lie series per degree, remove every monomial
    :math:`z^a\bar z^b` (:math:`z_j=q_j+ip_j`) with a divisor
    :math:`k\cdot\omega\ne0`, :math:`k=a-b`. What is left depends on the actions
    :math:`z_j\bar z_j/2` and, for resonant frequencies, on combinations with
    :math:`k\cdot\omega=0`, which must be announced in ``resonances``.

    Parameters
    ----------
    system
        A Hamiltonian polynomial in ``q`` and ``p``, scaled so that its quadratic part
        has the form above. Coefficients are rational numbers, roots, or rational
        functions of the parameters.
    degree
        The highest degree in ``q`` and ``p`` to normalize.
    resonances
        A basis of integer vectors :math:`k`; their integer combinations are kept. They
        may be nearly resonant only, for the normal form near a resonance.

    Returns
    -------
    NormalForm

    Raises
    ------
    ResonanceError
        If :math:`k\cdot\omega=0` for a term that ``resonances`` does not keep.
    ValueError
        If the Hamiltonian is not of the form above or its coefficients are not exact;
        the message names the term.

    Notes
    -----
    Sources: AMM-38, CCM-12. Birkhoff (1927), Gustavson (1966). A Hamiltonian even in
    the momenta has real coefficients in :math:`z,\bar z`, and :math:`\chi/i` as well;
    only others need complex arithmetic.

    Examples
    --------
    The quartic oscillator, with the action :math:`I`:

    >>> import sympy as sp
    >>> q, p = sp.symbols("q p", real=True)
    >>> quartic = HamiltonianSystem((p**2 + q**2)/2 + q**4, (q,), (p,))
    >>> I, theta = sp.symbols("I theta", positive=True)
    >>> normal_form(quartic, 6).action_angle([I], [theta])
    -17*I**3/4 + 3*I**2/2 + I

    In the Hénon-Heiles system the frequencies are equal: the resonance
    :math:`(1,-1)` stays. The invariants of the oscillators are the total action
    :math:`J`, the angular momentum :math:`L` and a complex :math:`K` with
    :math:`|K|^2=J^2-L^2`,

    .. math::
        \begin{aligned}
        J&=\tfrac12(q_1^2+p_1^2+q_2^2+p_2^2),\qquad L=q_1p_2-q_2p_1,\\
        K&=\tfrac12(q_1^2+p_1^2-q_2^2-p_2^2)+i(q_1q_2+p_1p_2)
        \end{aligned}

    >>> x, y, u, v = sp.symbols("x y u v", real=True)
    >>> H = (x**2 + y**2 + u**2 + v**2)/2 + x**2*y - y**3/3
    >>> henon_heiles = HamiltonianSystem(H, (x, y), (u, v))
    >>> K = normal_form(henon_heiles, 4, resonances=[(1, -1)])
    >>> J, L = (x**2 + y**2 + u**2 + v**2)/2, x*v - y*u
    >>> sp.expand(K.terms[4] - (-5*J**2 + 7*L**2)/12)
    0
    """
    q, p = system.q, system.p
    polynomial = _polynomial(system.H, q, p)
    omega = _frequencies(polynomial, q, p)
    exact = [*omega, *polynomial.coeffs()]
    even = all(sum(m[len(q) :]) % 2 == 0 for m in polynomial.monoms())
    ring = _ring(q, p, exact if even else [*exact, sp.I])
    H = _homogeneous(polynomial, ring)
    series = [H.get(d, ring.zero) for d in range(2, degree + 1)]
    keeps = kept_modes(resonances, len(q))
    w = [ring.domain.from_sympy(x) for x in omega]

    def solve(n: int, f: PolyElement) -> tuple[PolyElement, PolyElement]:
        kernel, chi = ring.from_dict({}), ring.from_dict({})
        for monomial, c in f.terms():
            k = tuple(
                a - b
                for a, b in zip(monomial[: len(q)], monomial[len(q) :], strict=True)
            )
            if keeps(k):
                kernel[monomial] = c
                continue
            divisor = sum(kj * wj for kj, wj in zip(k, w, strict=True))
            if not divisor:
                raise resonance_error(k, omega, f"degree {n + 2}")
            chi[monomial] = c / divisor
        return kernel, chi

    K, chi = normalize(series, _bracket, solve)
    return NormalForm(
        q, p, omega, degree, tuple(K), tuple(chi), _ring(q, p, [*exact, sp.I])
    )


def _bracket(f: PolyElement, chi: PolyElement) -> PolyElement:
    r"""The bracket {f, i chi} in the complex variables."""
    z = f.ring.gens
    n = len(z) // 2
    total = f.ring.zero
    for a, b in zip(z[:n], z[n:], strict=True):
        total += f.diff(a) * chi.diff(b) - f.diff(b) * chi.diff(a)
    return 2 * total


def _ring(q: Sequence, p: Sequence, coefficients: Sequence[sp.Expr]) -> PolyRing:
    """Polynomials in z and its conjugate over the field of the coefficients."""
    names = [f"z_{x}" for x in q] + [f"zbar_{x}" for x in q]
    return PolyRing(names, exact_field(coefficients))


def _polynomial(f: sp.Expr, q: Sequence, p: Sequence) -> sp.Poly:
    try:
        return sp.Poly(sp.expand(f), *q, *p)
    except sp.PolynomialError as error:
        raise ValueError(
            f"{f} is not a polynomial in {(*q, *p)}; expand it in a series about the "
            "equilibrium first"
        ) from error


def _frequencies(H: sp.Poly, q: Sequence, p: Sequence) -> tuple[sp.Expr, ...]:
    """Read omega off the quadratic part, and insist on its form."""
    quadratic = {m: c for m, c in H.terms() if sum(m) <= 2 and c != 0}
    omega = tuple(2 * H.coeff_monomial(x**2) for x in q)
    for x, y, w in zip(q, p, omega, strict=True):
        for s in (x, y):
            if sp.expand(2 * H.coeff_monomial(s**2) - w) != 0:
                raise ValueError(
                    f"the quadratic terms of {x} and {y} are not of the form "
                    f"omega*({x}**2 + {y}**2)/2; scale {x} and {y} inversely"
                )
            quadratic.pop(sp.Poly(s**2, *H.gens).monoms()[0], None)
    for m in quadratic:
        term = H.coeff_monomial(m) * sp.prod(
            s**a for s, a in zip(H.gens, m, strict=True)
        )
        raise ValueError(
            f"the term {term} does not belong to oscillators in equilibrium at the "
            "origin; shift the origin, drop constants, and use normal modes"
        )
    return omega


def _homogeneous(f: sp.Poly, ring: PolyRing) -> Mapping[int, PolyElement]:
    """Sort by degree, and write q = (z + zbar)/2, p = (z - zbar)/(2i)."""
    n = len(ring.gens) // 2
    z, zbar = ring.gens[:n], ring.gens[n:]
    half = ring.domain.from_sympy(sp.Rational(1, 2))
    images = [
        *((a + b).mul_ground(half) for a, b in zip(z, zbar, strict=True)),
        *((a - b).mul_ground(half) for a, b in zip(z, zbar, strict=True)),
    ]
    found: dict[int, PolyElement] = {}
    try:
        for m, c in f.terms():
            if c != 0:
                phase = (-sp.I) ** sum(m[n:])
                term = ring.domain.from_sympy(sp.expand(c * phase))
                found.setdefault(sum(m), ring.from_dict({}))[m] = term
    except CoercionFailed as error:
        raise ValueError(
            f"the coefficients of {f.as_expr()} contain numbers or parameters that the "
            "Hamiltonian does not; keep them outside"
        ) from error
    return {degree: _substitute(part, images) for degree, part in found.items()}


def _substitute(f: PolyElement, images: Sequence[PolyElement]) -> PolyElement:
    """Put polynomials in the place of the generators."""
    ring = f.ring
    powers = [[ring.one] for _ in images]
    total = ring.zero
    for monomial, c in f.terms():
        product = ring.one
        for list_, image, a in zip(powers, images, monomial, strict=True):
            while len(list_) <= a:
                list_.append(list_[-1] * image)
            product *= list_[a]
        total += product.mul_ground(c)
    return total
