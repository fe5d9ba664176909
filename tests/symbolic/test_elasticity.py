"""Linear elasticity: Hooke's law, its stiffness and the speeds of sound."""

from itertools import product

import pytest
import sympy as sp

from mechanics.symbolic.elasticity import (
    christoffel_matrix,
    cubic_stiffness,
    elastic_solid,
    isotropic_stiffness,
    stiffness,
    strain,
)
from mechanics.symbolic.fields import FieldLagrangian
from mechanics.symbolic.zero import is_zero

COORDS = t, x, y, z = sp.symbols("t x y z", real=True)
rho = sp.Symbol("rho", positive=True)
U = tuple(sp.Function(f"u_{i}")(*COORDS) for i in "xyz")
LAM, MU = sp.symbols("lambda mu", positive=True)
C11, C12, C44 = sp.symbols("C_11 C_12 C_44", positive=True)


def _is_zero_matrix(matrix):
    return all(is_zero(entry) for entry in matrix)


def test_hooke_isotropic():
    """AMM-28, 29: sigma = lambda tr(eps) 1 + 2 mu eps, and it is symmetric."""
    solid = elastic_solid(isotropic_stiffness(LAM, MU), rho, U, COORDS)
    sigma, epsilon = solid.stress_tensor(), strain(U, (x, y, z))
    law = LAM * epsilon.trace() * sp.eye(3) + 2 * MU * epsilon
    assert _is_zero_matrix(sigma - law)
    assert _is_zero_matrix(sigma - sigma.T)


def test_cauchy_equation_and_its_sign():
    """rho u_tt = div sigma; the opposite sign of the stress fails."""
    solid = elastic_solid(cubic_stiffness(C11, C12, C44), rho, U, COORDS)
    sigma = solid.stress_tensor()
    for i in range(3):
        force = sum(sp.diff(sigma[j, i], s) for j, s in enumerate((x, y, z)))
        assert is_zero(solid.euler_lagrange()[i] - rho * U[i].diff(t, 2) + force)
        assert not is_zero(solid.euler_lagrange()[i] - rho * U[i].diff(t, 2) - force)
        assert solid.momenta[i] == rho * U[i].diff(t)


def test_navier_equation():
    solid = elastic_solid(isotropic_stiffness(LAM, MU), rho, U, COORDS)
    space = (x, y, z)
    div = sum(sp.diff(f, s) for f, s in zip(U, space, strict=True))
    for f, s, residual in zip(U, space, solid.euler_lagrange(), strict=True):
        laplacian = sum(sp.diff(f, r, 2) for r in space)
        navier = (LAM + MU) * sp.diff(div, s) + MU * laplacian
        assert is_zero(residual - rho * sp.diff(f, t, 2) + navier)


def test_noether_current_of_a_displacement_is_momentum_and_minus_stress():
    """AMM-27: d_t p_i + div T_i = 0 with T_i = -sigma_i."""
    solid = elastic_solid(cubic_stiffness(C11, C12, C44), rho, U, COORDS)
    shift = solid.noether_current(xi=[0, 1, 0])
    assert shift.is_conserved
    assert shift.current[0] == solid.momenta[1]
    sigma = solid.stress_tensor()
    assert all(is_zero(shift.current[j + 1] + sigma[j, 1]) for j in range(3))


@pytest.mark.parametrize(
    "C", [isotropic_stiffness(LAM, MU), cubic_stiffness(C11, C12, C44)]
)
def test_stiffness_from_the_density_has_the_full_symmetry(C):
    found = stiffness(elastic_solid(C, rho, U, COORDS))
    for i, j, k, l in product(range(3), repeat=4):
        assert is_zero(found[i, j, k, l] - C[i, j, k, l])
        for other in (C[j, i, k, l], C[i, j, l, k], C[k, l, i, j]):
            assert is_zero(C[i, j, k, l] - other)


def test_any_stiffness_of_the_plane_gives_hookes_law():
    """Six independent constants in two dimensions: sigma_ij = C_ijkl eps_kl."""
    coords, fields = (t, x, y), [sp.Function(f)(t, x, y) for f in "uv"]
    voigt = {(0, 0): 0, (1, 1): 1, (0, 1): 2, (1, 0): 2}
    constants = sp.Matrix(3, 3, lambda a, b: sp.Symbol(f"C_{min(a, b)}{max(a, b)}"))
    C = sp.Array(
        [
            constants[voigt[i, j], voigt[k, l]]
            for i, j, k, l in product(range(2), repeat=4)
        ],
        (2, 2, 2, 2),
    )
    solid = elastic_solid(C, rho, fields, coords)
    epsilon, sigma = strain(fields, (x, y)), solid.stress_tensor()
    for i, j in product(range(2), repeat=2):
        law = sum(C[i, j, k, l] * epsilon[k, l] for k, l in product(range(2), repeat=2))
        assert is_zero(sigma[j, i] - law)
    assert stiffness(solid) == C


def test_energy_that_depends_on_rotation_is_no_elastic_energy():
    fields = [sp.Function(f)(t, x, y) for f in "uv"]
    v_x = fields[1].diff(x)
    L = sum(f.diff(t) ** 2 for f in fields) / 2 - v_x**2 / 2
    system = FieldLagrangian(L, fields, (t, x, y))
    with pytest.raises(ValueError, match="depends on rotations"):
        stiffness(system)
    with pytest.raises(ValueError, match="1 fields in 2 dimensions"):
        stiffness(FieldLagrangian(-(v_x**2), fields[1:], (t, x, y)))


def test_christoffel_speeds():
    """Known longitudinal and transverse moduli rho v^2 of solids and cubic crystals."""
    isotropic, cubic = isotropic_stiffness(LAM, MU), cubic_stiffness(C11, C12, C44)
    angle = sp.Symbol("angle", real=True)
    n = sp.Matrix([sp.cos(angle), sp.sin(angle), 0])
    across = sp.Matrix([-sp.sin(angle), sp.cos(angle), 0])
    gamma = christoffel_matrix(isotropic, n)
    assert _is_zero_matrix(gamma * n - (LAM + 2 * MU) * n)
    assert _is_zero_matrix(gamma * across - MU * across)
    r = 1 / sp.sqrt(2)
    face = christoffel_matrix(cubic, (r, r, 0))
    for e, modulus in [
        ((1, 1, 0), (C11 + C12 + 2 * C44) / 2),
        ((1, -1, 0), (C11 - C12) / 2),
        ((0, 0, 1), C44),
    ]:
        assert _is_zero_matrix(face * sp.Matrix(e) - modulus * sp.Matrix(e))
    d = 1 / sp.sqrt(3)
    diagonal = christoffel_matrix(cubic, (d, d, d))
    for e, modulus in [
        ((1, 1, 1), (C11 + 2 * C12 + 4 * C44) / 3),
        ((1, -1, 0), (C11 - C12 + C44) / 3),
        ((1, 1, -2), (C11 - C12 + C44) / 3),
    ]:
        assert _is_zero_matrix(diagonal * sp.Matrix(e) - modulus * sp.Matrix(e))


def test_plane_wave_with_a_christoffel_speed_solves_the_field_equations():
    solid = elastic_solid(cubic_stiffness(C11, C12, C44), rho, U, COORDS)
    speed = sp.sqrt((C11 - C12) / (2 * rho))
    profile = sp.sin((x + y) / sp.sqrt(2) - speed * t)
    wave = dict(zip(U, (profile, -profile, 0), strict=True))
    assert all(is_zero(r.subs(wave).doit()) for r in solid.euler_lagrange())
    along = dict(zip(U, (profile, profile, 0), strict=True))
    assert not is_zero(solid.euler_lagrange()[0].subs(along).doit())
