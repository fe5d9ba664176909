"""Fields: string, membrane, beam, scalar fields and the electromagnetic field.

Their coordinates are the real symbols ``t``, ``x``, ``y``, ``z``.
"""

from collections.abc import Sequence
from itertools import product

import sympy as sp

from mechanics.symbolic import FieldLagrangian

t, x, y, z = sp.symbols("t x y z", real=True)


def vibrating_string() -> FieldLagrangian:
    r"""Taut string, :math:`\mathcal L=\tfrac12\rho\dot u^2-\tfrac12\tau u'^2`.

    Parameters ``rho`` (kg/m), ``tau`` (N); transverse displacement ``u(t, x)`` (m).

    Source: CCM-13.E1, CCM-13.W.
    """
    rho, tau = sp.symbols("rho tau", positive=True)
    u = sp.Function("u")(t, x)
    L = rho * u.diff(t) ** 2 / 2 - tau * u.diff(x) ** 2 / 2
    return FieldLagrangian(L, (u,), (t, x))


def membrane() -> FieldLagrangian:
    r"""Membrane, :math:`\mathcal L=\tfrac12\mu\dot u^2-\tfrac12\sigma(\nabla u)^2`.

    Parameters ``mu`` (kg/m²), ``sigma`` (N/m); transverse displacement ``u(t, x, y)``
    (m).

    Source: CCM-13.P1.

    Examples
    --------
    >>> membrane().stress_energy()[2, 0]  # the energy flux along y
    -sigma*Derivative(u(t, x, y), t)*Derivative(u(t, x, y), y)
    """
    mu, sigma = sp.symbols("mu sigma", positive=True)
    u = sp.Function("u")(t, x, y)
    gradient2 = u.diff(x) ** 2 + u.diff(y) ** 2
    L = mu * u.diff(t) ** 2 / 2 - sigma * gradient2 / 2
    return FieldLagrangian(L, (u,), (t, x, y))


def euler_bernoulli_beam() -> FieldLagrangian:
    r"""Thin elastic beam, :math:`\mathcal L=\tfrac12\rho\dot u^2-\tfrac12Bu''^2`.

    Parameters ``rho`` (kg/m) and the bending stiffness ``B`` (N m²); transverse
    displacement ``u(t, x)`` (m).

    Examples
    --------
    >>> euler_bernoulli_beam().euler_lagrange()
    (B*Derivative(u(t, x), (x, 4)) + rho*Derivative(u(t, x), (t, 2)),)
    """
    rho, B = sp.symbols("rho B", positive=True)
    u = sp.Function("u")(t, x)
    L = rho * u.diff(t) ** 2 / 2 - B * u.diff(x, 2) ** 2 / 2
    return FieldLagrangian(L, (u,), (t, x))


def klein_gordon(d: int = 3) -> FieldLagrangian:
    r"""Real scalar field in ``d`` dimensions of space, with :math:`c=\hbar=1`.

    .. math::
        \mathcal L=\tfrac12\partial_\mu\phi\,\partial^\mu\phi-\tfrac12m^2\phi^2
        =\tfrac12\dot\phi^2-\tfrac12(\nabla\phi)^2-\tfrac12m^2\phi^2

    Source: CCM-13.P2.
    """
    m = sp.Symbol("m", positive=True)
    if d not in (1, 2, 3):
        raise ValueError(f"{d} dimensions of space: d must be 1, 2 or 3")
    space = (x, y, z)[:d]
    phi = sp.Function("phi")(t, *space)
    gradient2 = sum(phi.diff(x) ** 2 for x in space)
    L = (phi.diff(t) ** 2 - gradient2 - m**2 * phi**2) / 2
    return FieldLagrangian(sp.expand(L), (phi,), (t, *space))


def sine_gordon() -> FieldLagrangian:
    r"""The sine-Gordon field of one dimension.

    .. math::
        \mathcal L=\tfrac12\dot\phi^2-\tfrac12c^2\phi'^2
        -\frac{m^2c^4}{\beta^2}(1-\cos\beta\phi)

    Parameters ``m``, ``c``, ``beta``, in the units of the source. Its static kink
    :math:`\phi=\tfrac4\beta\arctan e^{mcx}` has the energy :math:`8mc^3/\beta^2`.

    Source: CCM-13.E3.

    Examples
    --------
    >>> sine_gordon().momenta
    (Derivative(phi(t, x), t),)
    """
    m, c, beta = sp.symbols("m c beta", positive=True)
    phi = sp.Function("phi")(t, x)
    V = m**2 * c**4 / beta**2 * (1 - sp.cos(beta * phi))
    L = phi.diff(t) ** 2 / 2 - c**2 * phi.diff(x) ** 2 / 2 - V
    return FieldLagrangian(L, (phi,), (t, x))


def maxwell(rho: sp.Expr = 0, J: Sequence[sp.Expr] = (0, 0, 0)) -> FieldLagrangian:
    r"""The electromagnetic field in SI units, signature :math:`(+,-,-,-)`.

    .. math::
        \mathcal L=-\frac1{4\mu_0}F_{\mu\nu}F^{\mu\nu}-J^\mu A_\mu
        =\tfrac12\varepsilon_0E^2-\frac{B^2}{2\mu_0}-\rho\phi+\boldsymbol J\cdot
        \boldsymbol A

    with :math:`A^\mu=(\phi/c,\boldsymbol A)`, :math:`J^\mu=(c\rho,\boldsymbol J)`,
    :math:`\partial_\mu=(\partial_t/c,\nabla)`,
    :math:`\boldsymbol E=-\nabla\phi-\partial_t\boldsymbol A` and
    :math:`\boldsymbol B=\nabla\times\boldsymbol A`. Fields: the potentials ``phi`` (V)
    and ``A_x``, ``A_y``, ``A_z`` (V s/m); parameters ``mu_0``, ``c``. The canonical
    :math:`T^0{}_0` is the energy density
    :math:`\tfrac12(\varepsilon_0E^2+B^2/\mu_0)` plus the gauge-dependent
    :math:`\varepsilon_0\boldsymbol E\cdot\nabla\phi`.

    Parameters
    ----------
    rho, J
        Given densities of charge (C/m³) and current (A/m²), functions of the real
        symbols ``t``, ``x``, ``y``, ``z``.

    Source: CCM-13.E2.

    Examples
    --------
    >>> maxwell().hamiltonian_density()  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    SingularLagrangianError: the momentum of phi(t, x, y, z) vanishes identically
    """
    mu_0, c = sp.symbols("mu_0 c", positive=True)
    coords = (t, x, y, z)
    fields = tuple(sp.Function(name)(*coords) for name in ("phi", "A_x", "A_y", "A_z"))
    metric = (1, -1, -1, -1)
    A = (fields[0] / c, *(-a for a in fields[1:]))
    F = sp.Matrix(4, 4, lambda m, n: _del(A[n], m, c) - _del(A[m], n, c))
    F2 = sum(
        metric[m] * metric[n] * F[m, n] ** 2 for m, n in product(range(4), repeat=2)
    )
    coupling = rho * fields[0] - sum(j * a for j, a in zip(J, fields[1:], strict=True))
    return FieldLagrangian(sp.expand(-F2 / (4 * mu_0)) - coupling, fields, coords)


def _del(f: sp.Expr, mu: int, c: sp.Symbol) -> sp.Expr:
    """The four-gradient (d_t/c, nabla)."""
    return sp.diff(f, t) / c if mu == 0 else sp.diff(f, (x, y, z)[mu - 1])
