"""The Hamilton-Jacobi equation, solved by separation of variables."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import sympy as sp

from mechanics.symbolic.complete_integral import CompleteIntegral
from mechanics.symbolic.hamiltonian import HamiltonianSystem
from mechanics.symbolic.zero import is_zero


class SeparationError(ValueError):
    """The Hamilton-Jacobi equation does not separate in these coordinates.

    Examples
    --------
    Two coupled oscillators separate in their normal coordinates, but not in these:

    >>> import sympy as sp
    >>> x, y, p_x, p_y, g = sp.symbols("x y p_x p_y g", real=True)
    >>> H = (p_x**2 + p_y**2 + x**2 + y**2)/2 + g*x*y
    >>> hamilton_jacobi(HamiltonianSystem(H, (x, y), (p_x, p_y)))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    mechanics.symbolic.hamilton_jacobi.SeparationError: the Hamilton-Jacobi equation
    does not separate: x and y are coupled by g*x*y; ...
    """


def levi_civita_defect(system: HamiltonianSystem) -> sp.Matrix:
    r"""Levi-Civita's condition: zero if and only if the coordinates separate.

    If :math:`W=\sum_iW_i(q_i)`, then
    :math:`dp_i/dq_i=-\partial_{q_i}H/\partial_{p_i}H` does not change with
    :math:`q_j` when :math:`p_j` follows its own equation. This is

    .. math::
        \partial_{p_i}H\,\partial_{p_j}H\,\partial_{q_i}\partial_{q_j}H
        -\partial_{p_i}H\,\partial_{q_j}H\,\partial_{q_i}\partial_{p_j}H
        -\partial_{q_i}H\,\partial_{p_j}H\,\partial_{p_i}\partial_{q_j}H
        +\partial_{q_i}H\,\partial_{q_j}H\,\partial_{p_i}\partial_{p_j}H=0

    for every pair :math:`i\ne j` of coordinates whose momenta appear in :math:`H`.

    Parameters
    ----------
    system
        A system of :math:`n` coordinates whose Hamiltonian does not depend on time.

    Returns
    -------
    Matrix
        Symmetric, :math:`n\times n`, with zeros on the diagonal.

    Notes
    -----
    Levi-Civita (1904).

    Examples
    --------
    >>> import sympy as sp
    >>> x, y, p_x, p_y, g = sp.symbols("x y p_x p_y g", real=True)
    >>> coupled = HamiltonianSystem(p_x**2/2 + p_y**2/2 + g*x*y, (x, y), (p_x, p_y))
    >>> levi_civita_defect(coupled)
    Matrix([
    [        0, g*p_x*p_y],
    [g*p_x*p_y,         0]])
    """
    H, n = system.H, len(system.q)
    defect = sp.zeros(n)
    for i, j in combinations(range(n), 2):
        qi, qj, pi, pj = system.q[i], system.q[j], system.p[i], system.p[j]
        defect[i, j] = defect[j, i] = (
            H.diff(pi) * H.diff(pj) * H.diff(qi, qj)
            - H.diff(pi) * H.diff(qj) * H.diff(qi, pj)
            - H.diff(qi) * H.diff(pj) * H.diff(pi, qj)
            + H.diff(qi) * H.diff(qj) * H.diff(pi, pj)
        )
    return defect


def hamilton_jacobi(
    system: HamiltonianSystem,
    *,
    E: sp.Symbol | None = None,
    signs: Mapping[sp.Symbol, int] | None = None,
) -> CompleteIntegral:
    r"""Solve the Hamilton-Jacobi equation by separation of variables.

    .. math::
        S=\sum_iW_i(q_i;E,\alpha)-Et,\qquad
        W_i=\int p_i(q_i;E,\alpha)\,dq_i

    The momentum of a cyclic coordinate is a constant. What remains of
    :math:`F=H-E=0` is taken apart into an equation for some coordinates and one for
    the others, until each holds a single coordinate: with a multiplier :math:`\mu(q)`

    .. math:: \mu F=A(q_a,p_a)+B(q_b,p_b)=0\quad\Rightarrow\quad A=\alpha,\ B=-\alpha.

    The multiplier need not be guessed. From :math:`\mu\,\partial_{p_a}F
    =\partial_{p_a}A` and :math:`\mu\,\partial_{p_b}F=\partial_{p_b}B` it follows up to
    a factor, and it is :math:`1` for sums, :math:`r^2` in spherical coordinates,
    :math:`\xi+\eta` in parabolic and :math:`\cosh^2\xi-\cos^2\eta` in elliptic ones.

    Parameters
    ----------
    system
        A system whose Hamiltonian does not depend on time.
    E
        The symbol of the energy, by default a real ``E``.
    signs
        The branch :math:`\pm1` of :math:`p_i=\pm\sqrt{\cdots}` by coordinate; positive
        where not given.

    Returns
    -------
    CompleteIntegral
        With :math:`W_i` as unevaluated integrals, and the constants ``E`` and
        ``alpha_q``: the momentum of a cyclic coordinate ``q``, the partial energy of
        ``q`` in a sum; with a multiplier that is not constant, normalized so that
        :math:`p_q^2` has no constant factor (the square of the angular momentum in
        spherical coordinates). If all coordinates but the last are cyclic, that one
        takes ``E``.

    Raises
    ------
    SeparationError
        If the coordinates do not separate; the message names the coupling terms.
    ValueError
        If the Hamiltonian depends on time, or already uses the name of a constant.

    Notes
    -----
    Sources: HM-eq-3.5.15 to 3.5.23, CCM-10. Constants that are entangled in all the
    separated equations at once (ellipsoidal coordinates in space) are not found.

    Examples
    --------
    >>> import sympy as sp
    >>> r, phi = sp.symbols("r phi", positive=True)
    >>> p_r, p_phi = sp.symbols("p_r p_phi", real=True)
    >>> m, k = sp.symbols("m k", positive=True)
    >>> H = (p_r**2 + p_phi**2/r**2)/(2*m) - k/r
    >>> kepler = hamilton_jacobi(HamiltonianSystem(H, (r, phi), (p_r, p_phi)))
    >>> kepler.alpha
    (E, alpha_phi)
    >>> kepler.momenta
    (sqrt(2*E*m - alpha_phi**2/r**2 + 2*k*m/r), alpha_phi)
    >>> kepler.is_solution, kepler.is_complete
    (True, True)
    """
    if system.t is not None and not is_zero(system.H.diff(system.t)):
        raise ValueError(
            f"the Hamiltonian depends on the time {system.t}, so S is not W - E t; "
            "test a candidate S(q, t) with CompleteIntegral"
        )
    E = sp.Symbol("E", real=True) if E is None else E
    t = sp.Symbol("t", real=True) if system.t is None else system.t
    F, W, alpha = system.H - E, sp.Integer(0), [E]
    pairs = list(zip(system.q, system.p, strict=True))
    for q, p in tuple(pairs):
        if len(pairs) > 1 and is_zero(F.diff(q)):
            alpha.append(_constant((q,)))
            F, W = F.xreplace({p: alpha[-1]}), W + alpha[-1] * q
            pairs.remove((q, p))
    equations = _separate(F, tuple(pairs), E, alpha)
    if equations is None:
        raise SeparationError(_coupling(system))
    signs = dict(signs or {})
    for (q, p), F_q in equations:
        W += sp.Integral(_momentum(F_q, p, signs.pop(q, 1)), q)
    if signs:
        raise ValueError(
            f"signs are given for {', '.join(map(str, signs))}, which is no coordinate "
            "with a square root; the sign of a cyclic momentum is that of its constant"
        )
    taken = {s.name for s in (*system.q, *system.p, *system.params, t)}
    for a in alpha:
        if a.name in taken:
            raise ValueError(
                f"the system already has a symbol {a}; rename it, or choose another "
                "symbol for the energy with E="
            )
    return CompleteIntegral(system, W - E * t, tuple(alpha), t)


def _constant(group: Sequence[sp.Symbol]) -> sp.Symbol:
    return sp.Symbol("alpha_" + "_".join(q.name for q in group), real=True)


def _separate(F, pairs, E, alpha):
    """Take F = 0 apart into one equation per pair (q, p); append the constants."""
    if len(pairs) == 1:
        return [(pairs[0], F)]
    best = None
    for size in range(1, len(pairs)):
        for group in combinations(pairs, size):
            rest = tuple(pair for pair in pairs if pair not in group)
            parts = _split(F, group, rest)
            # a constant that does not mix with the energy is the simpler one
            if parts and (best is None or best[0].has(E) > parts[0].has(E)):
                best = (*parts, group, rest)
    if best is None:
        return None
    A, B, group, rest = best
    constant = _constant([q for q, _ in group])
    alpha.append(constant)
    ours = _separate(A - constant, group, E, alpha)
    theirs = _separate(B + constant, rest, E, alpha)
    return None if ours is None or theirs is None else ours + theirs


def _split(F, group, rest):
    """Write mu F = A(group) + B(rest), or return None."""
    mu = _multiplier(F, group, rest)
    if mu is None:
        return None
    ours, theirs = sum(group, ()), sum(rest, ())
    A = B = mixed = sp.Integer(0)
    for term in sp.Add.make_args(sp.expand(F)):
        product = term if mu == 1 else sp.expand(sp.cancel(mu * term))
        for piece in sp.Add.make_args(product):
            if not piece.has(*ours):
                B += piece
            elif not piece.has(*theirs):
                A += piece
            else:
                mixed += piece
    if not is_zero(mixed):
        return None
    if mu != 1:
        p = next(p for _, p in group if A.has(p))
        curvature = sp.factor(A.diff(p, 2) / 2)
        factor, _ = curvature.as_independent(*ours, as_Add=False)
        if factor != 0:
            A, B = sp.expand(A / factor), sp.expand(B / factor)
    return A, B


def _multiplier(F, group, rest):
    """Find mu(q) from dF/dp at and away from a reference point, or return None."""
    ours, theirs = sum(group, ()), sum(rest, ())
    F_a = next((F.diff(p) for _, p in group if F.has(p)), None)
    F_b = next((F.diff(p) for _, p in rest if F.has(p)), None)
    if F_a is None or F_b is None:
        return None
    here = {s: sp.Dummy(s.name, **s.assumptions0) for s in ours}
    there = {s: sp.Dummy(s.name, **s.assumptions0) for s in theirs}
    # mu(group, rest) = mu(here, rest) * [mu(group, rest) / mu(here, rest)]
    at_here = F_a.xreplace(here | there) / F_a.xreplace(here)
    mu = sp.factor(at_here * F_b.xreplace(here) / F_b)
    _, mu = mu.as_independent(*ours, *theirs, as_Add=False)
    momenta = [p for _, p in (*group, *rest)]
    return None if mu.has(*momenta, *here.values(), *there.values()) else mu


def _momentum(F, p, sign):
    """Solve F = 0 for p on the branch of the given sign."""
    polynomial = F.as_poly(p)
    if polynomial is not None and polynomial.degree() == 1:
        slope, rest = polynomial.all_coeffs()
        return sp.expand(-rest / slope)
    if polynomial is not None and polynomial.degree() == 2:
        a, b, c = polynomial.all_coeffs()
        shift = sp.expand(-b / (2 * a))
        return shift + sign * sp.sqrt(sp.expand(shift**2 - c / a))
    square = sp.Dummy("square", positive=True)
    even = F.has(p) and is_zero(F - F.xreplace({p: -p}))
    found = sp.solve(F.xreplace({p: sp.sqrt(square)}), square) if even else []
    if len(found) != 1:
        raise NotImplementedError(
            f"cannot solve {F} = 0 for {p}: only momenta that enter linearly, "
            f"quadratically or through a single-valued function of {p}**2 are solved; "
            "solve it by hand and test S with CompleteIntegral"
        )
    return sign * sp.sqrt(sp.expand(found[0]))


def _coupling(system: HamiltonianSystem) -> str:
    """Say which terms couple which coordinates, and what to do."""
    defect = levi_civita_defect(system)
    pairs = list(zip(system.q, system.p, strict=True))
    for i, j in combinations(range(len(pairs)), 2):
        if is_zero(defect[i, j]):
            continue
        terms = [
            term
            for term in sp.Add.make_args(sp.expand(system.H))
            if term.has(*pairs[i]) and term.has(*pairs[j])
        ]
        potential = [term for term in terms if not term.has(*system.p)]
        return (
            f"the Hamilton-Jacobi equation does not separate: {system.q[i]} and "
            f"{system.q[j]} are coupled by {', '.join(map(str, potential or terms))}; "
            "choose coordinates in which it separates, or treat the coupling as a "
            "perturbation"
        )
    return (
        "these coordinates separate by Levi-Civita's condition, but the constants do "
        "not come apart one at a time; write H in one set of functions, or find S by "
        "hand and test it with CompleteIntegral"
    )
