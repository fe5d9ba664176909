r"""Action-angle variables: :math:`J=\frac1{2\pi}\oint p\,dq` and what follows from it.

An orbit of a separable system projects onto a closed curve in each phase plane
:math:`(q_i,p_i)`, of one of two kinds: a *libration*, to and fro between two turning
points or walls, or a *rotation*, in which :math:`q_i` grows by a period while
:math:`p_i` keeps its sign. A full cycle of a libration runs through both signs of
:math:`p`. At the separatrix of a pendulum the action of a libration is therefore twice
that of a rotation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import mpmath
import sympy as sp

from mechanics.symbolic.complete_integral import CompleteIntegral
from mechanics.symbolic.quadratures import antiderivative, radicand, standard_form
from mechanics.symbolic.symbols import listed
from mechanics.symbolic.zero import is_zero


def action_variable(
    p: sp.Expr,
    q: sp.Symbol,
    *,
    between: tuple[sp.Expr, sp.Expr] | None = None,
    period: sp.Expr | None = None,
    digits: int = 30,
) -> sp.Expr:
    r"""The action :math:`J=\frac1{2\pi}\oint p\,dq` over one cycle.

    .. math::
        J_{\text{libration}}=\frac1\pi\int_{q_1}^{q_2}|p|\,dq,\qquad
        J_{\text{rotation}}=\frac1{2\pi}\int_0^{\text{period}}p\,dq

    The result is exact if :math:`p^2` is one of the five standard radicands of
    ``mechanics.symbolic.quadratures``. Any other is integrated numerically, which
    needs numbers for all parameters.

    Parameters
    ----------
    p
        The momentum :math:`p(q;E,\dots)`, as :func:`hamilton_jacobi` returns it.
    q
        The coordinate.
    between
        Turning points or walls of a libration. Not needed between the turning points
        of a standard radicand.
    period
        The period of a rotation, such as :math:`2\pi`.
    digits
        Precision of a numerical result.

    Returns
    -------
    Expr
        The action, with the dimension of :math:`p\,q`; a
        :class:`~sympy.core.numbers.Float` of ``digits`` digits where the integral was
        done numerically.

    Raises
    ------
    ValueError
        If the motion is no such cycle, if the signs that decide this do not follow
        from the assumptions of the symbols, or if the integral has no standard form
        and the numbers are missing.

    Notes
    -----
    Sources: CCM-10, CCM-12. The radial integral is Sommerfeld's (1916). Where the
    action is a number, the frequency follows from the actions of two close energies,
    :math:`\omega\approx\Delta E/\Delta J`; 30 digits leave room for that.

    Examples
    --------
    >>> import sympy as sp
    >>> m, omega, g, l, E, k, L = sp.symbols("m omega g l E k L", positive=True)
    >>> x, r, theta = sp.symbols("x r theta", real=True)
    >>> action_variable(sp.sqrt(2*m*E - m**2*omega**2*x**2), x)
    E/omega
    >>> action_variable(sp.sqrt(2*m*(k/r - E) - L**2/r**2), r)
    -L + sqrt(2)*k*sqrt(m)/(2*sqrt(E))
    >>> action_variable(sp.sqrt(2*m*E), x, between=(0, l))
    sqrt(2)*sqrt(E)*l*sqrt(m)/pi

    A quartic potential, to 30 digits:

    >>> action_variable(sp.sqrt(2 - x**4), x, between=(-2**sp.S("1/4"), 2**sp.S("1/4")))
    0.935779625651010278038040579620
    """
    if between is not None and period is not None:
        raise ValueError("a cycle is a libration (between) or a rotation (period)")
    p = sp.sympify(p)
    parts = radicand(p, q)
    if parts is None:
        raise ValueError(
            f"p = {p} is no square root; in a libration what stands outside the root "
            "cancels over the cycle: leave it out"
        )
    factor, R = parts
    if period is not None:
        J = factor * _integral(R, q, 0, period, digits) / (2 * sp.pi)
    else:
        size = -factor if factor.could_extract_minus_sign() else factor
        if between is None:
            J = size * _natural_libration(R, q)
        else:
            J = size * _integral(R, q, *between, digits) / sp.pi
    if J.has(sp.Float):
        J = J.evalf(digits)
    if J.is_number and not _is_action(J, rotation=period is not None):
        raise ValueError(
            f"p**2 = {sp.expand(p**2)} is negative on the way; choose the right kind "
            "of cycle (libration or rotation) for this energy"
        )
    return J


def _is_action(J: sp.Expr, rotation: bool) -> bool:
    """Whether a number is real and, for a libration, not negative."""
    re, im = J.evalf(30).as_real_imag()
    tiny = sp.Float("1e-20") * (1 + abs(re))
    return bool(abs(im) <= tiny and (rotation or re >= -tiny))


def _natural_libration(R: sp.Expr, q: sp.Symbol) -> sp.Expr:
    """Integrate over a cycle between the turning points of a standard radicand."""

    def require(condition, what):
        if not condition:
            raise ValueError(
                f"a libration with p**2 = {R} needs {what}; declare the signs of the "
                "symbols (positive=True, negative=True), or give between="
            )

    form = standard_form(R, q)
    if form is None:
        raise ValueError(
            f"p**2 = {R} is no standard radicand: give its turning points with between="
        )
    name, coefficients = form
    if name == "quadratic":
        a, b, c = coefficients
        require(c.is_negative, f"{c} < 0")
        return (b**2 - 4 * a * c) / (8 * (-c) ** sp.Rational(3, 2))
    if name == "cosine":
        A, B, kappa = coefficients
        require(B.is_nonzero, f"{B} != 0")
        depth = 2 * sp.Abs(B)
        m = sp.cancel((A + sp.Abs(B)) / depth)
        # at the separatrix K diverges, but (1 - m) K vanishes
        loop = sp.elliptic_e(m) - (0 if m == 1 else (1 - m) * sp.elliptic_k(m))
        return 4 * sp.sqrt(depth) * loop / (sp.pi * sp.Abs(kappa))
    if name == "sine":
        A, C = coefficients
        require(A.is_nonnegative, f"{A} >= 0")
        require(C.is_nonnegative, f"{C} >= 0")
        return sp.sqrt(A) - sp.sqrt(C)
    A, B, C = coefficients
    require(C.is_nonpositive, f"{C} <= 0")
    if name == "coulomb":
        require(A.is_negative, f"{A} < 0")
        return B / (2 * sp.sqrt(-A)) - sp.sqrt(-C)
    require(B.is_negative, f"{B} < 0")
    return A / (4 * sp.sqrt(-B)) - sp.sqrt(-C) / 2


def _integral(R, q, a, b, digits):
    r"""Integrate :math:`\sqrt{R}` from a to b: exactly, or else numerically."""
    a, b = sp.sympify(a), sp.sympify(b)
    F = antiderivative(R, q)
    if F is not None:
        exact = F.subs(q, b) - F.subs(q, a)
        if not exact.has(sp.nan, sp.zoo, sp.oo):
            return exact
    missing = (R.free_symbols - {q}) | a.free_symbols | b.free_symbols
    if missing:
        raise ValueError(
            f"the integral of the root of p**2 = {R} has no standard form; give "
            f"numbers for {listed(missing)} (or declare their "
            "signs, if it is a standard radicand)"
        )
    with mpmath.workdps(2 * digits):
        f = sp.lambdify(q, R, "mpmath")
        a, b = (mpmath.mpf(sp.N(x, 2 * digits)) for x in (a, b))
        for x in mpmath.linspace(a, b, 101)[1:-1]:
            if f(x) < 0:
                raise ValueError(
                    f"p**2 = {R} is negative at {q} = {mpmath.nstr(x, 6)}, between "
                    "the ends of the cycle"
                )
        value, error = mpmath.quad(
            lambda x: mpmath.sqrt(max(f(x), 0)), [a, b], error=True
        )
        if error > mpmath.mpf(10) ** -digits * (1 + abs(value)):
            raise ValueError(
                f"the integral of the root of p**2 = {R} converges to "
                f"{mpmath.nstr(error, 2)} only; ask for fewer digits or split it"
            )
    return sp.Float(value, digits + 5)


@dataclass(frozen=True)
class ActionAngle:
    r"""Actions of a separable system, with its frequencies and angles.

    Parameters
    ----------
    integral
        The complete integral :math:`S=W(q;\alpha)-E(\alpha)t`.
    J
        The actions :math:`J_i(\alpha)`, one per coordinate; see :func:`action_angle`.

    Notes
    -----
    Sources: CCM-10. The frequencies are angular frequencies, in radians per unit of
    time: after :math:`2\pi/\omega_i` the angle :math:`w_i` has grown by
    :math:`2\pi`.

    Examples
    --------
    A Lissajous figure: two oscillators, the second twice as fast, so that it closes.

    >>> import sympy as sp
    >>> from mechanics.symbolic import HamiltonianSystem, hamilton_jacobi
    >>> x, y, p_x, p_y = sp.symbols("x y p_x p_y", real=True)
    >>> E = sp.Symbol("E", positive=True)
    >>> H = (p_x**2 + x**2)/2 + (p_y**2 + 4*y**2)/2
    >>> hj = hamilton_jacobi(HamiltonianSystem(H, (x, y), (p_x, p_y)), E=E)
    >>> hj.alpha, hj.momenta
    ((E, alpha_x), (sqrt(2*alpha_x - x**2), sqrt(2*E - 2*alpha_x - 4*y**2)))
    >>> lissajous = action_angle(hj)
    >>> lissajous.J, lissajous.frequencies, lissajous.degeneracies()
    ((alpha_x, E/2 - alpha_x/2), (1, 2), ((2, -1),))
    """

    integral: CompleteIntegral
    J: tuple[sp.Expr, ...]

    @cached_property
    def frequencies(self) -> tuple[sp.Expr, ...]:
        r"""The frequencies :math:`\omega_i=\partial H/\partial J_i`, in ``alpha``.

        No inversion :math:`\alpha(J)` is needed: the chain rule
        :math:`\partial E/\partial\alpha_k
        =\sum_i\omega_i\,\partial J_i/\partial\alpha_k` is linear.
        """
        return self._per_action(self.integral.energy)

    @cached_property
    def angles(self) -> tuple[sp.Expr, ...]:
        r"""The angles :math:`w_i=\partial W/\partial J_i` as functions of q.

        They grow as :math:`w_i=\omega_it+\text{const}`. Integrals of no standard form
        stay unevaluated.
        """
        return self._per_action(self.integral.closed_form().W)

    def degeneracies(self, order: int = 4) -> tuple[tuple[int, ...], ...]:
        r"""Independent integer vectors with :math:`n\cdot\omega=0` on every orbit.

        Parameters
        ----------
        order
            The largest :math:`\sum_i|n_i|` that is tried.
        """
        symbols = sorted(
            set().union(*(w.free_symbols for w in self.frequencies)), key=str
        )
        # roots such as sqrt(-E) need the signs that the symbols were declared with
        size = {s: sp.Dummy(s.name, positive=True) for s in symbols}
        signed = {s: -d if s.is_negative else d for s, d in size.items()}
        frequencies = [w.xreplace(signed) for w in self.frequencies]
        point = {d: sp.sqrt(sp.prime(i + 5)) for i, d in enumerate(size.values())}
        values = [w.subs(point).evalf(30) for w in frequencies]
        found = []
        numbers = range(-order, order + 1)
        for n in sorted(product(numbers, repeat=len(values)), key=_size):
            if not 0 < _size(n) <= order or next(x for x in n if x) < 0:
                continue
            if abs(sum(x * w for x, w in zip(n, values, strict=True))) > 1e-20:
                continue
            independent = sp.Matrix([*found, n]).rank() > len(found)
            if independent and is_zero(
                sum(x * w for x, w in zip(n, frequencies, strict=True))
            ):
                found.append(n)
        return tuple(found)

    def _per_action(self, f: sp.Expr) -> tuple[sp.Expr, ...]:
        """Differentiate f(alpha) with respect to the actions."""
        alpha = self.integral.alpha
        jacobian = sp.Matrix(self.J).jacobian(alpha).applyfunc(sp.factor)
        if is_zero(jacobian.det(method="berkowitz")):
            raise ValueError(
                f"the actions {self.J} are not independent functions of "
                f"{', '.join(map(str, alpha))}"
            )
        gradient = sp.Matrix([f.diff(a) for a in alpha])
        return tuple(jacobian.T.LUsolve(gradient))


def _size(n):
    return sum(map(abs, n))


def action_angle(
    integral: CompleteIntegral,
    *,
    between: Mapping[sp.Symbol, tuple[sp.Expr, sp.Expr]] | None = None,
    period: Mapping[sp.Symbol, sp.Expr] | None = None,
) -> ActionAngle:
    r"""Actions of all coordinates of a separated system.

    Parameters
    ----------
    integral
        The result of :func:`~mechanics.symbolic.hamilton_jacobi`, not
        yet in closed form, its constants declared with the signs that they have on
        bound orbits.
    between, period
        By coordinate: the ends of a libration between walls, the period of a rotation.
        Coordinates that are not named librate between natural turning points.

    Examples
    --------
    The Kepler problem: radial and angular frequency agree, so that orbits close.

    >>> import sympy as sp
    >>> from mechanics.symbolic import HamiltonianSystem, hamilton_jacobi
    >>> r, phi, m, k, l = sp.symbols("r phi m k l", positive=True)
    >>> p_r, p_phi = sp.symbols("p_r p_phi", real=True)
    >>> E = sp.Symbol("E", negative=True)
    >>> H = (p_r**2 + p_phi**2/r**2)/(2*m) - k/r
    >>> hj = hamilton_jacobi(HamiltonianSystem(H, (r, phi), (p_r, p_phi)), E=E)
    >>> hj = hj.reparametrize({hj.alpha[1]: l})
    >>> kepler = action_angle(hj, period={phi: 2*sp.pi})
    >>> kepler.J
    (sqrt(2)*k*sqrt(m)/(2*sqrt(-E)) - l, l)
    >>> kepler.frequencies
    (-2*sqrt(2)*E*sqrt(-E)/(k*sqrt(m)), -2*sqrt(2)*E*sqrt(-E)/(k*sqrt(m)))
    >>> kepler.degeneracies()
    ((1, -1),)
    """
    between, period = between or {}, period or {}
    q = integral.system.q
    strangers = (set(between) | set(period)) - set(q)
    if strangers:
        raise ValueError(
            f"{listed(strangers)} is no coordinate of the system; these are {q}"
        )
    return ActionAngle(
        integral,
        tuple(
            action_variable(p, x, between=between.get(x), period=period.get(x))
            for p, x in zip(integral.momenta, q, strict=True)
        ),
    )
