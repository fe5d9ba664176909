"""Generating functions, and the canonical maps that follow from them."""

from collections.abc import Mapping, Sequence
from typing import Self

import sympy as sp

from mechanics.symbolic.inversion import BranchError, solve_on_branch, substitute
from mechanics.symbolic.symbols import listed, reject_foreign
from mechanics.symbolic.zero import is_zero


class FromGeneratingFunction:
    """The part of :class:`~mechanics.symbolic.CanonicalMap` that makes the maps.

    Examples
    --------
    The generating function :math:`F_1=qQ` exchanges coordinate and momentum:

    >>> import sympy as sp
    >>> from mechanics.symbolic import CanonicalMap
    >>> q, p, Q, P = sp.symbols("q p Q P", real=True)
    >>> exchange = CanonicalMap.from_generating_function(
    ...     q*Q, (q,), (p,), (Q,), (P,), kind=1)
    >>> exchange.forward, exchange.is_canonical
    ((p, -q), True)
    """

    @classmethod
    def from_generating_function(
        cls,
        F: sp.Expr,
        q: Sequence[sp.Symbol],
        p: Sequence[sp.Symbol],
        Q: Sequence[sp.Symbol],
        P: Sequence[sp.Symbol],
        *,
        kind: int,
        t: sp.Symbol | None = None,
        branch: Mapping[sp.Symbol, sp.Expr] | None = None,
    ) -> Self:
        r"""The map of a generating function of one of the four kinds.

        .. math::
            \begin{aligned}
            F_1(q,Q,t):&\quad p=\partial F_1/\partial q, & P&=-\partial F_1/\partial Q\\
            F_2(q,P,t):&\quad p=\partial F_2/\partial q, & Q&=\partial F_2/\partial P\\
            F_3(p,Q,t):&\quad q=-\partial F_3/\partial p,& P&=-\partial F_3/\partial Q\\
            F_4(p,P,t):&\quad q=-\partial F_4/\partial p,& Q&=\partial F_4/\partial P
            \end{aligned}

        The first relation is solved for the new variables in :math:`F`, the second for
        the old ones. Each needs a regular mixed Hessian, such as
        :math:`\partial^2F_1/\partial q_i\partial Q_j`.

        Parameters
        ----------
        F, kind
            The generating function, and its kind: 1, 2, 3 or 4.
        q, p, Q, P, t
            The symbols of the map.
        branch
            Which solution is meant, where there are several: from variables to their
            expressions, such as ``{q: sqrt(2*P/w)*sin(Q)}``. Expressions for all of
            the unknowns are checked and taken without solving.

        Returns
        -------
        CanonicalMap
            Without ``backward`` where SymPy cannot solve the second relation.

        Raises
        ------
        BranchError
            If several solutions exist and ``branch`` does not choose one; the message
            lists them.
        NotImplementedError
            If SymPy cannot solve the first relation.
        ValueError
            If the mixed Hessian is singular, or ``F`` holds variables of another kind.

        Notes
        -----
        Sources: HM-eq-3.4.11, 3.4.13, HM-ex-3.23, 3.24, CCM-9, AMM-30.

        Examples
        --------
        >>> import sympy as sp
        >>> from mechanics.symbolic import CanonicalMap
        >>> q, p, Q, P = sp.symbols("q p Q P", positive=True)
        >>> square = CanonicalMap.from_generating_function(
        ...     q**2*P, (q,), (p,), (Q,), (P,), kind=2
        ... )
        >>> square.forward, square.backward
        ((q**2, p/(2*q)), (sqrt(Q), 2*P*sqrt(Q)))
        """
        F, branch = sp.sympify(F), dict(branch or {})
        if kind not in (1, 2, 3, 4):
            raise ValueError(
                f"kind={kind}: a generating function has kind 1, 2, 3 or 4"
            )
        a, b, sign = (q, p, 1) if kind in (1, 2) else (p, q, -1)
        A, B, new_sign = (Q, P, -1) if kind in (1, 3) else (P, Q, 1)
        reject_foreign(f"F{kind}", (F,), (*a, *A), (*b, *B))
        hessian = sp.Matrix(len(a), len(A), lambda i, j: sp.diff(F, a[i], A[j]))
        if is_zero(hessian.det(method="berkowitz")):
            raise ValueError(
                f"the mixed Hessian of F{kind} = {F} in {tuple(a)} and {tuple(A)} is "
                "singular, so its relations have no solution; use another kind of "
                "generating function (the identity has F2 = q*P and no F1)"
            )
        if stray := set(branch) - {*a, *A}:
            raise BranchError(
                f"the branch names {listed(stray)}; the unknowns are {listed(A)} (map) "
                f"and {listed(a)} (inverse)"
            )
        b_is = [sign * sp.diff(F, s) for s in a]
        B_is = [new_sign * sp.diff(F, s) for s in A]
        A_of_old = solve_on_branch(_differences(b_is, b), A, branch)
        new = dict(zip(A, A_of_old, strict=True))
        rate = None if t is None else substitute(sp.diff(F, t), new)
        new |= {s: substitute(x, new) for s, x in zip(B, B_is, strict=True)}
        try:
            a_of_new = solve_on_branch(_differences(B_is, B), a, branch)
        except NotImplementedError:
            backward = None
        else:
            old = dict(zip(a, a_of_new, strict=True))
            old |= {s: substitute(x, old) for s, x in zip(b, b_is, strict=True)}
            backward = [old[s] for s in (*q, *p)]
        return cls(q, p, Q, P, [new[s] for s in (*Q, *P)], backward, t, rate)

    @classmethod
    def point_transformation(
        cls,
        f: Sequence[sp.Expr],
        q: Sequence[sp.Symbol],
        p: Sequence[sp.Symbol],
        Q: Sequence[sp.Symbol],
        P: Sequence[sp.Symbol],
        *,
        t: sp.Symbol | None = None,
        branch: Mapping[sp.Symbol, sp.Expr] | None = None,
    ) -> Self:
        r"""Change the coordinates, :math:`Q_i=f_i(q,t)`; the momenta follow.

        Generated by :math:`F_2=\sum_if_i(q,t)P_i`, so that
        :math:`p_j=\sum_iP_i\,\partial f_i/\partial q_j`. For the other arguments and
        the errors see :meth:`from_generating_function`.

        Examples
        --------
        A particle seen from a frame that moves with velocity :math:`u`; the momentum
        is that of the particle in the frame at rest.

        >>> import sympy as sp
        >>> from mechanics.symbolic import CanonicalMap, HamiltonianSystem
        >>> x, p, X, P, u, t = sp.symbols("x p X P u t", real=True)
        >>> moving = CanonicalMap.point_transformation(
        ...     (x - u*t,), (x,), (p,), (X,), (P,), t=t
        ... )
        >>> free = HamiltonianSystem(p**2/2, (x,), (p,))
        >>> moving.transform(free).H
        P**2/2 - P*u
        """
        if len(f) != len(P):
            raise ValueError(
                f"{len(f)} functions for {len(P)} new momenta: give one f per degree "
                "of freedom"
            )
        F = sum(sp.sympify(f_i) * P_i for f_i, P_i in zip(f, P, strict=True))
        return cls.from_generating_function(F, q, p, Q, P, kind=2, t=t, branch=branch)


def _differences(left, right) -> list[sp.Expr]:
    return [x - y for x, y in zip(left, right, strict=True)]


def potential(gradient: Sequence[sp.Expr], variables: Sequence[sp.Symbol]) -> sp.Expr:
    r"""A function with this gradient: :math:`\partial F/\partial t` from its flow.

    Raises
    ------
    NotImplementedError
        If SymPy cannot integrate.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> potential((y, x + 1), (x, y))
    x*y + y
    """
    F_t = sp.Integer(0)
    for z, slope in zip(variables, gradient, strict=True):
        F_t += sp.integrate(sp.expand(slope - sp.diff(F_t, z)), z)
    if F_t.has(sp.Integral):
        raise NotImplementedError(
            f"SymPy cannot integrate dF/dt from its gradient {tuple(gradient)}; give "
            "it as rate="
        )
    return F_t
