"""Reduction by a cyclic coordinate."""

import sympy as sp

from mechanics.symbolic.duality import dual
from mechanics.symbolic.lagrangian import LagrangianSystem, SingularLagrangianError
from mechanics.symbolic.zero import is_zero


def routh(
    lagrangian: LagrangianSystem, phi: sp.Symbol, p_phi: sp.Symbol
) -> LagrangianSystem:
    r"""Remove a cyclic coordinate; its constant momentum becomes a parameter.

    This is the Legendre transform in one velocity. Routh's function

    .. math::
        R=L-p_\phi\dot\phi,\qquad\text{with }\dot\phi\text{ from }
        p_\phi=\frac{\partial L}{\partial\dot\phi},

    is the Lagrangian of the other coordinates. Its potential holds the centrifugal
    energy: to put :math:`p_\phi` into :math:`L` itself gets the sign of that wrong.

    Parameters
    ----------
    lagrangian
        The system.
    phi
        A cyclic coordinate.
    p_phi
        Symbol for its constant momentum.

    Returns
    -------
    LagrangianSystem
        One degree of freedom fewer, one parameter more.

    Raises
    ------
    ValueError
        If ``phi`` is not cyclic, or if the symbol ``p_phi`` is taken.
    SingularLagrangianError
        If the momentum does not depend on its velocity.

    Notes
    -----
    Sources: CCM-2 (cyclic coordinates), CCM-3 (effective potential); Routh (1877).

    Examples
    --------
    >>> from mechanics.symbolic import coordinates
    >>> (r, phi), (vr, vphi) = coordinates("r phi")
    >>> m, k, l = sp.symbols("m k l", positive=True)
    >>> L = m*(vr**2 + r**2*vphi**2)/2 + k/r
    >>> routh(LagrangianSystem(L, (r, phi), (vr, vphi)), phi, l).L
    k/r - l**2/(2*m*r**2) + m*rdot**2/2
    """
    others = (*lagrangian.forces, *lagrangian.constraints)
    if phi not in lagrangian.cyclic or not all(
        is_zero(sp.diff(e, phi)) for e in others
    ):
        raise ValueError(
            f"{phi} is not cyclic in L, its forces and constraints; the cyclic "
            f"coordinates are {lagrangian.cyclic}"
        )
    if p_phi in {*lagrangian.q, *lagrangian.v, lagrangian.t, *lagrangian.params}:
        raise ValueError(
            f"the symbol {p_phi} is already taken; give p_phi another name"
        )
    i = lagrangian.q.index(phi)
    phi_dot, p = lagrangian.v[i], lagrangian.momenta[i]
    if is_zero(sp.diff(p, phi_dot)):
        raise SingularLagrangianError(
            f"the momentum of {phi}, {p}, does not depend on {phi_dot}, which "
            "therefore cannot be eliminated"
        )
    minus_R, (rate,) = dual(lagrangian.L, (phi_dot,), (p_phi,))
    eliminated = {phi_dot: rate, phi: sp.S.Zero}
    return LagrangianSystem(
        -minus_R.xreplace(eliminated),
        (*lagrangian.q[:i], *lagrangian.q[i + 1 :]),
        (*lagrangian.v[:i], *lagrangian.v[i + 1 :]),
        lagrangian.t,
        (*lagrangian.params, p_phi),
        [Q.xreplace(eliminated) for j, Q in enumerate(lagrangian.forces) if j != i],
        [f.xreplace(eliminated) for f in lagrangian.constraints],
    )
