"""Chains, polymers, thermostats and cells: small models of materials."""

from dataclasses import replace
from itertools import pairwise

import sympy as sp

from mechanics.symbolic import LagrangianSystem, coordinates


def harmonic_ring(N: int) -> LagrangianSystem:
    r"""Ring of ``N`` atoms with springs between neighbours: a periodic crystal.

    .. math::
        L=\tfrac12m\sum_n\dot u_n^2-\tfrac12K\sum_n(u_{n+1}-u_n)^2,\qquad u_N=u_0

    Parameters ``m`` (kg), ``K`` (N/m); displacements ``u_0``, ... (m).

    Sources: AMM-24 to 26, AMM-36.
    """
    q, v = coordinates(" ".join(f"u_{n}" for n in range(N)))
    m, K = sp.symbols("m K", positive=True)
    stretches = (q[(n + 1) % N] - q[n] for n in range(N))
    V = K * sum(stretch**2 for stretch in stretches) / 2
    return LagrangianSystem(m * sum(rate**2 for rate in v) / 2 - V, q, v)


def fput_chain(N: int) -> LagrangianSystem:
    r"""Chain of ``N`` masses between walls with slightly anharmonic springs.

    .. math::
        L=\tfrac12\sum_{n=1}^N\dot u_n^2-\sum_{n=0}^N
        \Big(\tfrac12d_n^2+\tfrac13\alpha d_n^3+\tfrac14\beta d_n^4\Big),\qquad
        d_n=u_{n+1}-u_n,\quad u_0=u_{N+1}=0

    Scaled variables; parameters ``alpha``, ``beta``.

    Source: AMM-37; Fermi, Pasta, Ulam and Tsingou (1955).
    """
    q, v = coordinates(" ".join(f"u_{n}" for n in range(1, N + 1)))
    alpha, beta = sp.symbols("alpha beta", real=True)
    ends = (sp.S.Zero, *q, sp.S.Zero)
    stretches = [right - left for left, right in pairwise(ends)]
    V = sum(d**2 / 2 + alpha * d**3 / 3 + beta * d**4 / 4 for d in stretches)
    return LagrangianSystem(sum(rate**2 for rate in v) / 2 - V, q, v)


def rigid_bond_polymer(N: int, U: sp.Expr = sp.S.Zero) -> LagrangianSystem:
    r"""Chain of ``N`` atoms in space whose neighbours keep their distance.

    .. math::
        L=\tfrac12\sum_im_i\dot{\boldsymbol r}_i^2-U,\qquad
        f_i=|\boldsymbol r_{i+1}-\boldsymbol r_i|^2-a_i^2=0

    Parameters
    ----------
    N
        Number of atoms, with masses ``m_1``, ... (kg) and bonds ``a_1``, ... (m).
    U
        Potential (J) in the coordinates ``x_1``, ``y_1``, ``z_1``, ``x_2``, ... (m),
        real symbols.

    Notes
    -----
    The tension of bond ``i`` is :math:`-2\lambda_ia_i`. Sources: AMM-4, AMM-13, AMM-14.
    """
    q, v = coordinates(" ".join(f"{c}_{i}" for i in range(1, N + 1) for c in "xyz"))
    m = sp.symbols(f"m_1:{N + 1}", positive=True)
    a = sp.symbols(f"a_1:{N}", positive=True)
    r = [sp.Matrix(q[3 * i : 3 * i + 3]) for i in range(N)]
    T = sum(m[i // 3] * rate**2 for i, rate in enumerate(v)) / 2
    bonds = [(r[i + 1] - r[i]).dot(r[i + 1] - r[i]) - a[i] ** 2 for i in range(N - 1)]
    return LagrangianSystem(T - U, q, v, constraints=bonds)


def isokinetic(lagrangian: LagrangianSystem) -> LagrangianSystem:
    r"""Couple a system to Gauss's thermostat, which holds its kinetic energy.

    The constraint is :math:`T-K=0` with :math:`T=\tfrac12v^{\mathsf T}Wv`. Gauss's
    principle makes of it the friction :math:`-\alpha p`; the multiplier is
    :math:`\lambda=-\alpha`, and with :math:`p_i=m_iv_i`

    .. math::
        \alpha=\frac{\sum_iF_ip_i/m_i}{\sum_ip_i^2/m_i}.

    Parameters
    ----------
    lagrangian
        A system with a kinetic energy quadratic in the velocities.

    One parameter is added: the kinetic energy ``K``. Sources: AMM-9, AMM-34.
    """
    v, K = sp.Matrix(lagrangian.v), sp.Symbol("K", positive=True)
    T = (v.T * lagrangian.mass_metric * v)[0] / 2
    return replace(
        lagrangian,
        constraints=(*lagrangian.constraints, sp.expand(T) - K),
        params=(*lagrangian.params, K),
    )


def particle_in_cell(volume: sp.Expr, t: sp.Symbol | None = None) -> LagrangianSystem:
    r"""Particle with fractional coordinates in a plane cell of given volume.

    .. math::
        L=\tfrac12m\Big|\frac{d}{dt}(h\boldsymbol s)\Big|^2
        +\tfrac12W\operatorname{tr}\dot h^{\mathsf T}\dot h,\qquad\det h-V(t)=0

    Parameters
    ----------
    volume, t
        The volume (m²), constant or a function of the time ``t`` (s).

    Mass ``m`` of the particle and inertia ``W`` of the cell (kg); ``h_11``, ... (m) are
    the components of the cell matrix, whose columns are the lattice vectors, and
    ``s_1``, ``s_2`` the fractional coordinates.

    Sources: AMM-2, AMM-5, AMM-7.
    """
    q, v = coordinates("h_11 h_12 h_21 h_22 s_1 s_2")
    m, W = sp.symbols("m W", positive=True)
    h, s = sp.Matrix(2, 2, q[:4]), sp.Matrix(q[4:])
    h_dot, s_dot = sp.Matrix(2, 2, v[:4]), sp.Matrix(v[4:])
    r_dot = h * s_dot + h_dot * s
    L = (m * r_dot.dot(r_dot) + W * sum(rate**2 for rate in v[:4])) / 2
    return LagrangianSystem(L, q, v, t=t, constraints=(h.det() - volume,))
