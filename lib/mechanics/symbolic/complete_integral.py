"""Complete integrals of the Hamilton-Jacobi equation, and the motion in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from mechanics.symbolic.hamiltonian import HamiltonianSystem
from mechanics.symbolic.quadratures import antiderivative, radicand
from mechanics.symbolic.symbols import coerce
from mechanics.symbolic.zero import is_zero


@dataclass(frozen=True)
class CompleteIntegral:
    r"""A solution :math:`S(q;\alpha;t)` of the Hamilton-Jacobi equation.

    .. math::
        H\left(q,\frac{\partial S}{\partial q},t\right)
        +\frac{\partial S}{\partial t}=0

    It is *complete* if it holds as many constants :math:`\alpha` as there are
    coordinates and :math:`\det\partial^2S/\partial q\,\partial\alpha\ne0`. The motion
    then follows by differentiation: :math:`p_i=\partial S/\partial q_i`, and
    :math:`\beta_i=\partial S/\partial\alpha_i` stays constant.

    Separation finds some (:func:`~mechanics.symbolic.hamilton_jacobi`);
    any candidate can be put in and tested.

    Parameters
    ----------
    system
        The Hamiltonian system.
    S
        Hamilton's principal function, an expression in ``q``, ``alpha`` and ``t``.
    alpha
        The constants, one per coordinate.
    t
        The symbol of time; that of the system, if it has one.

    Notes
    -----
    Sources: HM-eq-3.5.11 to 3.5.14, CCM-10. HM and CCM count the constants only; the
    determinant is what makes them independent.

    Examples
    --------
    The action of the oscillator as a function of both end points, HM exercise 3.28;
    :math:`\beta=\partial S/\partial q_0` is minus the initial momentum.

    >>> import sympy as sp
    >>> q, p, q0, t = sp.symbols("q p q0 t", real=True)
    >>> w = sp.Symbol("omega", positive=True)
    >>> S = w*((q**2 + q0**2)*sp.cos(w*t) - 2*q*q0)/(2*sp.sin(w*t))
    >>> oscillator = HamiltonianSystem((p**2 + w**2*q**2)/2, (q,), (p,))
    >>> hj = CompleteIntegral(oscillator, S, (q0,), t)
    >>> hj.is_solution, hj.completeness
    (True, -omega/sin(omega*t))
    """

    system: HamiltonianSystem
    S: sp.Expr
    alpha: tuple[sp.Symbol, ...]
    t: sp.Symbol

    def __post_init__(self):
        coerce(self, S=sp.sympify, alpha=tuple)
        if len(self.alpha) != len(self.system.q):
            raise ValueError(
                f"{len(self.alpha)} constants for {len(self.system.q)} coordinates: a "
                "complete integral needs one constant per coordinate"
            )
        if self.system.t not in (None, self.t):
            raise ValueError(
                f"the system's time is {self.system.t}, not {self.t}: use one symbol"
            )

    @cached_property
    def momenta(self) -> tuple[sp.Expr, ...]:
        r"""The momenta :math:`p_i=\partial S/\partial q_i`."""
        return tuple(sp.diff(self.S, q) for q in self.system.q)

    @cached_property
    def _reduced_momenta(self) -> tuple[sp.Expr, ...]:
        """The momenta, factored: derivatives of a closed form collapse again."""
        return tuple(sp.factor(p) for p in self.momenta)

    @cached_property
    def energy(self) -> sp.Expr:
        r"""The energy :math:`E=-\partial S/\partial t`."""
        return -sp.diff(self.S, self.t)

    @cached_property
    def W(self) -> sp.Expr:
        r"""Hamilton's characteristic function :math:`W=S+Et`.

        Raises
        ------
        ValueError
            If :math:`S` does not have the form :math:`W(q;\alpha)-Et`.
        """
        if self.energy.has(self.t, *self.system.q):
            raise ValueError(
                f"S = {self.S} is not W(q) - E t: its time derivative depends on "
                "the coordinates or on time; work with S itself"
            )
        return self.S + self.energy * self.t

    @cached_property
    def beta(self) -> tuple[sp.Expr, ...]:
        r"""The expressions :math:`\partial S/\partial\alpha_i`, constant in time.

        Set equal to constants :math:`\beta_i`, they are the motion :math:`q(t)` in
        implicit form.
        """
        return tuple(sp.diff(self.S, a) for a in self.alpha)

    @cached_property
    def defect(self) -> sp.Expr:
        r"""The left side :math:`H(q,\partial S/\partial q,t)+\partial S/\partial t`."""
        values = dict(zip(self.system.p, self._reduced_momenta, strict=True))
        defect = sp.expand(self.system.H.xreplace(values) - self.energy)
        # a square root of H (relativity) opens only if its square is factored
        return defect.replace(
            lambda f: f.is_Pow and f.exp == sp.S.Half,
            lambda f: sp.sqrt(sp.factor(f.base)),
        )

    @property
    def is_solution(self) -> bool:
        """Whether the Hamilton-Jacobi equation holds."""
        return is_zero(self.defect)

    @cached_property
    def completeness(self) -> sp.Expr:
        r"""The determinant of :math:`\partial^2S/\partial q_i\,\partial\alpha_j`."""
        hessian = [[p.diff(a) for a in self.alpha] for p in self._reduced_momenta]
        return sp.Matrix(hessian).det(method="berkowitz")

    @property
    def is_complete(self) -> bool:
        """Whether the constants are independent."""
        return not is_zero(self.completeness)

    def reparametrize(
        self, new: Mapping[sp.Symbol, sp.Expr], alpha: Sequence[sp.Symbol] | None = None
    ) -> "CompleteIntegral":
        r"""Express the constants by others, :math:`\alpha=\alpha(\alpha')`.

        Parameters
        ----------
        new
            What to write for an old constant, as ``{alpha_phi: l}`` or
            ``{alpha_theta: L**2}``; constants that are not mentioned stay. This is
            also how a sign is declared: ``{E: sp.Symbol("E", negative=True)}``.
        alpha
            The new constants; by default each old constant gives way to the symbols of
            its expression that are not parameters of the system.
        """
        new = {a: sp.sympify(f) for a, f in new.items()}
        for a in new:
            if a not in self.alpha:
                raise ValueError(
                    f"{a} is none of the constants {', '.join(map(str, self.alpha))}"
                )
        if alpha is None:
            found = []
            for a in self.alpha:
                symbols = new.get(a, a).free_symbols - set(self.system.params)
                found += [s for s in sorted(symbols, key=str) if s not in found]
            alpha = found
        S = self.S.subs(new, simultaneous=True)
        return CompleteIntegral(self.system, S, tuple(alpha), self.t)

    def closed_form(self) -> "CompleteIntegral":
        r"""Carry out the quadratures that have a standard form.

        See :func:`~mechanics.symbolic.antiderivative` for the five forms
        and for the signs that the assumptions of the constants must tell. Integrals
        of any other form stay as they are; this method never searches.
        """

        def evaluate(p, limits):
            (q,) = limits
            parts = radicand(p, q)
            found = None if parts is None else antiderivative(parts[1], q)
            return sp.Integral(p, q) if found is None else parts[0] * found

        S = self.S.replace(sp.Integral, evaluate)
        return CompleteIntegral(self.system, S, self.alpha, self.t)
