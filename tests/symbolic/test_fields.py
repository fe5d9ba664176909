"""Field theories: energy, currents and stresses against known results."""

import pytest
import sympy as sp
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sympy.calculus.euler import euler_equations

from mechanics.models.fields import (
    euler_bernoulli_beam,
    klein_gordon,
    maxwell,
    membrane,
    sine_gordon,
    vibrating_string,
)
from mechanics.symbolic.fields import FieldLagrangian
from mechanics.symbolic.lagrangian import SingularLagrangianError
from mechanics.symbolic.zero import is_zero

t, x, y, z = sp.symbols("t x y z", real=True)
rho, tau, m, B = sp.symbols("rho tau m B", positive=True)
u = sp.Function("u")(t, x)
SYSTEMS = [
    vibrating_string(),
    membrane(),
    euler_bernoulli_beam(),
    klein_gordon(2),
    sine_gordon(),
    maxwell(),
]


# Energy and momentum


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: str(s.fields[0]))
def test_energy_and_momentum_are_conserved_on_shell(system):
    """The divergence of T is a multiple of the field equations: exact, off shell."""
    T = system.stress_energy()
    residual = system.euler_lagrange()
    for nu, coordinate in enumerate(system.coords):
        velocity = [sp.diff(f, coordinate) for f in system.fields]
        multiple = sum(r * v for r, v in zip(residual, velocity, strict=True))
        assert is_zero(system.divergence(T[:, nu]) - multiple)


def test_energy_density_is_the_hamiltonian_density():
    """CCM-13: T^00 = H once the momenta are expressed by the velocities."""
    for system in (vibrating_string(), euler_bernoulli_beam(), sine_gordon()):
        pi = [sp.Function("p")(t, x)]
        H = system.hamiltonian_density(pi)
        assert is_zero(H.subs(pi[0], system.momenta[0]) - system.stress_energy()[0, 0])


def test_string_energy_flux_and_wave_momentum():
    T = vibrating_string().stress_energy()
    assert is_zero(T[0, 0] - (rho * u.diff(t) ** 2 + tau * u.diff(x) ** 2) / 2)
    assert is_zero(T[1, 0] + tau * u.diff(x) * u.diff(t))
    (g,) = vibrating_string().momentum_density()
    assert is_zero(g + rho * u.diff(t) * u.diff(x))
    # a wave to the right carries energy and momentum to the right
    wave = {u: sp.sin(x - sp.sqrt(tau / rho) * t)}
    assert is_zero((T[1, 0] - sp.sqrt(tau / rho) * T[0, 0]).subs(wave).doit())
    assert is_zero((g - sp.sqrt(rho / tau) * T[0, 0]).subs(wave).doit())


def test_beam_energy_flux_is_shear_force_and_bending_moment_at_work():
    flux = euler_bernoulli_beam().stress_energy()[1, 0]
    shear, moment = -B * u.diff(x, 3), B * u.diff(x, 2)
    work = -shear * u.diff(t) - moment * u.diff(t, x)
    assert is_zero(flux - work)


def test_inhomogeneous_string_keeps_energy_and_loses_wave_momentum():
    density = sp.Function("rho")(x)
    L = density * u.diff(t) ** 2 / 2 - tau * u.diff(x) ** 2 / 2
    system = FieldLagrangian(L, (u,), (t, x))
    assert system.noether_current(tau=[1, 0]).is_conserved
    translation = system.noether_current(tau=[0, 1])
    assert not translation.is_conserved
    assert is_zero(translation.defect - density.diff(x) * u.diff(t) ** 2 / 2)
    driven = FieldLagrangian(L + sp.cos(t) * u, (u,), (t, x))
    assert not driven.noether_current(tau=[1, 0]).is_conserved


def test_momentum_of_matter_survives_in_an_inhomogeneous_medium():
    r"""AMM-27 asks for homogeneity, which u -> u + c does not need."""
    density, stiff = sp.Function("rho")(x), sp.Function("K")(x)
    L = density * u.diff(t) ** 2 / 2 - stiff * u.diff(x) ** 2 / 2
    system = FieldLagrangian(L, (u,), (t, x))
    assert system.noether_current(xi=[1]).is_conserved
    assert not system.noether_current(tau=[0, 1]).is_conserved
    # and a homogeneous medium on an elastic bed loses it
    bedded = FieldLagrangian(L.subs({density: 1, stiff: 1}) - u**2 / 2, (u,), (t, x))
    assert not bedded.noether_current(xi=[1]).is_conserved
    assert bedded.noether_current(tau=[0, 1]).is_conserved


# Symmetries


def test_lorentz_boost_is_a_symmetry_of_klein_gordon_only_at_its_own_speed():
    system = klein_gordon(1)
    assert system.noether_current(tau=[x, t]).is_conserved
    assert not system.noether_current(tau=[x, 4 * t]).is_conserved


def test_rotations_of_the_membrane():
    rotation = membrane().noether_current(tau=[0, -y, x])
    assert rotation.is_conserved
    w = sp.Function("u")(t, x, y)
    mu = sp.Symbol("mu", positive=True)
    L_z = -mu * w.diff(t) * (x * w.diff(y) - y * w.diff(x))
    assert is_zero(rotation.current[0] - L_z)
    assert not membrane().noether_current(tau=[0, -y, 2 * x]).is_conserved


def test_gauge_term_of_the_galilei_boost_of_a_string():
    """u -> u + eps t: the centre of mass moves evenly; without G it is no symmetry."""
    G = [rho * u, 0]
    boost = vibrating_string().noether_current(xi=[t], gauge=G)
    assert boost.is_conserved
    assert is_zero(boost.current[0] - rho * (t * u.diff(t) - u))
    assert not vibrating_string().noether_current(xi=[t]).is_conserved


def test_phase_symmetry_of_the_complex_klein_gordon_field():
    a, b = (sp.Function(f)(t, x) for f in "ab")
    kinetic = sum(f.diff(t) ** 2 - f.diff(x) ** 2 for f in (a, b)) / 2
    system = FieldLagrangian(kinetic - m**2 * (a**2 + b**2) / 2, (a, b), (t, x))
    charge = system.noether_current(xi=[-b, a])
    assert charge.is_conserved
    assert is_zero(charge.current[0] - (a * b.diff(t) - b * a.diff(t)))
    split = FieldLagrangian(kinetic - m**2 * a**2 / 2, (a, b), (t, x))
    assert not split.noether_current(xi=[-b, a]).is_conserved


def test_hamiltons_field_equations_are_the_field_equation():
    """u_t = dH/dpi, pi_t = -dH/du, here by the Euler-Lagrange operator of H."""
    for system in (euler_bernoulli_beam(), sine_gordon(), klein_gordon(2)):
        (f,) = system.fields
        pi = sp.Function("pi")(*system.coords)
        H = system.hamiltonian_density([pi])
        minus_H_f, minus_H_pi = FieldLagrangian(
            H, (f, pi), system.coords
        ).euler_lagrange()
        velocity = sp.solve(f.diff(t) + minus_H_pi, pi)[0]
        rate = sp.diff(velocity, t) - minus_H_f
        assert is_zero(rate.doit() - system.euler_lagrange()[0])


def test_schroedinger_density_is_singular_without_a_vanishing_momentum():
    a, b = (sp.Function(f)(t, x) for f in "ab")
    L = (a * b.diff(t) - b * a.diff(t)) / 2 - (a.diff(x) ** 2 + b.diff(x) ** 2) / 4
    system = FieldLagrangian(L, (a, b), (t, x))
    with pytest.raises(SingularLagrangianError, match="null direction"):
        system.hamiltonian_density()
    assert system.noether_current(xi=[-b, a]).is_conserved


def test_shear_force_of_a_beam():
    """The stress of a beam is its shear force -B u_xxx: rho u_tt = d_x of it."""
    sigma = euler_bernoulli_beam().stress_tensor()
    assert is_zero(sigma[0, 0] + B * u.diff(x, 3))


# Identities on random densities

w = sp.Function("w")(t, x)
JETS = [u, w, u.diff(t), u.diff(x), w.diff(t), w.diff(x)]
JETS2 = [*JETS, u.diff(x, 2), u.diff(t, x), w.diff(t, 2)]


def _densities(variables):
    factors = st.lists(st.sampled_from([*variables, x, t]), min_size=1, max_size=3)
    coefficient = st.fractions(-3, 3, max_denominator=4)
    terms = st.lists(st.tuples(coefficient, factors), min_size=1, max_size=3)
    return terms.map(
        lambda ts: sum(sp.Rational(*k.as_integer_ratio()) * sp.prod(f) for k, f in ts)
    )


@example(F=2 * t, G=sp.S.Zero)  # the density is a number
@given(F=_densities(JETS), G=_densities(JETS))
@settings(max_examples=20)
def test_total_divergence_has_no_field_equations(F, G):
    L = sp.diff(F, t) + sp.diff(G, x)
    assert all(is_zero(r) for r in FieldLagrangian(L, (u, w), (t, x)).euler_lagrange())


@given(L=_densities(JETS2))
@settings(max_examples=20)
def test_euler_lagrange_agrees_with_sympy(L):
    # SymPy leaves out equations 0 = 0: the kinetic energy keeps both alive
    L += 10 * (u.diff(t) ** 2 + w.diff(t) ** 2)
    ours = FieldLagrangian(L, (u, w), (t, x)).euler_lagrange()
    theirs = euler_equations(L, [u, w], [t, x])
    for residual, equation in zip(ours, theirs, strict=True):
        assert is_zero(residual + equation.lhs)


@given(
    L=_densities(JETS2),
    xi=_densities([u, w, w.diff(x)]),
    tau_x=_densities([u]),
    gauge=_densities([u, w]),
)
@settings(max_examples=20)
def test_noether_identity_holds_off_shell(L, xi, tau_x, gauge):
    """div J = defect + Q.(field equations), for any density and any generator."""
    system = FieldLagrangian(L, (u, w), (t, x))
    noether = system.noether_current(xi=[xi, u], tau=[x, tau_x], gauge=[0, gauge])
    Q = [
        xi - x * u.diff(t) - tau_x * u.diff(x),
        u - x * w.diff(t) - tau_x * w.diff(x),
    ]
    multiple = sum(q * r for q, r in zip(Q, system.euler_lagrange(), strict=True))
    assert is_zero(system.divergence(noether.current) - noether.defect - multiple)


@given(L=_densities(JETS2))
@settings(max_examples=15)
def test_divergence_of_stress_energy_is_the_explicit_dependence(L):
    """d_mu T^mu_nu = -dL/dx^nu (explicit) + residual . d_nu u, off shell."""
    system = FieldLagrangian(L, (u, w), (t, x))
    jets = {f: sp.Dummy() for f in JETS2}
    T = system.stress_energy()
    for nu, s in enumerate((t, x)):
        explicit = sp.diff(system.density.xreplace(jets), s)
        explicit = explicit.xreplace({jet: f for f, jet in jets.items()})
        multiple = sum(
            r * sp.diff(f, s)
            for r, f in zip(system.euler_lagrange(), (u, w), strict=True)
        )
        assert is_zero(system.divergence(T[:, nu]) + explicit - multiple)


# Bad input


def test_field_of_fewer_coordinates_is_rejected():
    f = sp.Function("f")(x)
    with pytest.raises(ValueError, match="not a function of"):
        FieldLagrangian(f.diff(x) ** 2, (f,), (t, x))


def test_look_alikes_of_a_field_or_coordinate_are_rejected():
    with pytest.raises(ValueError, match="has the name of the field"):
        FieldLagrangian(u.diff(t) ** 2 + sp.Symbol("u") ** 2, (u,), (t, x))
    with pytest.raises(ValueError, match="has the name of the field"):
        FieldLagrangian(sp.Function("u")(x, t).diff(t) ** 2, (u,), (t, x))
    with pytest.raises(ValueError, match="other assumptions"):
        FieldLagrangian(u.diff(t) ** 2 + sp.Symbol("x") * u, (u,), (t, x))


def test_second_time_derivatives_have_no_simple_momentum():
    system = FieldLagrangian(u * u.diff(t, 2) - u.diff(x) ** 2, (u,), (t, x))
    with pytest.raises(ValueError, match=r"Derivative\(u\(t, x\), \(t, 2\)\)"):
        _ = system.momenta


def test_one_generator_per_field_and_coordinate():
    with pytest.raises(ValueError, match="xi has 2 components"):
        vibrating_string().noether_current(xi=[1, 2])
    with pytest.raises(ValueError, match="tau has 1 components"):
        vibrating_string().noether_current(tau=[1])
