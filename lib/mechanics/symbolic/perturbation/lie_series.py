"""Lie series: canonical maps near the identity, made from Poisson brackets alone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy as sp

Bracket = Callable[[Any, Any], Any]


def lie_derivative(f: sp.Expr, chi: sp.Expr, bracket: Bracket) -> sp.Expr:
    r"""The rate of change of :math:`f` along the flow of the generator :math:`\chi`.

    .. math:: L_\chi f=\{f,\chi\}

    Parameters
    ----------
    f, chi
        Functions on phase space.
    bracket
        The Poisson bracket, for instance ``HamiltonianSystem(...).bracket``.

    Examples
    --------
    >>> import sympy as sp
    >>> from mechanics.symbolic import HamiltonianSystem
    >>> q, p = sp.symbols("q p", real=True)
    >>> oscillator = HamiltonianSystem((q**2 + p**2)/2, (q,), (p,))
    >>> lie_derivative(q, oscillator.H, oscillator.bracket)
    p
    """
    return sp.expand(bracket(f, chi))


def lie_transform(
    f: sp.Expr, chi: sp.Expr, bracket: Bracket, eps: sp.Symbol, order: int
) -> sp.Expr:
    r"""The Lie series of :math:`f`, truncated after :math:`\epsilon^{order}`.

    .. math::
        e^{L_\chi}f=f+\{f,\chi\}+\tfrac12\{\{f,\chi\},\chi\}+\dots,\qquad
        \chi=\epsilon\chi_1+\epsilon^2\chi_2+\dots

    Since :math:`e^{L_\chi}f(z)=f(e^{L_\chi}z)`, it is :math:`f` seen from the
    variables that the flow of :math:`\chi` carries into :math:`z` in unit time: a
    canonical map for every :math:`\chi`, and :math:`-\chi` is its inverse.

    Parameters
    ----------
    f
        A function on phase space; it may contain powers of ``eps``.
    chi
        The generator, every term of which contains ``eps``.
    bracket
        The Poisson bracket; canonical, of spins, or any other.
    eps, order
        The small parameter, and its highest power to keep.

    Returns
    -------
    Expr
        A polynomial in ``eps`` of degree ``order`` or less.

    Raises
    ------
    ValueError
        If ``chi`` has a term without ``eps``, or ``f`` or ``chi`` is not a
        polynomial in ``eps``.

    Notes
    -----
    Sources: AMM-38, CCM-12; Hori (1966), Deprit (1969).

    Examples
    --------
    >>> import sympy as sp
    >>> from mechanics.symbolic import HamiltonianSystem
    >>> q, p, eps = sp.symbols("q p epsilon", real=True)
    >>> oscillator = HamiltonianSystem((q**2 + p**2)/2, (q,), (p,))
    >>> lie_transform(q, eps*oscillator.H, oscillator.bracket, eps, 3)
    -epsilon**3*p/6 - epsilon**2*q/2 + epsilon*p + q
    """
    generators = _coefficients(chi, eps, order)
    if generators[0] != 0:
        raise ValueError(
            f"the generator has the term {generators[0]} without {eps}, so the series "
            f"would not end; multiply it by {eps}"
        )
    chis = {n: c for n, c in enumerate(generators) if c != 0}
    series = exponentiate(
        _coefficients(f, eps, order), chis, lambda a, b: sp.expand(bracket(a, b))
    )
    return sp.expand(sum(eps**n * c for n, c in enumerate(series)))


def exponentiate(
    f: Sequence[Any], chi: Mapping[int, Any], bracket: Bracket
) -> list[Any]:
    r"""Apply :math:`e^{L_\chi}` to a power series, coefficient by coefficient.

    Parameters
    ----------
    f
        The coefficients of :math:`\epsilon^0,\epsilon^1,\dots`: expressions,
        polynomials of a ring, Fourier series, whatever ``bracket`` understands and
        can be added and divided by integers.
    chi
        The generator :math:`\sum_m\epsilon^m\chi_m` with :math:`m\ge1`.

    Returns
    -------
    list
        As many coefficients as ``f`` has.
    """
    zero, total, term = 0 * f[0], list(f), list(f)
    for k in range(1, (len(f) - 1) // min(chi, default=len(f)) + 1):
        term = [
            sum((bracket(term[n - m], c) for m, c in chi.items() if m <= n), zero) / k
            for n in range(len(f))
        ]
        total = [a + b for a, b in zip(total, term, strict=True)]
    return total


def normalize(
    H: Sequence[Any],
    bracket: Bracket,
    solve: Callable[[int, Any], tuple[Any, Any]],
) -> tuple[list[Any], list[Any]]:
    r"""Remove from :math:`H_0+\epsilon H_1+\dots` all that a Lie series can remove.

    At each order one generator solves the *homological equation*

    .. math:: H_n+\{H_0,\chi_n\}=K_n,

    and the result is :math:`K=e^{L_{\chi_N}}\cdots e^{L_{\chi_1}}H`, a composition of
    exponentials with one generator each, in the manner of Dragt and Finn (1976).

    Parameters
    ----------
    H
        The coefficients :math:`H_0,\dots,H_N`, see :func:`exponentiate`.
    bracket
        The Poisson bracket of two coefficients.
    solve
        Given :math:`n` and :math:`H_n`, returns :math:`K_n` and :math:`\chi_n`.

    Returns
    -------
    K, chi
        The normalized coefficients :math:`K_0,\dots,K_N`, and the generators
        :math:`\chi_1,\dots,\chi_N`.
    """
    K, generators = list(H), []
    for n in range(1, len(K)):
        kernel, chi = solve(n, K[n])
        K = exponentiate(K, {n: chi}, bracket)
        K[n] = kernel
        generators.append(chi)
    return K, generators


def transform(f: Sequence[Any], chi: Sequence[Any], bracket: Bracket) -> list[Any]:
    r"""Apply :math:`e^{L_{\chi_N}}\cdots e^{L_{\chi_1}}`: to the normal variables."""
    for n, c in enumerate(chi, start=1):
        f = exponentiate(f, {n: c}, bracket)
    return f


def inverse_transform(
    f: Sequence[Any], chi: Sequence[Any], bracket: Bracket
) -> list[Any]:
    r"""Apply :math:`e^{-L_{\chi_1}}\cdots e^{-L_{\chi_N}}`: back to the original."""
    for n, c in reversed(list(enumerate(chi, start=1))):
        f = exponentiate(f, {n: -1 * c}, bracket)
    return f


def _coefficients(f: sp.Expr, eps: sp.Symbol, order: int) -> list[sp.Expr]:
    """Coefficients of eps^0 to eps^order."""
    powers = sp.collect(sp.expand(f), eps, evaluate=False)
    found = {}
    for power, c in powers.items():
        n = sp.degree(power, eps) if power.is_polynomial(eps) else None
        if n is None or c.has(eps):
            raise ValueError(
                f"the term {power * c} is not a power of {eps}; expand it in {eps} "
                "first"
            )
        found[n] = c
    return [found.get(n, sp.Integer(0)) for n in range(order + 1)]
