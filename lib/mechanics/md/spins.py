"""Spins on atoms that move."""

from collections.abc import Sequence

import sympy as sp

from mechanics.numerics import Flow, SplitSystem, spin_rotations


def spin_lattice(
    q: Sequence[sp.Symbol],
    p: Sequence[sp.Symbol],
    spins: Sequence[Sequence[sp.Symbol]],
    V: sp.Expr,
    H_spin: sp.Expr,
    masses: Sequence[sp.Expr] | sp.Expr = 1,
) -> SplitSystem:
    r"""Atoms and their spins, coupled by an exchange that depends on positions.

    .. math::
        H=\sum_i\frac{p_i^2}{2m_i}+V(q)+H_\text{spin}(S,q)

    Three kinds of exact flows: drifts, kicks by :math:`V+H_\text{spin}` at resting
    spins, and rotations of one sublattice after the other at resting atoms
    (:func:`~mechanics.numerics.spin_rotations`). Every composition keeps the length of
    each spin.

    Parameters
    ----------
    q, p, spins
        Coordinates, momenta, and three symbols for each spin.
    V, H_spin
        Lattice potential, and the spins' energy, linear in each spin.
    masses
        One, or one for each coordinate.

    Returns
    -------
    SplitSystem
        With the flows ``kick``, ``sublattice_1``, ... and ``drift``; integrate it with
        ``palindrome(*system.flows)``.

    Notes
    -----
    Sources: AMM-21, AMM-22; Tsai, Krech and Landau (2004).

    Examples
    --------
    Two atoms whose exchange depends on their distance:

    >>> from mechanics.numerics import integrate, palindrome
    >>> q, p = sp.symbols("u_0:2", real=True), sp.symbols("p_0:2", real=True)
    >>> S = [sp.symbols(f"S{i}_x S{i}_y S{i}_z", real=True) for i in range(2)]
    >>> stretch = q[1] - q[0]
    >>> exchange = -(1 + stretch/2) * sum(a*b for a, b in zip(*S))
    >>> pair = spin_lattice(q, p, S, stretch**2/2, exchange)
    >>> run = integrate(pair, ([0, 0.1], [0, 0], [1, 0, 0, 0, 0.6, 0.8]), dt=0.05,
    ...                 steps=2000, method=palindrome(*pair.flows))
    >>> bool(abs(run.energy - run.energy[0]).max() < 1e-3)
    True
    """
    q, p = tuple(q), tuple(p)
    masses = masses if isinstance(masses, Sequence) else (masses,) * len(q)
    turning = spin_rotations(spins, H_spin)
    tau = sp.Dummy("tau", real=True)
    potential = sp.sympify(V) + H_spin
    kick = {a: a - tau * sp.diff(potential, x) for x, a in zip(q, p, strict=True)}
    drift = {x: x + tau * a / m for x, a, m in zip(q, p, masses, strict=True)}
    flows = {"kick": Flow(kick, tau), **turning.flows, "drift": Flow(drift, tau)}
    kinetic = sum(a**2 / (2 * m) for a, m in zip(p, masses, strict=True))
    groups = {"q": q, "p": p, **turning.groups}
    return SplitSystem(groups, flows, energy=kinetic + potential)
