"""The pendulum in a resonance, and adiabatic invariants, against integration."""

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from mechanics.symbolic.hamiltonian import HamiltonianSystem
from mechanics.symbolic.perturbation.adiabatic import adiabatic_invariant
from mechanics.symbolic.perturbation.resonance import resonance_pendulum

J1, J2, psi, P = sp.symbols("J_1 J_2 psi P", real=True)
eps = sp.Symbol("epsilon", positive=True)
q, p, t, delta = sp.symbols("q p t delta", real=True)

# omega = (J1, J2^2): the 2:1 resonance 2 J1 = J2^2 at (1/2, 1)
H0 = J1**2 / 2 + J2**3 / 3
RESONANT = {J1: sp.Rational(1, 2), J2: sp.Integer(1)}


def test_the_inverse_mass_is_the_second_derivative_along_the_mode():
    island = resonance_pendulum(H0, eps, (J1, J2), (2, -1), RESONANT)
    reduced = H0.subs({J1: J1 + 2 * P, J2: J2 - P}, simultaneous=True).subs(RESONANT)
    expanded = sp.Poly(sp.expand(reduced), P)
    assert expanded.coeff_monomial(P) == 0
    assert island.M == 2 * expanded.coeff_monomial(P**2) == 6
    assert island.frequency == sp.sqrt(6) * sp.sqrt(eps)
    assert island.half_widths == tuple(k * 2 * sp.sqrt(eps / 6) for k in (2, 1))
    assert island.system(psi, P).vector_field == (6 * P, eps * sp.sin(psi))


def reduced_energy(momentum, angle, strength):
    """H0 on the line J = J* + k P, plus the resonant term; exact, not expanded."""
    return (
        (0.5 + 2 * momentum) ** 2 / 2
        + (1 - momentum) ** 3 / 3
        + strength * np.cos(angle)
    )


@pytest.mark.parametrize("strength", [1e-3, 1e-5])
def test_the_width_is_that_of_the_separatrix(strength):
    """Half the distance of the branches at psi = pi; the error is of order eps."""
    island = resonance_pendulum(H0, eps, (J1, J2), (2, -1), RESONANT)
    width = float(island.half_width.subs(eps, strength))
    saddle = reduced_energy(0, 0, strength)

    def above(momentum):
        return reduced_energy(momentum, np.pi, strength) - saddle

    upper, lower = brentq(above, 0, 3 * width), brentq(above, -3 * width, 0)
    assert abs((upper - lower) / 2 / width - 1) < 2 * strength
    # negative control: sqrt(eps h/|M|), as a careless reading of the text, is half
    assert abs((upper - lower) / 2 / (width / 2) - 1) > 0.9


@pytest.mark.parametrize("strength", [1e-2, 1e-4])
def test_small_librations_have_the_frequency_of_the_pendulum(strength):
    """Integrate both degrees of freedom; the slow angle turns about pi."""
    island = resonance_pendulum(H0, eps, (J1, J2), (2, -1), RESONANT)
    frequency = float(island.frequency.subs(eps, strength))

    def flow(_, z):
        kick = strength * np.sin(2 * z[0] - z[1])
        return [z[2], z[3] ** 2, 2 * kick, -kick]

    def crossing(_, z):
        return z[2] - 0.5

    crossing.direction = 1
    start = [np.pi / 2 + 0.005, 0.0, 0.5, 1.0]
    path = solve_ivp(
        flow, (0, 4.5 * 2 * np.pi / frequency), start, events=crossing,
        method="DOP853", rtol=1e-11, atol=1e-13,
    )  # fmt: skip
    period = np.diff(path.t_events[0][1:]).mean()
    assert abs(2 * np.pi / period / frequency - 1) < 1e-4
    # negative control: without the off-diagonal factors of k, M would be 3
    assert abs(2 * np.pi / period / np.sqrt(3 * strength) - 1) > 0.3


def test_off_the_resonance_the_equation_to_solve_is_named():
    with pytest.raises(ValueError, match=r"k.omega = 1 .*2\*J_1 - J_2\*\*2 = 0"):
        resonance_pendulum(H0, eps, (J1, J2), (2, -1), {J1: 1, J2: 1})
    with pytest.raises(ValueError, match="value of J_2 is missing"):
        resonance_pendulum(H0, eps, (J1, J2), (2, -1), {J1: 1})
    with pytest.raises(ValueError, match="needs one integer per action"):
        resonance_pendulum(H0, eps, (J1, J2), (2,), RESONANT)


def test_oscillators_have_no_pendulum_at_their_resonance():
    with pytest.raises(ValueError, match=r"M = 0.*higher order"):
        resonance_pendulum(J1 + J2, eps, (J1, J2), (1, -1), RESONANT)


@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_each_correction_wins_one_power_of_the_slowness(order):
    omega = 1 + delta * t + (delta * t) ** 2
    system = HamiltonianSystem((p**2 + omega**2 * q**2) / 2, (q,), (p,), t=t)
    invariant = adiabatic_invariant(omega, q, p, t, order)
    rate = sp.Poly(sp.numer(sp.together(system.time_derivative(invariant))), delta)
    scaled = sp.Poly(rate.as_expr().subs(t, t / delta), delta)
    assert min(n for (n,) in scaled.monoms()) == order + 1


def test_the_first_correction_is_that_of_the_textbooks():
    """I = E/omega + omega' q p / (2 omega^2), with rate q p d/dt(omega'/2 omega^2)."""
    w = sp.Function("omega")(t)
    system = HamiltonianSystem((p**2 + w**2 * q**2) / 2, (q,), (p,), t=t)
    invariant = adiabatic_invariant(w, q, p, t)
    slope = sp.diff(w, t) / (2 * w**2)
    assert sp.expand(invariant - system.H / w - slope * q * p) == 0
    rate = system.time_derivative(invariant)
    assert sp.expand(rate - q * p * sp.diff(slope, t)) == 0
    # negative control: E itself is no invariant of zeroth order
    assert sp.expand(system.time_derivative(system.H)) != 0


def test_the_shortened_pendulum_swings_wider():
    """CCM-12 P2: theta grows as l^(-3/4) and E as l^(-1/2); the text has both wrong.

    l from 1 m to 0.5 m in 100 periods: 0.168 rad (not 0.084) and 1.41 E_0 (not 0.354).
    """
    mass, gravity, periods = 0.5, 9.8, 100
    duration = periods * 2 * np.pi / np.sqrt(gravity)

    def length(s):
        return 1 - 0.5 * s / duration

    def flow(s, z):
        theta, momentum = z
        l = length(s)
        return [momentum / (mass * l**2), -mass * gravity * l * theta]

    path = solve_ivp(
        flow, (0, duration), [0.1, 0.0], method="DOP853", rtol=1e-11, atol=1e-13
    )
    theta, momentum = path.y[:, -1]
    energy = momentum**2 / (2 * mass * 0.5**2) + mass * gravity * 0.5 * theta**2 / 2
    start = mass * gravity * 0.1**2 / 2
    assert abs(energy / start / np.sqrt(2) - 1) < 2e-3
    amplitude = np.sqrt(2 * energy / (mass * gravity * 0.5))
    assert abs(amplitude / (0.1 * 2**0.75) - 1) < 1e-3
    assert abs(amplitude - 0.168) < 1e-3
    assert abs(amplitude - 0.084) > 0.08
    assert abs(energy - 34.6e-3) < 1e-4
