"""Linear elasticity: strain, stiffness, Hooke's law and plane elastic waves."""

from collections.abc import Sequence
from itertools import product

import sympy as sp
from sympy.core.function import AppliedUndef

from mechanics.symbolic.fields import FieldLagrangian
from mechanics.symbolic.zero import is_zero


def strain(u: Sequence[sp.Expr], x: Sequence[sp.Symbol]) -> sp.Matrix:
    r"""The strain :math:`\varepsilon_{ij}=\tfrac12(\partial_ju_i+\partial_iu_j)`.

    Examples
    --------
    A simple shear:

    >>> from sympy.abc import x, y
    >>> strain((y, 0), (x, y))
    Matrix([
    [  0, 1/2],
    [1/2,   0]])
    """
    gradient = sp.Matrix(list(u)).jacobian(list(x))
    return (gradient + gradient.T) / 2


def isotropic_stiffness(lam: sp.Expr, mu: sp.Expr) -> sp.Array:
    r"""Stiffness of an isotropic solid from Lamé's constants (Pa).

    .. math::
        C_{ijkl}=\lambda\delta_{ij}\delta_{kl}
        +\mu(\delta_{ik}\delta_{jl}+\delta_{il}\delta_{jk})

    Examples
    --------
    >>> C = isotropic_stiffness(2, 3)
    >>> C[0, 0, 0, 0], C[0, 0, 1, 1], C[0, 1, 0, 1]
    (8, 2, 3)
    """
    return cubic_stiffness(lam + 2 * mu, lam, mu)


def cubic_stiffness(C11: sp.Expr, C12: sp.Expr, C44: sp.Expr) -> sp.Array:
    r"""Stiffness of a cubic crystal in its cubic axes (Pa), shape (3, 3, 3, 3).

    .. math::
        C_{ijkl}=C_{12}\delta_{ij}\delta_{kl}
        +C_{44}(\delta_{ik}\delta_{jl}+\delta_{il}\delta_{jk})
        +(C_{11}-C_{12}-2C_{44})\,\delta_{ijkl}

    with :math:`\delta_{ijkl}=1` if all four indices are equal.

    Examples
    --------
    >>> C = cubic_stiffness(7, 2, 3)
    >>> C[0, 0, 0, 0], C[0, 0, 1, 1], C[0, 1, 0, 1]
    (7, 2, 3)
    """
    d = sp.KroneckerDelta
    anisotropy = C11 - C12 - 2 * C44
    components = [
        C12 * d(i, j) * d(k, l)
        + C44 * (d(i, k) * d(j, l) + d(i, l) * d(j, k))
        + (anisotropy if i == j == k == l else 0)
        for i, j, k, l in product(range(3), repeat=4)
    ]
    return sp.Array(components, (3, 3, 3, 3))


def elastic_solid(
    C: sp.Array,
    rho: sp.Expr,
    fields: Sequence[AppliedUndef],
    coords: Sequence[sp.Symbol],
) -> FieldLagrangian:
    r"""A linear elastic medium with stiffness :math:`C_{ijkl}` and mass density.

    .. math::
        \mathcal L=\tfrac12\rho\,\dot u_i\dot u_i
        -\tfrac12C_{ijkl}\,\varepsilon_{ij}\varepsilon_{kl}

    Parameters
    ----------
    C, rho
        Stiffness (Pa), shape (d, d, d, d), and density (kg/m³); both may depend on
        the place.
    fields, coords
        The d displacements (m) and the d + 1 coordinates.

    Source: AMM-27 to 29.
    """
    t, *x = coords
    epsilon = strain(fields, x)
    T = sum(rho * sp.diff(u, t) ** 2 for u in fields) / 2
    W = sum(
        C[i, j, k, l] * epsilon[i, j] * epsilon[k, l]
        for i, j, k, l in product(range(len(x)), repeat=4)
    )
    return FieldLagrangian(sp.expand(T - W / 2), tuple(fields), tuple(coords))


def stiffness(lagrangian: FieldLagrangian) -> sp.Array:
    r"""The stiffness of Hooke's law, :math:`\sigma_{ij}=C_{ijkl}\varepsilon_{kl}`.

    .. math::
        C_{ijkl}=-\frac{\partial^2\mathcal L}
        {\partial(\partial_ju_i)\,\partial(\partial_lu_k)}

    Parameters
    ----------
    lagrangian
        A density of d displacement fields in d dimensions of space.

    Returns
    -------
    Array
        Shape (d, d, d, d), with :math:`C_{ijkl}=C_{jikl}=C_{klij}`.

    Raises
    ------
    ValueError
        If the energy depends on a rotation :math:`\partial_ju_i-\partial_iu_j`, or the
        fields are not as many as the dimensions.

    Notes
    -----
    Source: AMM-29.

    Examples
    --------
    >>> import sympy as sp
    >>> t, x, y, z = coords = sp.symbols("t x y z", real=True)
    >>> u = [sp.Function(f"u_{i}")(*coords) for i in "xyz"]
    >>> lam, mu, rho = sp.symbols("lambda mu rho", positive=True)
    >>> solid = elastic_solid(isotropic_stiffness(lam, mu), rho, u, coords)
    >>> C = stiffness(solid)
    >>> C[0, 0, 0, 0], C[0, 0, 1, 1], C[0, 1, 1, 0]
    (lambda + 2*mu, lambda, mu)
    """
    space = lagrangian.coords[1:]
    d = len(space)
    if len(lagrangian.fields) != d:
        raise ValueError(
            f"{len(lagrangian.fields)} fields in {d} dimensions are no displacement "
            "vector: give one field per dimension of space"
        )
    sigma = lagrangian.stress_tensor()
    gradient = [sp.diff(u, x) for u in lagrangian.fields for x in space]
    jets = {g: sp.Dummy(str(g)) for g in gradient}
    components = [
        sp.diff(sigma[j, i].xreplace(jets), jets[g])
        for i in range(d)
        for j in range(d)
        for g in gradient
    ]
    C = sp.Array(components, (d, d, d, d))
    for i, j, k, l in product(range(d), repeat=4):
        if not is_zero(C[i, j, k, l] - C[j, i, k, l]):
            raise ValueError(
                f"C[{i},{j},{k},{l}] differs from C[{j},{i},{k},{l}]: the energy "
                "depends on rotations; write it as a function of the strain"
            )
    return C


def christoffel_matrix(C: sp.Array, n: Sequence[sp.Expr]) -> sp.Matrix:
    r"""The matrix :math:`\Gamma_{ik}=C_{ijkl}n_jn_l` of plane elastic waves.

    A wave :math:`\boldsymbol e\,e^{i(k\boldsymbol n\cdot\boldsymbol x-\omega t)}` with
    a unit vector :math:`\boldsymbol n` needs
    :math:`\Gamma\boldsymbol e=\rho\,(\omega/k)^2\boldsymbol e`.

    Examples
    --------
    >>> import sympy as sp
    >>> C11, C12, C44 = sp.symbols("C_11 C_12 C_44", positive=True)
    >>> christoffel_matrix(cubic_stiffness(C11, C12, C44), (1, 0, 0))
    Matrix([
    [C_11,    0,    0],
    [   0, C_44,    0],
    [   0,    0, C_44]])
    """
    d = len(n)
    return sp.Matrix(
        d,
        d,
        lambda i, k: sum(
            C[i, j, k, l] * n[j] * n[l] for j, l in product(range(d), repeat=2)
        ),
    )
