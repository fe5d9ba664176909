"""The Hamiltonian that a splitting method really keeps."""

from fractions import Fraction

import sympy as sp

from mechanics.numerics.splitting import SplittingMethod
from mechanics.numerics.step import UnsuitableMethodError
from mechanics.symbolic import HamiltonianSystem

ZERO = 1e-13  # a coefficient of the series that is due to the rounding of the method's
SIMPLE = 10**6  # the largest denominator that is worth an exact fraction

Series = dict[str, Fraction]  # coefficients of words, one letter for each flow


def modified_hamiltonian(
    system: HamiltonianSystem,
    method: SplittingMethod,
    h: sp.Expr | float,
    order: int = 2,
) -> sp.Expr:
    r"""Hamiltonian whose exact motion passes through the states of a splitting method.

    The flows of :math:`T(p)` and :math:`V(q)` are exponentials of their Lie derivatives
    :math:`L_Af=\{f,A\}`, and so is their composition:

    .. math::
        e^{c_1hL_{A_1}}e^{c_2hL_{A_2}}\cdots=e^{hL_{\tilde H}},\qquad
        \tilde H=H+hH_1+h^2H_2+\dots

    By the formula of Baker, Campbell and Hausdorff :math:`H_k` consists of :math:`k`
    brackets nested in one another. They follow here from the logarithm of the series in
    non-commuting letters, each word :math:`a_1\dots a_n` of which is, by Dynkin's
    theorem, :math:`\frac1n[\cdots[a_1,a_2],\cdots,a_n]`, with
    :math:`[L_A,L_B]=L_{\{B,A\}}`. For kick, drift, kick and :math:`T=p^2/2`

    .. math::
        \tilde H=H+h^2\Big(\frac{p^2V''}{12}-\frac{V'^2}{24}\Big)+O(h^4).

    In general the series does not converge: from some order on its terms grow again,
    the later the smaller :math:`h` is.

    Parameters
    ----------
    system
        A Hamiltonian :math:`T(p)+V(q)`.
    method
        A composition of kicks and drifts.
    h
        The step, a symbol or a number.
    order
        The highest power of ``h``.

    Returns
    -------
    Expr

    Raises
    ------
    UnsuitableMethodError
        If the method is no composition of kicks and drifts.
    NotSeparableError
        If the Hamiltonian mixes coordinates and momenta.
    ValueError
        If it depends on time, or the order is negative.

    Notes
    -----
    Source: :cite:`hairer_geometric_2006`, chapters III and IX.

    Examples
    --------
    >>> from mechanics.numerics import STORMER_VERLET
    >>> q, p, h = sp.symbols("q p h", real=True)
    >>> pendulum = HamiltonianSystem(p**2/2 - sp.cos(q), (q,), (p,))
    >>> sp.expand(modified_hamiltonian(pendulum, STORMER_VERLET, h))
    h**2*p**2*cos(q)/12 - h**2*sin(q)**2/24 + p**2/2 - cos(q)
    """
    if system.t is not None:
        raise ValueError(
            f"the Hamiltonian depends on the time {system.t}: make it a coordinate"
        )
    if order < 0:
        raise ValueError(f"order = {order} must not be negative")
    names = {name for name, _ in getattr(method, "stages", ())}
    if not names or not names <= {"kick", "drift"}:
        raise UnsuitableMethodError(
            f"{method.name} is no composition of kicks and drifts; use STORMER_VERLET, "
            "for example"
        )
    T, V = system.separate()
    letters = {"kick": "V", "drift": "T"}
    stages = [(letters[name], Fraction(c)) for name, c in method.stages]
    series = logarithm(composition(stages, order + 1), order + 1)
    brackets = {"V": V, "T": T}
    return sum(
        (
            h ** (len(word) - 1)
            * _number(weight / len(word))
            * _nested(word, system, brackets)
            for word, weight in series.items()
            if abs(weight) > ZERO
        ),
        sp.S.Zero,
    )


def composition(stages: list[tuple[str, Fraction]], degree: int) -> Series:
    r"""Multiply :math:`e^{c_1a_1}e^{c_2a_2}\cdots`, up to words of ``degree`` letters.

    Examples
    --------
    >>> half = Fraction(1, 2)
    >>> for word, weight in composition([("T", Fraction(1)), ("V", half)], 2).items():
    ...     print(f"{word:3}{weight}")
       1
    V  1/2
    VV 1/8
    T  1
    TV 1/2
    TT 1/2
    """
    product = {"": Fraction(1)}
    for letter, c in stages:
        power, factor = {"": Fraction(1)}, Fraction(1)
        for k in range(1, degree + 1):
            factor *= c / k
            power[letter * k] = factor
        product = _multiplied(product, power, degree)
    return product


def logarithm(series: Series, degree: int) -> Series:
    r"""Return :math:`\log(1+x)=x-x^2/2+\dots` of a series that begins with one."""
    x = {word: weight for word, weight in series.items() if word}
    power, total = {"": Fraction(1)}, {}
    for k in range(1, degree + 1):
        power = _multiplied(power, x, degree)
        for word, weight in power.items():
            total[word] = total.get(word, 0) - Fraction((-1) ** k, k) * weight
    return total


def _multiplied(a: Series, b: Series, degree: int) -> Series:
    product: Series = {}
    for left, x in a.items():
        for right, y in b.items():
            if len(left) + len(right) <= degree:
                word = left + right
                product[word] = product.get(word, 0) + x * y
    return product


def _nested(word: str, system: HamiltonianSystem, known: dict[str, sp.Expr]) -> sp.Expr:
    """Return the bracket of a word; ``known`` remembers those of its beginnings."""
    if word not in known:
        before = _nested(word[:-1], system, known)
        known[word] = system.bracket(known[word[-1]], before) if before != 0 else before
    return known[word]


def _number(weight: Fraction) -> sp.Expr:
    simple = weight.denominator <= SIMPLE
    return sp.Rational(weight) if simple else sp.Float(float(weight))
