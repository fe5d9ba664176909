"""Canonical transformations: generating functions, checks, new Hamiltonians."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import sympy as sp
from sympy.core.function import AppliedUndef

from mechanics.symbolic.hamiltonian import HamiltonianSystem
from mechanics.symbolic.lagrangian import check_symbols
from mechanics.symbolic.poisson import PoissonStructure
from mechanics.symbolic.zero import is_zero


class NotCanonicalError(ValueError):
    """A bracket of the new variables is not what it has to be."""


class BranchError(ValueError):
    """The equations of a transformation have several solutions, or not the chosen."""


@dataclass(frozen=True)
class CanonicalMap:
    r"""A change of phase-space variables :math:`(q,p)\to(Q,P)`, perhaps with time.

    It is canonical if all the brackets of the new variables are

    .. math:: \{Q_i,Q_j\}=0,\qquad\{P_i,P_j\}=0,\qquad\{Q_i,P_j\}=\delta_{ij}.

    This is checked by :attr:`is_canonical` and before :meth:`transform`, not when the
    map is made: a map that fails can be looked at.

    Parameters
    ----------
    q, p
        Old coordinates and momenta.
    Q, P
        Symbols of the new coordinates and momenta, other than the old ones.
    forward
        The :math:`2n` expressions :math:`Q_i(q,p,t)`, then :math:`P_i(q,p,t)`.
    backward
        The inverse: :math:`q_i(Q,P,t)`, then :math:`p_i(Q,P,t)`. Left out, it is
        solved for when needed, see :meth:`solve_inverse`.
    t
        The symbol of time, if the map depends on it.
    rate
        :math:`\partial F/\partial t` of the generating function, in the old variables.
        Left out, it is derived when needed, see :attr:`dF_dt`.
    params
        All other symbols; found in the expressions if left out.

    Raises
    ------
    ValueError
        If symbols clash, an expression holds variables of the wrong side, or
        ``backward`` is not the inverse of ``forward``.

    Notes
    -----
    Sources: CCM-9, HM-3.4, AMM-30. An inverse with roots or inverse functions holds in
    a part of phase space only. ``backward`` is accepted if it inverts ``forward`` in
    *some* part (at one of several random points); it is up to the user that this is
    the part of interest. State signs (``positive=True``) where they are known.

    Examples
    --------
    The linear pendulum in its action and angle (HM-eq-3.4.6): the new Hamiltonian is
    :math:`\omega P`.

    >>> import sympy as sp
    >>> q, p, P, w = sp.symbols("q p P omega", positive=True)
    >>> Q = sp.Symbol("Q", real=True)
    >>> pendulum = HamiltonianSystem(p**2/2 + w**2*q**2/2, (q,), (p,))
    >>> action_angle = CanonicalMap(
    ...     (q,), (p,), (Q,), (P,),
    ...     forward=(sp.atan(w*q/p), (p**2 + w**2*q**2)/(2*w)),
    ...     backward=(sp.sqrt(2*P/w)*sp.sin(Q), sp.sqrt(2*w*P)*sp.cos(Q)),
    ... )
    >>> action_angle.is_canonical
    True
    >>> sp.simplify(action_angle.transform(pendulum).H)
    P*omega
    """

    q: tuple[sp.Symbol, ...]
    p: tuple[sp.Symbol, ...]
    Q: tuple[sp.Symbol, ...]
    P: tuple[sp.Symbol, ...]
    forward: tuple[sp.Expr, ...]
    backward: tuple[sp.Expr, ...] | None = None
    t: sp.Symbol | None = None
    rate: sp.Expr | None = None
    params: tuple[sp.Symbol, ...] = ()

    def __post_init__(self):
        def put(name, value):
            object.__setattr__(self, name, value)

        for name in ("q", "p", "Q", "P"):
            put(name, tuple(getattr(self, name)))
        put("forward", tuple(sp.sympify(f) for f in self.forward))
        if self.backward is not None:
            put("backward", tuple(sp.sympify(f) for f in self.backward))
        if self.rate is not None:
            put("rate", sp.sympify(self.rate))
        backward = self.forward if self.backward is None else self.backward
        sizes = {len(self.q), len(self.p), len(self.Q), len(self.P)}
        if len(sizes) > 1 or {len(self.forward), len(backward)} != {2 * len(self.q)}:
            raise ValueError(
                f"{len(self.q)} q, {len(self.p)} p, {len(self.Q)} Q, {len(self.P)} P, "
                f"{len(self.forward)} expressions forward and {len(backward)} "
                "backward: give n of each symbol and 2n of each expression"
            )
        _only("forward", self.forward, self.old, self.new)
        _only("backward", self.backward or (), self.new, self.old)
        rate = () if self.rate is None else (self.rate,)
        _only("rate", rate, self.old, self.new)
        time = () if self.t is None else (self.t,)
        expressions = (*self.forward, *(self.backward or ()), *rate)
        variables = (*self.old, *self.new, *time)
        put("params", check_symbols("the map", expressions, variables, self.params))
        if self.backward is not None:
            self._check_round_trip()

    @property
    def old(self) -> tuple[sp.Symbol, ...]:
        r"""The old variables :math:`z=(q_1,\dots,p_1,\dots)`."""
        return (*self.q, *self.p)

    @property
    def new(self) -> tuple[sp.Symbol, ...]:
        r"""The new variables :math:`Z=(Q_1,\dots,P_1,\dots)`."""
        return (*self.Q, *self.P)

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
    ) -> "CanonicalMap":
        r"""Solve the relations of a generating function of one of the four kinds.

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
        F
            The generating function.
        q, p, Q, P
            Symbols of the old and new variables.
        kind
            1, 2, 3 or 4.
        t
            The symbol of time, if :math:`F` depends on it.
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
        >>> q, p, Q, P = sp.symbols("q p Q P", positive=True)
        >>> square = CanonicalMap.from_generating_function(
        ...     q**2*P, (q,), (p,), (Q,), (P,), kind=2
        ... )
        >>> square.forward, square.backward
        ((q**2, p/(2*q)), (sqrt(Q), 2*P*sqrt(Q)))
        """
        F = sp.sympify(F)
        if kind not in (1, 2, 3, 4):
            raise ValueError(
                f"kind={kind}: a generating function has kind 1, 2, 3 or 4"
            )
        a, b, sign = (q, p, 1) if kind in (1, 2) else (p, q, -1)
        A, B, new_sign = (Q, P, -1) if kind in (1, 3) else (P, Q, 1)
        _only(f"F{kind}", (F,), (*a, *A), (*b, *B))
        hessian = sp.Matrix(len(a), len(A), lambda i, j: sp.diff(F, a[i], A[j]))
        if is_zero(hessian.det(method="berkowitz")):
            raise ValueError(
                f"the mixed Hessian of F{kind} = {F} in {tuple(a)} and {tuple(A)} is "
                "singular, so its relations have no solution; use another kind of "
                "generating function (the identity has F2 = q*P and no F1)"
            )
        branch = {} if branch is None else dict(branch)
        if stray := set(branch) - {*a, *A}:
            raise BranchError(
                f"the branch names {_listed(stray)}; the unknowns are {_listed(A)} "
                f"(map) and {_listed(a)} (inverse)"
            )
        b_is = [sign * sp.diff(F, s) for s in a]
        B_is = [new_sign * sp.diff(F, s) for s in A]
        A_of_old = _solve([x - y for x, y in zip(b_is, b, strict=True)], A, branch)
        forward = dict(zip(A, A_of_old, strict=True))
        rate = None if t is None else _put(sp.diff(F, t), forward)
        forward |= {s: _put(x, forward) for s, x in zip(B, B_is, strict=True)}
        try:
            a_of_new = _solve([x - y for x, y in zip(B_is, B, strict=True)], a, branch)
        except NotImplementedError:
            backward = None
        else:
            old = dict(zip(a, a_of_new, strict=True))
            old |= {s: _put(x, old) for s, x in zip(b, b_is, strict=True)}
            backward = [old[s] for s in (*q, *p)]
        return cls(q, p, Q, P, [forward[s] for s in (*Q, *P)], backward, t, rate)

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
    ) -> "CanonicalMap":
        r"""Change the coordinates, :math:`Q_i=f_i(q,t)`; the momenta follow.

        Generated by :math:`F_2=\sum_if_i(q,t)P_i`, so that
        :math:`p_j=\sum_iP_i\,\partial f_i/\partial q_j`. For the other arguments and
        the errors see :meth:`from_generating_function`.

        Examples
        --------
        A particle seen from a frame that moves with velocity :math:`u`; the momentum
        is that of the particle in the frame at rest.

        >>> import sympy as sp
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

    @cached_property
    def jacobian(self) -> sp.ImmutableMatrix:
        r"""The matrix :math:`M=\partial(Q,P)/\partial(q,p)`, in the old variables."""
        return sp.ImmutableMatrix(self.forward).jacobian(self.old)

    def symplectic_defect(self) -> sp.Matrix:
        r"""The matrix :math:`M^{\mathsf T}JM-J`, zero for a canonical map.

        Its entries are Lagrange brackets. The other form of the condition,
        :math:`MJM^{\mathsf T}=J`, is that of :meth:`bracket_defect`.
        """
        J, M = self._bracket.B, self.jacobian
        return sp.Matrix(M.T * J * M - J).applyfunc(sp.expand)

    def brackets(self) -> sp.Matrix:
        r"""The table of :math:`\{Z_a,Z_b\}_{q,p}`, :math:`Z=(Q_1,\dots,P_1,\dots)`."""
        table = sp.zeros(len(self.new))
        for a, b in combinations(range(len(self.new)), 2):
            bracket = self._bracket.bracket(self.forward[a], self.forward[b])
            table[a, b] = sp.expand(bracket)
            table[b, a] = -table[a, b]
        return table

    def bracket_defect(self) -> sp.Matrix:
        r"""The matrix :math:`\{Z_a,Z_b\}-J_{ab}`, zero for a canonical map.

        It holds *every* bracket (HM-eq-3.4.18): a map may have
        :math:`\{Q_i,P_j\}=\delta_{ij}` and still fail in :math:`\{P_1,P_2\}`.
        """
        return self.brackets() - self._bracket.B

    def direct_conditions(self) -> sp.Matrix:
        r"""The defect of the direct conditions, zero for a canonical map.

        .. math::
            \begin{pmatrix}
            \dfrac{\partial Q_a}{\partial q_b}-\dfrac{\partial p_b}{\partial P_a} &
            \dfrac{\partial Q_a}{\partial p_b}+\dfrac{\partial q_b}{\partial P_a}\\[2ex]
            \dfrac{\partial P_a}{\partial q_b}+\dfrac{\partial p_b}{\partial Q_a} &
            \dfrac{\partial P_a}{\partial p_b}-\dfrac{\partial q_b}{\partial Q_a}
            \end{pmatrix}

        Returns
        -------
        Matrix
            :math:`2n\times2n`, in the new variables; HM-eq-3.4.14 is its upper half,
            HM-eq-3.4.15 the lower one. Those of :meth:`inverse` are in the old
            variables, which may be simpler.
        """
        J, inverse = self._bracket.B, self._solved.backward
        N = sp.Matrix(inverse).jacobian(self.new)
        M = _put(self.jacobian, dict(zip(self.old, inverse, strict=True)))
        return sp.Matrix(M - J * N.T * J.T)

    @cached_property
    def is_canonical(self) -> bool:
        """Whether every bracket of the new variables is right."""
        return all(is_zero(defect) for defect in self.bracket_defect())

    def require_canonical(self) -> None:
        """Raise :class:`NotCanonicalError`, naming a wrong bracket, if there is one."""
        if self.is_canonical:
            return
        table, J = self.brackets(), self._bracket.B
        wrong = [
            f"{{{self.new[a]}, {self.new[b]}}} = {table[a, b]} instead of {J[a, b]}"
            for a, b in combinations(range(len(self.new)), 2)
            if not is_zero(table[a, b] - J[a, b])
        ]
        raise NotCanonicalError("the map is not canonical: " + "; ".join(wrong))

    @cached_property
    def dF_dt(self) -> sp.Expr:
        r"""The term :math:`\partial F/\partial t=K-H`, in the old variables.

        Where it is not known from a generating function it is found from the map: the
        velocity that the new variables have at fixed :math:`(q,p)` is a Hamiltonian
        flow, and :math:`\partial F/\partial t` is its Hamiltonian,

        .. math::
            \frac{\partial}{\partial z}\frac{\partial F}{\partial t}
            =-M^{\mathsf T}J\,\frac{\partial Z(z,t)}{\partial t},

        which fixes it up to a function of time alone.

        Raises
        ------
        NotCanonicalError
            If the map is not canonical.
        NotImplementedError
            If SymPy cannot integrate the gradient.
        ValueError
            If ``rate`` was given and has another gradient.
        """
        if self.t is None:
            return sp.Integer(0)
        self.require_canonical()
        velocity = sp.Matrix([sp.diff(f, self.t) for f in self.forward])
        gradient = -self.jacobian.T * self._bracket.B * velocity
        F_t = _potential(gradient, self.old) if self.rate is None else self.rate
        for z, slope in zip(self.old, gradient, strict=True):
            if not is_zero(sp.diff(F_t, z) - slope):
                raise ValueError(
                    f"rate = {F_t} does not belong to this map: its derivative with "
                    f"respect to {z} should be {slope}; leave it out to have it derived"
                )
        return F_t

    def transform(self, system: HamiltonianSystem) -> HamiltonianSystem:
        r"""The same motion in the new variables.

        .. math:: K(Q,P,t)=H(q,p,t)+\frac{\partial F}{\partial t}

        Parameters
        ----------
        system
            A system in this map's old variables.

        Returns
        -------
        HamiltonianSystem
            With :math:`K` expanded, not simplified.

        Raises
        ------
        NotCanonicalError
            If a bracket is wrong; the message names it.
        BranchError
            If the inverse is not known and has several branches.
        ValueError
            If the variables or the symbols of time differ.
        """
        if (*system.q, *system.p) != self.old:
            raise ValueError(
                f"the map starts from {self.old}, the system has the variables "
                f"{(*system.q, *system.p)}: use the same symbols"
            )
        t = _common_time(self, system)
        self.require_canonical()
        inverse = dict(zip(self.old, self._solved.backward, strict=True))
        params = tuple(dict.fromkeys((*system.params, *self._solved.params)))
        K = sp.expand(_put(system.H + self.dF_dt, inverse))
        return HamiltonianSystem(K, self.Q, self.P, t, params)

    def compose(self, first: "CanonicalMap") -> "CanonicalMap":
        r"""The map ``first``, then this one; also written ``self @ first``.

        The order is that of functions, so that the Jacobians multiply,
        :math:`M=M_{\text{self}}M_{\text{first}}`, and the terms
        :math:`\partial F/\partial t` add.
        """
        if first.new != self.old:
            raise ValueError(
                f"the first map ends in {first.new}, the second starts from "
                f"{self.old}: use the same symbols"
            )
        t = _common_time(self, first)
        there = dict(zip(first.new, first.forward, strict=True))
        backward = rate = None
        if self.backward is not None and first.backward is not None:
            back = dict(zip(self.old, self.backward, strict=True))
            backward = [_put(f, back) for f in first.backward]
        rates = [0 if m.t is None else m.rate for m in (first, self)]
        if t is not None and None not in rates:
            rate = rates[0] + _put(sp.sympify(rates[1]), there)
        return CanonicalMap(
            first.q,
            first.p,
            self.Q,
            self.P,
            [_put(f, there) for f in self.forward],
            backward,
            t,
            rate,
        )

    def __matmul__(self, first: "CanonicalMap") -> "CanonicalMap":
        return self.compose(first)

    def inverse(self) -> "CanonicalMap":
        r"""The map :math:`(Q,P)\to(q,p)`; its term is :math:`-\partial F/\partial t`.

        Where ``backward`` is not known it is solved for, see :meth:`solve_inverse`.
        """
        solved = self._solved
        back = dict(zip(self.old, solved.backward, strict=True))
        rate = None if self.rate is None else -_put(self.rate, back)
        return CanonicalMap(
            self.Q, self.P, self.q, self.p, solved.backward, self.forward, self.t, rate
        )

    def solve_inverse(
        self, branch: Mapping[sp.Symbol, sp.Expr] | None = None
    ) -> "CanonicalMap":
        r"""The same map with its inverse: :math:`Z=Z(z,t)` solved for :math:`z`.

        Parameters
        ----------
        branch
            Which solution is meant, where there are several: from old variables to
            their expressions in the new ones.

        Raises
        ------
        BranchError
            If several solutions exist and ``branch`` does not choose one.
        NotImplementedError
            If SymPy finds no solution.
        """
        equations = [f - Z for f, Z in zip(self.forward, self.new, strict=True)]
        return replace(self, backward=_solve(equations, self.old, dict(branch or {})))

    @cached_property
    def _solved(self) -> "CanonicalMap":
        return self if self.backward is not None else self.solve_inverse()

    @cached_property
    def _bracket(self) -> PoissonStructure:
        return PoissonStructure.canonical(self.q, self.p)

    def _check_round_trip(self) -> None:
        """Reject an inverse that inverts the map nowhere."""
        there = dict(zip(self.new, self.forward, strict=True))
        defects = [
            sp.expand(_put(f, there) - z)
            for f, z in zip(self.backward, self.old, strict=True)
        ]
        if not any(_vanish_at_random(defects, seed) for seed in range(64)):
            raise ValueError(
                "backward is not the inverse of forward: going there and back misses "
                f"{self.old} by {defects}"
            )


def _listed(symbols) -> str:
    return ", ".join(sorted(map(str, symbols)))


def _put(expr, values: Mapping[sp.Symbol, sp.Expr]):
    expr = expr.subs(values, simultaneous=True)
    return expr.doit() if expr.has(sp.Subs) else expr


def _only(what, expressions, allowed, foreign) -> None:
    """Reject expressions that hold variables of the wrong side."""
    for expr in expressions:
        if wrong := expr.free_symbols & set(foreign):
            raise ValueError(
                f"{what} holds {_listed(wrong)} in {expr}; it is a function of "
                f"{', '.join(map(str, allowed))} and time"
            )


def _common_time(first, second) -> sp.Symbol | None:
    times = {first.t, second.t} - {None}
    if len(times) > 1:
        raise ValueError(f"two symbols of time, {_listed(times)}: use the same one")
    if hidden := times & {*first.params, *second.params}:
        raise ValueError(
            f"{_listed(hidden)} is the time of one and a parameter of the other: give "
            "t= to both"
        )
    return times.pop() if times else None


def _solve(equations, unknowns, branch) -> tuple[sp.Expr, ...]:
    """Solve for the unknowns on the chosen branch."""
    chosen = {s: sp.sympify(branch[s]) for s in unknowns if s in branch}
    if len(chosen) == len(unknowns):
        for equation in equations:
            if not is_zero(_put(equation, chosen)):
                raise BranchError(f"the branch {chosen} does not solve {equation} = 0")
        return tuple(chosen[s] for s in unknowns)
    try:
        found = sp.solve(equations, unknowns, dict=True)
    except NotImplementedError:
        found = []
    found = [solution for solution in found if all(s in solution for s in unknowns)]
    if not found:
        raise NotImplementedError(
            f"SymPy cannot solve {equations} = 0 for {tuple(unknowns)}; give the "
            "solution as branch={symbol: expression}"
        )
    fitting = [s for s in found if all(is_zero(s[k] - chosen[k]) for k in chosen)]
    if len(fitting) != 1:
        what = f", {len(fitting)} of them with {chosen}" if chosen else ""
        raise BranchError(
            f"{len(found)} branches for {tuple(unknowns)}{what}: "
            + "; ".join(map(str, found))
            + "; choose one with branch={symbol: expression}, or restrict the signs of "
            "the symbols (positive=True)"
        )
    return tuple(fitting[0][s] for s in unknowns)


def _potential(gradient, variables) -> sp.Expr:
    """A function with this gradient, one variable after the other."""
    potential = sp.Integer(0)
    for z, slope in zip(variables, gradient, strict=True):
        rest = sp.expand(slope - sp.diff(potential, z))
        potential += sp.integrate(rest, z)
    if potential.has(sp.Integral):
        raise NotImplementedError(
            f"SymPy cannot integrate dF/dt from its gradient {tuple(gradient)}; give "
            "it as rate="
        )
    return potential


def _vanish_at_random(expressions, seed) -> bool:
    draw = random.Random(seed)
    atoms = set().union(*(e.atoms(AppliedUndef, sp.Derivative) for e in expressions))
    opaque = {atom: sp.Dummy(str(atom)) for atom in atoms}
    expressions = [e.xreplace(opaque) for e in expressions]
    symbols = set().union(*(e.free_symbols for e in expressions))
    point = {}
    for s in sorted(symbols, key=str):
        sign = 1 if s.is_positive else -1 if s.is_negative else draw.choice((1, -1))
        point[s] = sign * sp.Rational(draw.randint(100, 3000), 1009)
    values = [e.xreplace(point).evalf(20) for e in expressions]
    return all(v.is_finite and abs(v) < sp.Float("1e-12") for v in values)
