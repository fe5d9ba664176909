"""The Legendre transform: from Lagrangian to Hamiltonian systems, and back."""

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from mechanics.symbolic.duality import dual
from mechanics.symbolic.hamiltonian import HamiltonianSystem
from mechanics.symbolic.lagrangian import LagrangianSystem
from mechanics.symbolic.linear import is_regular
from mechanics.symbolic.symbols import velocities_of
from mechanics.symbolic.zero import is_zero


@dataclass(frozen=True)
class ImplicitHamiltonianSystem:
    r"""Hamilton's equations with the velocities as auxiliary unknowns.

    For many degrees of freedom the inverse of :math:`M(q)` is no formula for people or
    compilers. The velocities are then found numerically at every step,

    .. math::
        M(q)\,v=p-c(q),\qquad
        \dot p_i=\frac{\partial L}{\partial q_i}
        =\tfrac12v^{\mathsf T}\frac{\partial M}{\partial q_i}v
        +\frac{\partial c}{\partial q_i}\cdot v-\frac{\partial V}{\partial q_i},

    for :math:`L=\tfrac12v^{\mathsf T}M(q)v+c(q)\cdot v-V(q)`, where all may depend on
    time. Made by :func:`implicit_legendre`.

    Attributes
    ----------
    q, p, v
        Coordinates, canonical momenta and velocities.
    M
        The mass metric, shape ``(n, n)``, in ``q`` and ``t``.
    c
        The part of the momenta that does not depend on the velocities, shape
        ``(n, 1)``: a vector potential, or motion of the frame.
    p_dot
        The rates of the momenta in ``q``, ``v`` and ``t``.
    energy
        The value of :math:`H`, in ``q``, ``v`` and ``t``.
    t, params
        Time, if it appears, and all other symbols.

    Examples
    --------
    The double pendulum; the momenta :math:`p=M(q)\,v` are not solved for :math:`v`:

    >>> from mechanics.models import double_pendulum
    >>> double = implicit_legendre(double_pendulum())
    >>> double.q, double.p, double.v
    ((theta_1, theta_2), (p_theta_1, p_theta_2), (thetadot_1, thetadot_2))
    >>> double.M[0, 1]
    l_1*l_2*m_2*cos(theta_1 - theta_2)
    >>> double.p_dot[1]
    -g*l_2*m_2*sin(theta_2)
    + l_1*l_2*m_2*thetadot_1*thetadot_2*sin(theta_1 - theta_2)
    """

    q: tuple[sp.Symbol, ...]
    p: tuple[sp.Symbol, ...]
    v: tuple[sp.Symbol, ...]
    M: sp.Matrix
    c: sp.Matrix
    p_dot: tuple[sp.Expr, ...]
    energy: sp.Expr
    t: sp.Symbol | None
    params: tuple[sp.Symbol, ...]


def legendre(
    lagrangian: LagrangianSystem,
    p: Sequence[sp.Symbol] | None = None,
    velocities: Sequence[sp.Expr] | None = None,
) -> HamiltonianSystem:
    r"""Go from :math:`L(q,v,t)` to :math:`H(q,p,t)=\sum_ip_iv_i-L`.

    The momenta :math:`p_i=\partial L/\partial v_i` are solved for the velocities. This
    is possible if the Hessian :math:`W_{ij}=\partial^2L/\partial v_i\partial v_j` is
    regular; a Lagrangian quadratic in the velocities then needs linear algebra only,
    and with more than four coordinates :func:`implicit_legendre` is the better form.

    Parameters
    ----------
    lagrangian
        A system without constraints and without non-conservative forces.
    p
        Symbols of the momenta; ``p_theta`` belongs to ``theta`` by default.
    velocities
        The velocities :math:`v_i(q,p,t)`, to choose a branch or where SymPy finds
        none; they are checked.

    Returns
    -------
    HamiltonianSystem

    Raises
    ------
    SingularLagrangianError
        If the Hessian is singular; the message names the null directions.
    MultivaluedLegendreError
        If more than one velocity belongs to a momentum; the message lists them.
    ValueError
        If constraints or forces are present: :math:`H` would not hold them. Or if the
        given velocities do not belong to the momenta.

    Notes
    -----
    Sources: HM-eq-3.1.1 to 3.1.4, AMM-16.

    Examples
    --------
    >>> import sympy as sp
    >>> from mechanics.symbolic import coordinates
    >>> (r, phi), (vr, vphi) = coordinates("r phi")
    >>> m, k = sp.symbols("m k", positive=True)
    >>> L = m*(vr**2 + r**2*vphi**2)/2 + k/r
    >>> legendre(LagrangianSystem(L, (r, phi), (vr, vphi))).H
    -k/r + p_phi**2/(2*m*r**2) + p_r**2/(2*m)
    """
    _require_potential_forces(lagrangian)
    lagrangian.require_regular()
    q, v, p = lagrangian.q, lagrangian.v, _momentum_symbols(lagrangian, p)
    H, _ = dual(lagrangian.L, v, p, velocities)
    return HamiltonianSystem(H, q, p, lagrangian.t, lagrangian.params)


def inverse_legendre(
    hamiltonian: HamiltonianSystem,
    v: Sequence[sp.Symbol] | None = None,
    momenta: Sequence[sp.Expr] | None = None,
) -> LagrangianSystem:
    r"""Go back from :math:`H(q,p,t)` to :math:`L(q,v,t)=\sum_ip_iv_i-H`.

    Parameters
    ----------
    hamiltonian
        The system.
    v
        Symbols of the velocities; ``thetadot`` belongs to ``theta`` by default.
    momenta
        The momenta :math:`p_i(q,v,t)`, to choose a branch or where SymPy finds none;
        they are checked.

    Returns
    -------
    LagrangianSystem

    Raises
    ------
    ValueError
        If :math:`\partial^2H/\partial p_i\partial p_j` is singular: the momenta do not
        follow from the velocities, as for :math:`H=\omega J`.
    MultivaluedLegendreError
        If more than one momentum belongs to a velocity; the message lists them.

    Examples
    --------
    >>> x, p = sp.symbols("x p", real=True)
    >>> m, k = sp.symbols("m k", positive=True)
    >>> inverse_legendre(HamiltonianSystem(p**2/(2*m) + k*x**2/2, (x,), (p,))).L
    -k*x**2/2 + m*xdot**2/2
    """
    q, p, H = hamiltonian.q, hamiltonian.p, hamiltonian.H
    v = velocities_of(q) if v is None else tuple(v)
    if not is_regular(sp.hessian(H, p)):
        raise ValueError(
            f"the Hessian of H = {H} in the momenta {p} is singular: they do not "
            "follow from the velocities, and no Lagrangian exists"
        )
    L, _ = dual(H, p, v, momenta)
    return LagrangianSystem(L, q, v, hamiltonian.t, hamiltonian.params)


def implicit_legendre(
    lagrangian: LagrangianSystem, p: Sequence[sp.Symbol] | None = None
) -> ImplicitHamiltonianSystem:
    r"""Hamilton's equations without the inverse of the mass metric.

    Parameters
    ----------
    lagrangian
        A system without constraints and non-conservative forces, quadratic in the
        velocities.
    p
        Symbols of the momenta; ``p_theta`` belongs to ``theta`` by default.

    Returns
    -------
    ImplicitHamiltonianSystem

    Raises
    ------
    SingularLagrangianError
        If the mass metric is singular; the message names the null directions.
    ValueError
        If constraints or forces are present, or :math:`L` is not quadratic in the
        velocities.

    Notes
    -----
    Sources: AMM-16, AMM-32.

    Examples
    --------
    >>> from mechanics.symbolic import coordinates
    >>> (x,), (v,) = coordinates("x")
    >>> bead = implicit_legendre(LagrangianSystem((1 + x**2)*v**2/2, (x,), (v,)))
    >>> bead.M, bead.p_dot
    (Matrix([[x**2 + 1]]), (x*xdot**2,))
    """
    _require_potential_forces(lagrangian)
    M = lagrangian.mass_metric
    if M.has(*lagrangian.v):
        raise ValueError(
            f"L = {lagrangian.L} is not quadratic in the velocities {lagrangian.v}; "
            "use legendre"
        )
    lagrangian.require_regular()
    return ImplicitHamiltonianSystem(
        q=lagrangian.q,
        p=_momentum_symbols(lagrangian, p),
        v=lagrangian.v,
        M=M,
        c=sp.Matrix(lagrangian.momenta).xreplace(
            dict.fromkeys(lagrangian.v, sp.S.Zero)
        ),
        p_dot=tuple(sp.diff(lagrangian.L, q) for q in lagrangian.q),
        energy=lagrangian.energy,
        t=lagrangian.t,
        params=lagrangian.params,
    )


def _require_potential_forces(lagrangian: LagrangianSystem) -> None:
    if lagrangian.constraints:
        raise ValueError(
            "the Lagrangian has constraints; choose coordinates that satisfy them "
            "before the Legendre transform"
        )
    if not all(is_zero(Q) for Q in lagrangian.forces):
        raise ValueError(
            "the Lagrangian has generalized forces that no Hamiltonian describes; "
            "drop them or find their potential"
        )


def _momentum_symbols(lagrangian, p) -> tuple[sp.Symbol, ...]:
    if p is None:
        return tuple(sp.Symbol(f"p_{q.name}", real=True) for q in lagrangian.q)
    return tuple(p)
