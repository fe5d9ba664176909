"""Lindstedt-Poincaré series of a nonlinear oscillator, with exact coefficients."""

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from mechanics.symbolic.perturbation.exact import exact_field


@dataclass(frozen=True)
class LindstedtSeries:
    r"""The periodic solution of :math:`\ddot x+x+g(x,\epsilon)=0` and its frequency.

    Attributes
    ----------
    x, eps, g
        The equation: coordinate, small parameter and perturbation.
    frequencies
        The coefficients of :math:`\omega=1+\epsilon\omega_1+\epsilon^2\omega_2+\dots`.
    harmonics
        For each order the cosine coefficients of
        :math:`x_n(\tau)=\sum_kc_{nk}\cos k\tau` with :math:`\tau=\omega t`.

    Examples
    --------
    A pendulum, :math:`\ddot x+\sin x=0`, of amplitude :math:`A`; :math:`\epsilon=1`
    marks the first correction. It swings more slowly, and not quite harmonically:

    >>> import sympy as sp
    >>> A, x, eps = sp.symbols("A x epsilon")
    >>> pendulum = lindstedt_poincare(-eps*x**3/6, x, eps, 1, amplitude=A)
    >>> pendulum.frequency
    -A**2*epsilon/16 + 1
    >>> pendulum.harmonics[1]
    {1: A**3/192, 3: -A**3/192}
    """

    x: sp.Symbol
    eps: sp.Symbol
    g: sp.Expr
    frequencies: tuple[sp.Expr, ...]
    harmonics: tuple[Mapping[int, sp.Expr], ...]

    @property
    def frequency(self) -> sp.Expr:
        r"""The truncated series of :math:`\omega` as a polynomial in ``eps``."""
        return sum(self.eps**n * w for n, w in enumerate(self.frequencies))

    def solution(self, tau: sp.Expr) -> sp.Expr:
        r"""The truncated :math:`x(\tau)` for :math:`\tau=\omega t`."""
        return sum(
            self.eps**n * c * sp.cos(k * tau)
            for n, series in enumerate(self.harmonics)
            for k, c in series.items()
        )

    def defect(self, tau: sp.Expr) -> sp.Expr:
        r"""What the truncated series leaves of the equation of motion.

        .. math::
            \omega^2\frac{d^2x}{d\tau^2}+x+g(x,\epsilon)

        Returns
        -------
        Expr
            A polynomial in ``eps`` and :math:`\cos\tau`; its lowest power of ``eps``
            is one more than the order of the series.
        """
        # with c = cos(tau): cos(k tau) = T_k(c), d^2/dtau^2 = (1 - c^2) d^2 - c d
        c = sp.Dummy("c")
        x = sum(
            self.eps**n * a * sp.chebyshevt_poly(k, c)
            for n, series in enumerate(self.harmonics)
            for k, a in series.items()
        )
        x = sp.Poly(x, self.eps, c)
        acceleration = (1 - c**2) * x.diff(c).diff(c) - c * x.diff(c)
        omega = sp.Poly(self.frequency, self.eps, c)
        g = sp.Poly(self.g, self.x)
        force = sum(a * x ** int(k) for (k,), a in g.terms())
        return (omega**2 * acceleration + x + force).as_expr().subs(c, sp.cos(tau))


def lindstedt_poincare(
    g: sp.Expr, x: sp.Symbol, eps: sp.Symbol, order: int, amplitude: sp.Expr = 1
) -> LindstedtSeries:
    r"""Solve :math:`\ddot x+x+g(x,\epsilon)=0`, :math:`x(0)=A`, :math:`\dot x(0)=0`.

    The naive series in :math:`\epsilon` contains *secular* terms like
    :math:`t\sin t`. In the stretched time :math:`\tau=\omega t`,

    .. math:: \omega^2x''+x+g(x,\epsilon)=0,

    the coefficient of :math:`\cos\tau` is removed at each order by the choice of
    :math:`\omega_n`, and :math:`x_n` is a finite cosine sum with :math:`x_n(0)=0`.

    Parameters
    ----------
    g
        A polynomial in ``x`` and ``eps`` with exact coefficients, every term of which
        contains ``eps``; :math:`\epsilon x^3` is Duffing's equation.
    x, eps
        Coordinate and small parameter.
    order
        The highest power of :math:`\epsilon`.
    amplitude
        The initial :math:`x(0)=A\ne0`, a number or a symbol.

    Returns
    -------
    LindstedtSeries

    Raises
    ------
    ValueError
        If ``g`` is not such a polynomial (the message names the term), or if a
        coefficient is a floating-point number.

    Notes
    -----
    Source: CCM-12. Lindstedt (1882), Poincaré (1892).

    Examples
    --------
    >>> from sympy.abc import x, A, epsilon
    >>> lindstedt_poincare(epsilon*x**3, x, epsilon, 3).frequency
    81*epsilon**3/2048 - 21*epsilon**2/256 + 3*epsilon/8 + 1
    >>> lindstedt_poincare(epsilon*x**3, x, epsilon, 2, amplitude=A).frequencies
    (1, 3*A**2/8, -21*A**4/256)
    """
    g, amplitude = sp.sympify(g), sp.sympify(amplitude)
    terms = _polynomial_terms(g, x, eps)
    if amplitude.is_zero:
        raise ValueError("the amplitude is zero: that is the equilibrium, not an orbit")
    K = exact_field([sp.Integer(1), amplitude, *terms.values()])
    A = K.from_sympy(amplitude)
    coefficients = {m: K.from_sympy(c) for m, c in terms.items()}
    degree = max((power for power, _ in coefficients), default=0)

    # series in eps of exponential sums {k: c_k = c_-k}; powers[j][n] belongs to x^j
    half = A / K.convert(2)
    powers = [[{0: K.one}], *([{1: half, -1: half}] for _ in range(min(degree, 1)))]
    solution, squares = [{1: half, -1: half}], [K.one]
    for _ in range(2, degree + 1):
        powers.append([_product(powers[-1], solution, 0, K)])
    for n in range(1, order + 1):
        source: dict[int, object] = {}
        for (j, m), c in coefficients.items():
            if m <= n:
                _accumulate(source, powers[j][n - m], -c)
        for m in range(1, n):
            bent = {k: -(k**2) * c for k, c in solution[n - m].items()}
            _accumulate(source, bent, -squares[m])
        squares.append(-source.pop(1, K.zero) / half)
        source.pop(-1, None)
        x_n = {k: c / K.convert(1 - k**2) for k, c in source.items() if c}
        start = -sum(x_n.values(), K.zero) / K.convert(2)
        _accumulate(x_n, {1: start, -1: start}, K.one)
        solution.append(x_n)
        powers[0].append({})
        for j in range(1, degree + 1):
            powers[j].append(_product(powers[j - 1], solution, n, K))
    return LindstedtSeries(
        x,
        eps,
        g,
        tuple(sp.factor_terms(K.to_sympy(w)) for w in _square_root(squares, K)),
        tuple(
            {k: K.to_sympy(c * (2 if k else 1)) for k, c in sorted(s.items()) if k >= 0}
            for s in solution
        ),
    )


def _polynomial_terms(g: sp.Expr, x: sp.Symbol, eps: sp.Symbol) -> dict:
    try:
        polynomial = sp.Poly(g, x, eps)
    except sp.PolynomialError as error:
        raise ValueError(
            f"{g} is not a polynomial in {x} and {eps}; expand it in a series first"
        ) from error
    for (j, m), c in polynomial.terms():
        if m == 0 and c != 0:
            raise ValueError(
                f"the term {c * x**j} has no factor {eps}; scale x so that the "
                f"unperturbed equation is that of the oscillator, x'' + x = 0"
            )
    return dict(polynomial.terms())


def _accumulate(total: dict, series: Mapping, factor) -> None:
    for k, c in series.items():
        total[k] = total.get(k, factor * 0) + factor * c


def _product(a: list[dict], b: list[dict], n: int, K) -> dict:
    """The coefficient of eps^n in the product of two series."""
    total: dict[int, object] = {}
    for i in range(n + 1):
        for k, c in a[i].items():
            for l, d in b[n - i].items():
                total[k + l] = total.get(k + l, K.zero) + c * d
    return {k: c for k, c in total.items() if c}


def _square_root(squares: list, K) -> list:
    """Series of omega from that of omega^2."""
    omega = [K.one]
    for n in range(1, len(squares)):
        mixed = sum((omega[i] * omega[n - i] for i in range(1, n)), K.zero)
        omega.append((squares[n] - mixed) / K.convert(2))
    return omega
