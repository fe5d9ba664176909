"""Every model against equations of motion, Hamiltonians and constants by hand."""

import random
from types import SimpleNamespace

import pytest
import sympy as sp
from sympy import Matrix, cos, diff, sign, sin, sqrt
from sympy.core.function import AppliedUndef

from mechanics import models
from mechanics.symbolic.legendre import legendre

x, y, z, rho, phi = sp.symbols("x y z rho phi", real=True)
r, theta = sp.symbols("r theta", positive=True)
t = sp.Symbol("t", real=True)
V = sp.Function("V", real=True)
Phi, *A = (sp.Function(s, real=True)(x, y, z, t) for s in ["Phi", "A_x", "A_y", "A_z"])
E = [-diff(Phi, s) - diff(a, t) for s, a in zip((x, y, z), A, strict=True)]
B = [
    diff(A[2], y) - diff(A[1], z),
    diff(A[0], z) - diff(A[2], x),
    diff(A[1], x) - diff(A[0], y),
]

ARGUMENTS = {
    "central_potential": (V(r), r),
    "charged_particle": (Phi, A, (x, y, z), t),
    "diatomic": (r**2 + r**3, r),
    "driven_pendulum": (True,),
    "fput_chain": (2,),
    "harmonic_ring": (4,),
    "n_link_pendulum": (1,),
    "particle": (V(x, y, z), (x, y, z)),
    "particle_in_cylindrical_coordinates": (V(rho, phi, z), (rho, phi, z)),
    "particle_in_spherical_coordinates": (V(r, theta, phi), (r, theta, phi)),
    "pendulum": (True,),
    "relativistic_charged_particle": (-x, (0, x), (x, y)),
    "relativistic_particle": ((x, y),),
    "two_body": (-1 / r, r),
}


def build(name):
    return getattr(models, name)(*ARGUMENTS.get(name, ()))


def named(system):
    """The symbols of a system by their names, to write formulas by hand."""
    conjugates = system.v if hasattr(system, "v") else system.p
    symbols = (*system.q, *conjugates, *system.params)
    return SimpleNamespace(**{symbol.name: symbol for symbol in symbols})


def rate(system, f):
    """The time derivative of f(q, v, t) along the motion."""
    accelerations = system.accelerations()[: len(system.q)]
    along_v = (diff(f, v) * a for v, a in zip(system.v, accelerations, strict=True))
    return system.time_derivative(f) + sum(along_v)


def vanishes(expr):
    """Whether a formula is zero to 20 digits at three random points.

    Unknown functions and their derivatives get random values too. Enough to compare
    two formulas, and fast where a proof would need trigonometric identities.
    """
    draw = random.Random(0)
    expr = sp.sympify(expr)
    unknown = expr.atoms(AppliedUndef, sp.Derivative)
    expr = expr.xreplace({atom: sp.Dummy(str(atom)) for atom in unknown})
    for _ in range(3):
        point = {
            s: sp.Rational(draw.randint(100, 900), 1009)
            for s in sorted(expr.free_symbols, key=str)
        }
        if abs(expr.xreplace(point).evalf(30)) > 1e-20:
            return False
    return True


def agree(left, right):
    return all(vanishes(a - b) for a, b in zip(left, right, strict=True))


def relativistic_by_hand(s):
    """d(gamma m v)/dt = f, solved for dv/dt; E = (1, 0), B_z = 1."""
    charge = getattr(s, "q", 0)
    f = Matrix([charge * (1 + s.ydot), -charge * s.xdot])
    v = Matrix([s.xdot, s.ydot])
    return (f - v * v.dot(f) / s.c**2) * sqrt(1 - v.dot(v) / s.c**2) / s.m


def double_pendulum_by_hand(s):
    d = s.theta_1 - s.theta_2
    M, m = s.m_1 + s.m_2, s.m_2
    inertia = s.m_1 + m * sin(d) ** 2
    turn_1, turn_2 = s.l_1 * s.thetadot_1**2, s.l_2 * s.thetadot_2**2
    return [
        (
            m * s.g * sin(s.theta_2) * cos(d)
            - m * sin(d) * (turn_1 * cos(d) + turn_2)
            - M * s.g * sin(s.theta_1)
        )
        / (s.l_1 * inertia),
        (
            M * (turn_1 * sin(d) - s.g * sin(s.theta_2) + s.g * sin(s.theta_1) * cos(d))
            + m * turn_2 * sin(d) * cos(d)
        )
        / (s.l_2 * inertia),
    ]


def two_body_by_hand(s):
    d = Matrix([s.x_1 - s.x_2, s.y_1 - s.y_2, s.z_1 - s.z_2])
    pull = -d / d.dot(d) ** sp.Rational(3, 2)
    return [*(pull / s.m_1), *(-pull / s.m_2)]


def spherical_by_hand(s):
    force = [-diff(V(r, theta, phi), c) for c in (r, theta, phi)]
    return [
        s.r * s.thetadot**2 + s.r * sin(s.theta) ** 2 * s.phidot**2 + force[0] / s.m,
        -2 * s.rdot * s.thetadot / s.r
        + sin(s.theta) * cos(s.theta) * s.phidot**2
        + force[1] / (s.m * s.r**2),
        -2 * s.rdot * s.phidot / s.r
        - 2 * s.thetadot * s.phidot * cos(s.theta) / sin(s.theta)
        + force[2] / (s.m * s.r**2 * sin(s.theta) ** 2),
    ]


def fput_by_hand(s):
    def pull(d):
        return d + s.alpha * d**2 + s.beta * d**3

    left, middle, right = pull(s.u_1), pull(s.u_2 - s.u_1), pull(-s.u_2)
    return [middle - left, right - middle]


ACCELERATIONS = {
    "atwood": lambda s: [(s.m_1 - s.m_2) * s.g / (s.m_1 + s.m_2)],
    "bead_on_cycloid": lambda s: [
        sin(s.theta) * (s.g / s.a - s.thetadot**2) / (2 * (1 - cos(s.theta)))
    ],
    "bead_on_rotating_hoop": lambda s: [
        (s.Omega**2 * cos(s.theta) - s.g / s.R) * sin(s.theta)
    ],
    "bead_on_rotating_wire": lambda s: [
        s.Omega**2 * s.r * sin(s.alpha) ** 2 - s.g * cos(s.alpha)
    ],
    "block_on_incline": lambda s: [
        s.g * (sin(s.theta) - s.mu * cos(s.theta) * sign(s.sdot))
    ],
    "central_potential": lambda s: [
        s.r * s.phidot**2 - diff(V(r), r) / s.m,
        -2 * s.rdot * s.phidot / s.r,
    ],
    "charged_particle": lambda s: [
        s.q / s.m * (E[0] + s.ydot * B[2] - s.zdot * B[1]),
        s.q / s.m * (E[1] + s.zdot * B[0] - s.xdot * B[2]),
        s.q / s.m * (E[2] + s.xdot * B[1] - s.ydot * B[0]),
    ],
    "coupled_pendulums": lambda s: [
        -s.g / s.l * sin(a) - s.k / s.m * cos(a) * (sin(a) - sin(b))
        for a, b in ((s.theta_1, s.theta_2), (s.theta_2, s.theta_1))
    ],
    "diatomic": lambda s: [
        sigma * (2 * (s.q_2 - s.q_1) + 3 * (s.q_2 - s.q_1) ** 2) / m
        for sigma, m in ((1, s.m_1), (-1, s.m_2))
    ],
    "double_pendulum": double_pendulum_by_hand,
    "driven_damped_oscillator": lambda s: [
        (-s.k * s.x - s.b * s.xdot + s.F_0 * cos(s.omega * t)) / s.m
    ],
    "driven_pendulum": lambda s: [
        -sin(s.theta) + s.a * cos(s.Omega * t) - s.gamma * s.thetadot
    ],
    "duffing_oscillator": lambda s: [-s.x - s.epsilon * s.x**3],
    "fput_chain": fput_by_hand,
    "harmonic_oscillator": lambda s: [-s.k / s.m * s.x],
    "harmonic_ring": lambda s: [
        s.K / s.m * (left + right - 2 * u)
        for left, u, right in (
            (s.u_3, s.u_0, s.u_1),
            (s.u_0, s.u_1, s.u_2),
            (s.u_1, s.u_2, s.u_3),
            (s.u_2, s.u_3, s.u_0),
        )
    ],
    "henon_heiles": lambda s: [-s.x - 2 * s.x * s.y, -s.y - s.x**2 + s.y**2],
    "kepler": lambda s: [
        s.r * s.phidot**2 - s.G * s.M / s.r**2,
        -2 * s.rdot * s.phidot / s.r,
    ],
    "n_link_pendulum": lambda s: [-s.g / s.l_1 * sin(s.theta_1)],
    "oscillator_of_varying_frequency": lambda s: [
        -(sp.Function("omega", positive=True)(t) ** 2) * s.x
    ],
    "particle": lambda s: [-diff(V(x, y, z), c) / s.m for c in (x, y, z)],
    "particle_in_cylindrical_coordinates": lambda s: [
        s.rho * s.phidot**2 - diff(V(rho, phi, z), rho) / s.m,
        -2 * s.rhodot * s.phidot / s.rho - diff(V(rho, phi, z), phi) / (s.m * s.rho**2),
        -diff(V(rho, phi, z), z) / s.m,
    ],
    "particle_in_spherical_coordinates": spherical_by_hand,
    "particle_on_cylinder": lambda s: [-s.k / s.m * s.z, 0],
    "particle_on_paraboloid": lambda s: [
        (s.phidot**2 - 4 * s.rhodot**2 / s.a**2 - 2 * s.g / s.a)
        * s.rho
        / (1 + 4 * s.rho**2 / s.a**2),
        -2 * s.rhodot * s.phidot / s.rho,
    ],
    "pendulum": lambda s: [-s.g / s.l * sin(s.theta) - s.b / s.m * s.thetadot],
    "pendulum_of_varying_length": lambda s: [
        -(2 * diff(length, t) * s.thetadot + s.g * sin(s.theta)) / length
        for length in [sp.Function("l", positive=True)(t)]
    ],
    "planar_oscillator": lambda s: [-(s.omega_x**2) * s.x, -(s.omega_y**2) * s.y],
    "pulled_box": lambda s: [
        (s.T * cos(s.theta) - s.mu * (s.m * s.g - s.T * sin(s.theta)) * sign(s.xdot))
        / s.m
    ],
    "quartic_oscillator": lambda s: [-s.x - 4 * s.epsilon * s.x**3],
    "relativistic_charged_particle": relativistic_by_hand,
    "relativistic_particle": lambda s: [0, 0],
    "rolling_disk": lambda s: [sp.Rational(2, 3) * s.g * sin(s.alpha) / s.R],
    "rotating_pendulum": lambda s: [
        s.a / s.l * s.Omega**2 * cos(s.theta - s.Omega * t) - s.g / s.l * sin(s.theta)
    ],
    "spherical_pendulum": lambda s: [
        sin(s.theta) * cos(s.theta) * s.phidot**2 - s.g / s.l * sin(s.theta),
        -2 * s.thetadot * s.phidot * cos(s.theta) / sin(s.theta),
    ],
    "two_body": two_body_by_hand,
    "two_masses_three_springs": lambda s: [
        s.k / s.m * (s.x_2 - 2 * s.x_1),
        s.k / s.m * (s.x_1 - 2 * s.x_2),
    ],
}
CONSTRAINED = {
    "bead_with_hoop_forces",
    "isokinetic",
    "particle_in_cell",
    "pendulum_with_tension",
    "rigid_bond_polymer",
    "rolling_wheel",
    "skate_on_slope",
}


def test_every_model_is_checked_here():
    """Tops and fields have test files of their own."""
    elsewhere = ("mechanics.models.tops", "mechanics.models.fields")
    mechanical = {
        name
        for name in models.__all__
        if getattr(models, name).__module__ not in elsewhere
    }
    assert set(ACCELERATIONS) | CONSTRAINED == mechanical


@pytest.mark.parametrize("name", ACCELERATIONS)
def test_newton_gives_the_same_accelerations(name):
    system = build(name)
    assert agree(system.accelerations(), ACCELERATIONS[name](named(system)))


def test_a_wrong_acceleration_is_noticed():
    """The linear pendulum is another system."""
    system = models.pendulum()
    linear = [-system.params[0] / system.params[1] * system.q[0]]
    assert not agree(system.accelerations(), linear)


HAMILTONIANS = {
    "atwood": lambda s: s.p_x**2 / (2 * (s.m_1 + s.m_2)) - (s.m_1 - s.m_2) * s.g * s.x,
    "bead_on_cycloid": lambda s: (
        s.p_theta**2 / (4 * s.m * s.a**2 * (1 - cos(s.theta)))
        + s.m * s.g * s.a * (1 + cos(s.theta))
    ),
    "bead_on_rotating_hoop": lambda s: (
        s.p_theta**2 / (2 * s.m * s.R**2)
        - s.m * s.R**2 * s.Omega**2 * sin(s.theta) ** 2 / 2
        - s.m * s.g * s.R * cos(s.theta)
    ),
    "bead_on_rotating_wire": lambda s: (
        s.p_r**2 / (2 * s.m)
        - s.m * s.Omega**2 * s.r**2 * sin(s.alpha) ** 2 / 2
        + s.m * s.g * (s.h + s.r * cos(s.alpha))
    ),
    "charged_particle": lambda s: (
        (
            (s.p_x - s.q * A[0]) ** 2
            + (s.p_y - s.q * A[1]) ** 2
            + (s.p_z - s.q * A[2]) ** 2
        )
        / (2 * s.m)
        + s.q * Phi
    ),
    "henon_heiles": lambda s: (
        (s.p_x**2 + s.p_y**2 + s.x**2 + s.y**2) / 2 + s.x**2 * s.y - s.y**3 / 3
    ),
    "kepler": lambda s: (
        s.p_r**2 / (2 * s.mu)
        + s.p_phi**2 / (2 * s.mu * s.r**2)
        - s.G * s.mu * s.M / s.r
    ),
    "particle_in_cylindrical_coordinates": lambda s: (
        (s.p_rho**2 + s.p_phi**2 / s.rho**2 + s.p_z**2) / (2 * s.m) + V(rho, phi, z)
    ),
    "particle_in_spherical_coordinates": lambda s: (
        (s.p_r**2 + s.p_theta**2 / s.r**2 + s.p_phi**2 / (s.r * sin(s.theta)) ** 2)
        / (2 * s.m)
        + V(r, theta, phi)
    ),
    "particle_on_cylinder": lambda s: (
        s.p_phi**2 / (2 * s.m * s.R**2)
        + s.p_z**2 / (2 * s.m)
        + s.k * (s.R**2 + s.z**2) / 2
    ),
    "particle_on_paraboloid": lambda s: (
        s.p_rho**2 / (2 * s.m * (1 + 4 * s.rho**2 / s.a**2))
        + s.p_phi**2 / (2 * s.m * s.rho**2)
        + s.m * s.g * s.rho**2 / s.a
    ),
    "rolling_disk": lambda s: (
        s.p_theta**2 / (3 * s.m * s.R**2) - s.m * s.g * s.R * s.theta * sin(s.alpha)
    ),
    "rotating_pendulum": lambda s: (
        (s.p_theta - s.m * s.l * s.a * s.Omega * sin(s.theta - s.Omega * t)) ** 2
        / (2 * s.m * s.l**2)
        - s.m * s.g * s.l * cos(s.theta)
    ),
    "spherical_pendulum": lambda s: (
        (s.p_theta**2 + s.p_phi**2 / sin(s.theta) ** 2) / (2 * s.m * s.l**2)
        - s.m * s.g * s.l * cos(s.theta)
    ),
    "two_masses_three_springs": lambda s: (
        (s.p_x_1**2 + s.p_x_2**2) / (2 * s.m)
        + s.k * (s.x_1**2 + s.x_2**2 - s.x_1 * s.x_2)
    ),
}


@pytest.mark.parametrize("name", HAMILTONIANS)
def test_hamiltonian(name):
    system = legendre(build(name))
    assert vanishes(system.H - HAMILTONIANS[name](named(system)))


def test_hamiltonian_of_the_double_pendulum():
    """HM-pr-5: the second velocity needs a factor m_2 that the source has lost."""
    system = legendre(models.double_pendulum())
    s, d = named(system), system.q[0] - system.q[1]
    M, block = s.m_1 + s.m_2, s.m_1 + s.m_2 * sin(d) ** 2
    l1, l2, p1, p2 = s.l_1, s.l_2, s.p_theta_1, s.p_theta_2
    kinetic = (s.m_2 * l2**2 * p1**2 + M * l1**2 * p2**2) / 2
    kinetic -= s.m_2 * l1 * l2 * p1 * p2 * cos(d)
    H = kinetic / (s.m_2 * l1**2 * l2**2 * block)
    H -= M * s.g * l1 * cos(s.theta_1) + s.m_2 * s.g * l2 * cos(s.theta_2)
    assert vanishes(system.H - H)
    source = (M * l1 * p2 - s.m_2 * l2 * p1 * cos(d)) / (l1 * l2**2 * block)
    rates = system.vector_field
    assert vanishes(rates[0] - (l2 * p1 - l1 * p2 * cos(d)) / (l1**2 * l2 * block))
    assert vanishes(rates[1] - source / s.m_2)
    assert not vanishes(rates[1] - source)
    a = p1 * p2 * sin(d) / (l1 * l2 * block)
    b = kinetic * sin(2 * d) / (l1**2 * l2**2 * block**2)
    assert vanishes(rates[2] - (-a + b - M * s.g * l1 * sin(s.theta_1)))
    assert vanishes(rates[3] - (a - b - s.m_2 * s.g * l2 * sin(s.theta_2)))


def test_relativistic_hamiltonian():
    """H = c sqrt((p - qA)^2 + m^2 c^2) + q Phi, for a given branch of v(p)."""
    system = build("relativistic_charged_particle")
    p = sp.symbols("p_x p_y", real=True)
    s = named(system)
    kinetic = (p[0], p[1] - s.q * x)
    size = sqrt(kinetic[0] ** 2 + kinetic[1] ** 2 + s.m**2 * s.c**2)
    H = legendre(system, p, velocities=[s.c * k / size for k in kinetic]).H
    assert vanishes(H - (s.c * size - s.q * x))


@pytest.mark.parametrize(
    "name", sorted({*ACCELERATIONS, *CONSTRAINED} - {"rigid_bond_polymer"})
)
def test_energy_function_is_lost_only_through_time_and_friction(name):
    """dh/dt = -dL/dt + power of forces and of constraints, for every model."""
    system = build(name) if name in ACCELERATIONS else CONSTRAINED_BUILD[name]()
    n = len(system.q)
    multipliers = dict(zip(system.multipliers, system.accelerations()[n:], strict=True))
    forces = [
        Q + push.subs(multipliers)
        for Q, push in zip(system.forces, system.constraint_forces, strict=True)
    ]
    power = sum(f * v for f, v in zip(forces, system.v, strict=True))
    explicit = diff(system.L, system.t) if system.t else 0
    assert vanishes(rate(system, system.energy) - power + explicit)


def kepler_runge_lenz(s):
    """p x L - mu k e_r along the x axis, k = G mu M."""
    k, l = s.G * s.mu * s.M, s.mu * s.r**2 * s.phidot
    radial, angular = l * s.mu * s.r * s.phidot - s.mu * k, -l * s.mu * s.rdot
    return radial * cos(s.phi) - angular * sin(s.phi)


CONSTANTS = {
    "central_potential": lambda s: s.m * s.r**2 * s.phidot,
    "harmonic_ring": lambda s: s.m * (s.udot_0 + s.udot_1 + s.udot_2 + s.udot_3),
    "kepler": kepler_runge_lenz,
    "particle_on_cylinder": lambda s: s.m * s.R**2 * s.phidot,
    "particle_on_paraboloid": lambda s: s.m * s.rho**2 * s.phidot,
    "rolling_disk": lambda s: (
        3 * s.R * s.thetadot**2 / 4 - s.g * s.theta * sin(s.alpha)
    ),
    "spherical_pendulum": lambda s: s.m * s.l**2 * sin(s.theta) ** 2 * s.phidot,
    "two_body": lambda s: (
        s.m_1 * (s.x_1 * s.ydot_1 - s.y_1 * s.xdot_1)
        + s.m_2 * (s.x_2 * s.ydot_2 - s.y_2 * s.xdot_2)
    ),
}


@pytest.mark.parametrize("name", CONSTANTS)
def test_constant_of_the_motion(name):
    system = build(name)
    assert vanishes(rate(system, CONSTANTS[name](named(system))))


def test_runge_lenz_vector_needs_the_kepler_potential():
    system = models.central_potential(-1 / r**2, r)
    s = named(system)
    l = s.m * s.r**2 * s.phidot
    radial = l * s.m * s.r * s.phidot - s.m
    assert not vanishes(
        rate(system, radial * cos(s.phi) + l * s.m * s.rdot * sin(s.phi))
    )


def test_cycloid_pendulum_is_isochronous():
    """u = cos(theta/2) is a harmonic oscillator of frequency sqrt(g/4a) exactly."""
    system = models.bead_on_cycloid()
    s = named(system)
    u = cos(s.theta / 2)
    assert vanishes(rate(system, rate(system, u)) + s.g / (4 * s.a) * u)


def test_rotating_pendulum_comes_from_its_geometry():
    """The Lagrangian of the bob's position, up to a function of time."""
    system = models.rotating_pendulum()
    s = named(system)
    path = sp.Function("theta")(t)
    X = s.a * cos(s.Omega * t) + s.l * sin(path)
    Y = s.a * sin(s.Omega * t) - s.l * cos(path)
    L = s.m * (diff(X, t) ** 2 + diff(Y, t) ** 2) / 2 - s.m * s.g * Y
    L = L.subs(diff(path, t), s.thetadot).subs(path, s.theta)
    for symbol in (s.theta, s.thetadot):
        assert vanishes(diff(L - system.L, symbol))


def test_links_obey_d_alembert():
    """Sum of m_k (acceleration + g) along each virtual displacement, three links."""
    system = models.n_link_pendulum(3)
    s = named(system)
    paths = [sp.Function(q.name)(t) for q in system.q]
    back = {diff(p, t, 2): a for p, a in zip(paths, system.a, strict=True)}
    back |= {diff(p, t): v for p, v in zip(paths, system.v, strict=True)}
    back |= dict(zip(paths, system.q, strict=True))
    X, Y, total = 0, 0, [0, 0, 0]
    for l, m, path in zip(
        (s.l_1, s.l_2, s.l_3), (s.m_1, s.m_2, s.m_3), paths, strict=True
    ):
        X, Y = X + l * sin(path), Y - l * cos(path)
        for i, p in enumerate(paths):
            total[i] += m * diff(X, t, 2) * diff(X, p)
            total[i] += m * (diff(Y, t, 2) + s.g) * diff(Y, p)
    total = [e.subs(back) for e in total]
    assert agree(system.euler_lagrange(), total)


@pytest.mark.parametrize(
    ("name", "squares"),
    [
        ("two_masses_three_springs", lambda s: [s.k / s.m, 3 * s.k / s.m]),
        ("coupled_pendulums", lambda s: [s.g / s.l, s.g / s.l + 2 * s.k / s.m]),
        ("harmonic_ring", lambda s: [0, 2 * s.K / s.m, 4 * s.K / s.m]),
    ],
)
def test_small_oscillations(name, squares):
    """det(V - omega^2 T) = 0 at the squares of the frequencies, and not elsewhere."""
    system = build(name)
    rest = dict.fromkeys((*system.q, *system.v), 0)
    stiffness = -sp.hessian(system.L, system.q).subs(rest)
    T = system.mass_metric
    expected = squares(named(system))
    for square in expected:
        assert vanishes((stiffness - square * T).det())
    assert not vanishes((stiffness - (expected[-1] + 1) * T).det())


# --- constraints -------------------------------------------------------------------

CONSTRAINED_BUILD = {
    "bead_with_hoop_forces": models.bead_with_hoop_forces,
    "isokinetic": lambda: models.isokinetic(models.two_body(r**2 / 2, r)),
    "particle_in_cell": lambda: models.particle_in_cell(1 + t**2, t),
    "pendulum_with_tension": models.pendulum_with_tension,
    "rigid_bond_polymer": lambda: models.rigid_bond_polymer(3),
    "rolling_wheel": models.rolling_wheel,
    "skate_on_slope": models.skate_on_slope,
}


def test_tension_of_the_pendulum():
    """lambda = -T/2l with T = m l thetadot^2 + m g cos(theta): negative is tension."""
    system = models.pendulum_with_tension()
    s = named(system)
    angle, turn = sp.symbols("angle turn", real=True)
    on_circle = {
        s.x: s.l * sin(angle),
        s.y: -s.l * cos(angle),
        s.xdot: s.l * turn * cos(angle),
        s.ydot: s.l * turn * sin(angle),
    }
    x_ddot, y_ddot, multiplier = (e.subs(on_circle) for e in system.accelerations())
    tension = s.m * s.l * turn**2 + s.m * s.g * cos(angle)
    assert vanishes(multiplier + tension / (2 * s.l))
    assert not vanishes(multiplier - tension / (2 * s.l))
    spin = -s.g / s.l * sin(angle)
    assert vanishes(x_ddot - s.l * (spin * cos(angle) - turn**2 * sin(angle)))
    assert vanishes(y_ddot - s.l * (spin * sin(angle) + turn**2 * cos(angle)))


def test_forces_of_the_rotating_hoop():
    """The hoop holds the bead, pushes it round, and its torque does the work."""
    system = models.bead_with_hoop_forces()
    s = named(system)
    on_hoop = {s.r: s.R, s.rdot: 0, s.phidot: s.Omega, s.phi: s.Omega * t}
    *a, hold, torque = (e.subs(on_hoop) for e in system.accelerations())
    hoop = models.bead_on_rotating_hoop().accelerations()[0]
    assert agree(a, [0, hoop, 0])
    swing = s.thetadot**2 + s.Omega**2 * sin(s.theta) ** 2
    assert vanishes(hold + s.m * s.R * swing + s.m * s.g * cos(s.theta))
    coriolis = 2 * s.m * s.R**2 * s.Omega * s.thetadot * sin(s.theta) * cos(s.theta)
    assert vanishes(torque - coriolis)
    work = rate(system, system.energy).subs(on_hoop)
    assert vanishes(work - torque * s.Omega)


def test_tensions_in_a_polymer():
    """Two bonds: the second derivative of each length, written out, vanishes."""
    system = models.rigid_bond_polymer(3)
    s = named(system)
    *a, first, second = system.accelerations()
    q, v = [Matrix(system.q[i : i + 3]) for i in (0, 3, 6)], Matrix(system.v)
    d1, d2 = q[1] - q[0], q[2] - q[1]
    w1, w2 = v[3:6, :] - v[0:3, :], v[6:9, :] - v[3:6, :]
    both = 1 / s.m_1 + 1 / s.m_2, 1 / s.m_2 + 1 / s.m_3
    angle = d1.dot(d2) / s.m_2
    values = {c: sp.Rational(7 * i**2 % 23 - 11, 5) for i, c in enumerate(system.q, 2)}
    values |= {c: sp.Rational(5 * i**2 % 19 - 9, 7) for i, c in enumerate(system.v, 2)}
    for left, right in (
        (2 * first * both[0] * d1.dot(d1) - 2 * second * angle, -w1.dot(w1)),
        (2 * second * both[1] * d2.dot(d2) - 2 * first * angle, -w2.dot(w2)),
    ):
        assert vanishes((left - right).xreplace(values))
    pushes = [f.xreplace(values) for f in system.constraint_forces]
    assert all(vanishes(sum(pushes[i::3])) for i in range(3))
    by_hand = [-2 * first * c / s.m_1 for c in d1]
    assert agree(
        [e.xreplace(values) for e in a[:3]], [e.xreplace(values) for e in by_hand]
    )


def test_stretched_trimer_is_under_tension():
    """A straight trimer that turns about its centre: T = m a omega^2 in both bonds."""
    system = models.rigid_bond_polymer(3)
    s, turn = named(system), sp.Symbol("turn", positive=True)
    state = dict.fromkeys((*system.q, *system.v), sp.S.Zero)
    state |= {s.x_1: -s.a_1, s.x_3: s.a_1, s.ydot_1: -turn * s.a_1}
    state |= {s.ydot_3: turn * s.a_1, s.m_1: s.m_2, s.m_3: s.m_2}
    tensions = [-2 * m.xreplace(state) * s.a_1 for m in system.accelerations()[-2:]]
    assert agree(tensions, [s.m_2 * s.a_1 * turn**2] * 2)


def test_gauss_thermostat():
    """alpha = sum(F p / m) / sum(p^2 / m), and the flow contracts by (g - 1) alpha."""
    system = CONSTRAINED_BUILD["isokinetic"]()
    s, g = named(system), len(system.q)
    *a, multiplier = system.accelerations()
    masses = [s.m_1] * 3 + [s.m_2] * 3
    forces = [diff(system.L, q) for q in system.q]
    p = [m * v for m, v in zip(masses, system.v, strict=True)]
    heat = sum(f * k / m for f, k, m in zip(forces, p, masses, strict=True))
    alpha = heat / sum(k**2 / m for k, m in zip(p, masses, strict=True))
    assert vanishes(multiplier + alpha)
    assert agree(
        [m * acceleration for m, acceleration in zip(masses, a, strict=True)],
        [f - alpha * k for f, k in zip(forces, p, strict=True)],
    )
    contraction = sum(diff(f, v) for f, v in zip(a, system.v, strict=True))
    assert vanishes(contraction + (g - 1) * alpha)
    assert not vanishes(contraction + g * alpha)


def test_kinetic_energy_of_the_thermostat_is_constant():
    system = CONSTRAINED_BUILD["isokinetic"]()
    assert vanishes(rate(system, system.constraints[0]))
    free = models.two_body(r**2 / 2, r)
    assert not vanishes(rate(free, system.constraints[0]))


def test_alpha_for_equal_masses():
    """alpha = F.p / p.p only if the masses are equal (AMM-34)."""
    system = CONSTRAINED_BUILD["isokinetic"]()
    s = named(system)
    alpha = -system.accelerations()[-1]
    masses = [s.m_1] * 3 + [s.m_2] * 3
    F = Matrix([diff(system.L, q) for q in system.q])
    p = Matrix([m * v for m, v in zip(masses, system.v, strict=True)])
    short = F.dot(p) / p.dot(p)
    assert vanishes((alpha - short).subs(s.m_2, s.m_1))
    assert not vanishes(alpha - short)


def test_cell_of_prescribed_volume():
    """The atom moves freely in space; the cell is driven along its cofactors."""
    system = CONSTRAINED_BUILD["particle_in_cell"]()
    *a, pressure = system.accelerations()
    h, s = Matrix(2, 2, system.q[:4]), Matrix(system.q[4:])
    h_dot, s_dot = Matrix(2, 2, system.v[:4]), Matrix(system.v[4:])
    h_ddot, s_ddot = Matrix(2, 2, a[:4]), Matrix(a[4:])
    assert agree(h * s_ddot + 2 * h_dot * s_dot + h_ddot * s, [0, 0])
    W = named(system).W
    cofactors = h.cofactor_matrix()
    by_hand = W * (2 - 2 * h_dot.det()) / sum(c**2 for c in cofactors)
    assert vanishes(pressure - by_hand)
    assert agree(W * h_ddot, by_hand * cofactors)


def test_rolling_wheel():
    """Constant spin and turn; friction is the centripetal force of the circle."""
    system = models.rolling_wheel()
    s = named(system)
    *a, push_x, push_y = system.accelerations()
    speed = s.R * s.phidot
    sideways = Matrix([-sin(s.theta), cos(s.theta)]) * speed * s.thetadot
    assert agree(a, [*sideways, 0, 0])
    assert agree((push_x, push_y), s.m * sideways)


def test_skate_on_slope():
    """Only gravity along the blade accelerates; the ice pushes across it."""
    system = models.skate_on_slope()
    s = named(system)
    x_ddot, y_ddot, theta_ddot, push = system.accelerations()
    along = x_ddot * cos(s.theta) + y_ddot * sin(s.theta)
    assert vanishes(along - s.g * sin(s.alpha) * cos(s.theta))
    speed = s.xdot * cos(s.theta) + s.ydot * sin(s.theta)
    assert vanishes(theta_ddot)
    weight = s.g * sin(s.alpha) * sin(s.theta)
    assert vanishes(push - s.m * (speed * s.thetadot + weight))


# --- numbers of the source texts ---------------------------------------------------


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        (
            "block_on_incline",
            dict(m=5, g=9.8, theta=sp.pi / 6, mu=0.2, sdot=1),
            3.2026,
        ),
        (
            "pulled_box",
            dict(m=10, g=9.8, T=40, theta=sp.pi / 6, mu=0.25, xdot=1),
            1.5141,
        ),
        ("atwood", dict(m_1=6, m_2=4, g=9.8), 1.96),
        ("atwood", dict(m_1=3, m_2=2, g=9.8), 1.96),
    ],
)
def test_worked_examples(name, values, expected):
    """CCM-1.W, CCM-1.P1, CCM-1.P3, CCM-2.P2."""
    system = build(name)
    symbols = vars(named(system))
    (a,) = system.accelerations()
    a = a.subs({symbols[key]: value for key, value in values.items()})
    assert float(a) == pytest.approx(expected, abs=1e-4)


def test_potential_of_two_bodies_takes_its_own_symbol():
    with pytest.raises(ValueError, match="name of a variable but other assumptions"):
        models.particle(sp.Symbol("x", positive=True) ** 2, (x,))
