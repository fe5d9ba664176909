"""Rotations against the books, the matrices' own rates, and gimbal lock."""

import pytest
import sympy as sp

from mechanics.symbolic.rotations import (
    EulerAngles,
    GimbalLockError,
    quaternion_rate,
    quaternion_rotation,
    rotation,
)
from mechanics.symbolic.symbols import coordinates
from mechanics.symbolic.zero import is_zero

omega = sp.symbols("omega_1:4", real=True)
ANGLES, RATES = coordinates("phi theta psi")
SEQUENCES = ["zxz", "zyx", "zyz", "xyz"]


def zero_matrix(matrix):
    return all(is_zero(entry) for entry in matrix)


def trig_zero_matrix(matrix):
    """Decide by polynomial division with sin^2 + cos^2 = 1; exact and quick."""
    s, c = sp.symbols("s c")
    for angle in ANGLES:
        letters = {sp.sin(angle): s, sp.cos(angle): c}
        back = {s: sp.sin(angle), c: sp.cos(angle)}
        matrix = matrix.applyfunc(
            lambda f, letters=letters, back=back: sp.rem(
                sp.expand(f.xreplace(letters)), s**2 + c**2 - 1, s
            ).xreplace(back)
        )
    return matrix.applyfunc(sp.expand).is_zero_matrix


def rate(expression):
    """Time derivative along the motion of the three angles."""
    pairs = zip(ANGLES, RATES, strict=True)
    return sum((sp.diff(expression, q) * v for q, v in pairs), 0 * expression)


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_angular_velocity_is_the_rate_of_the_rotation(sequence):
    """dR/dt = hat(omega_space) R = R hat(omega_body), for every sequence."""
    frame = EulerAngles(ANGLES, RATES, sequence)
    R = frame.rotation
    assert trig_zero_matrix(rate(R) - frame.omega_space.hat() * R)
    assert trig_zero_matrix(rate(R) - R * frame.omega_body.hat())
    assert not trig_zero_matrix(rate(R) - R * frame.omega_space.hat())
    assert trig_zero_matrix(R.T * R - sp.eye(3))
    assert trig_zero_matrix(sp.Matrix([R.det() - 1]))


def test_euler_angles_of_the_books():
    """The components that every textbook prints for z-x'-z''."""
    phi, theta, psi = ANGLES
    phi_dot, theta_dot, psi_dot = RATES
    frame = EulerAngles(ANGLES, RATES)
    body = sp.Matrix(
        [
            phi_dot * sp.sin(theta) * sp.sin(psi) + theta_dot * sp.cos(psi),
            phi_dot * sp.sin(theta) * sp.cos(psi) - theta_dot * sp.sin(psi),
            phi_dot * sp.cos(theta) + psi_dot,
        ]
    )
    space = sp.Matrix(
        [
            psi_dot * sp.sin(theta) * sp.sin(phi) + theta_dot * sp.cos(phi),
            -psi_dot * sp.sin(theta) * sp.cos(phi) + theta_dot * sp.sin(phi),
            psi_dot * sp.cos(theta) + phi_dot,
        ]
    )
    assert zero_matrix(frame.omega_body - body)
    assert zero_matrix(frame.omega_space - space)
    # the symmetry axis leans by theta
    axis = frame.rotation[:, 2]
    assert axis[2] == sp.cos(theta)
    assert is_zero(axis[0] - sp.sin(theta) * sp.sin(phi))


def test_positive_rotations_are_right_handed():
    x, y, z = (sp.eye(3)[:, i] for i in range(3))
    assert rotation("z", sp.pi / 2) * x == y
    assert rotation("x", sp.pi / 2) * y == z
    assert rotation("y", sp.pi / 2) * z == x


@pytest.mark.parametrize(
    ("sequence", "singular", "regular", "determinant"),
    [
        ("zxz", 0, sp.pi / 2, -sp.sin(ANGLES[1])),
        ("zxz", sp.pi, sp.pi / 2, -sp.sin(ANGLES[1])),
        ("zyx", sp.pi / 2, 0, -sp.cos(ANGLES[1])),
        ("zyx", -sp.pi / 2, 0, -sp.cos(ANGLES[1])),
    ],
)
def test_gimbal_lock(sequence, singular, regular, determinant):
    """CCM-4: at theta = 0, pi for z-x'-z''; yaw-pitch-roll locks at pitch +-90 deg.

    The text calls the two sequences the same coordinates; their singularities differ.
    """
    frame = EulerAngles(ANGLES, RATES, sequence)
    assert is_zero(frame.determinant - determinant)
    jacobian = frame.omega_body.jacobian(RATES)
    assert is_zero(jacobian.det() - frame.determinant)
    assert jacobian.subs(ANGLES[1], singular).rank(iszerofunc=is_zero) == 2
    assert jacobian.subs(ANGLES[1], regular).rank(iszerofunc=is_zero) == 3
    locked = EulerAngles((ANGLES[0], singular, ANGLES[2]), RATES, sequence)
    with pytest.raises(GimbalLockError, match=f"gimbal lock.*sequence {sequence}"):
        locked.rates_from(omega)
    free = EulerAngles((ANGLES[0], regular, ANGLES[2]), RATES, sequence)
    assert len(free.rates_from(omega)) == 3


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_rates_return_from_the_angular_velocity(sequence):
    frame = EulerAngles(ANGLES, RATES, sequence)
    for found, given_rate in zip(
        frame.rates_from(frame.omega_body), RATES, strict=True
    ):
        assert is_zero(found - given_rate)


def test_bad_sequences_are_rejected():
    for sequence in ("zzx", "zx", "abc"):
        with pytest.raises(ValueError, match="no sequence of rotations"):
            EulerAngles(ANGLES, RATES, sequence)
    with pytest.raises(ValueError, match="2 angles"):
        EulerAngles(ANGLES[:2], RATES)


def test_quaternion_turns_like_the_matrix():
    q = sp.symbols("q_0:4", real=True)
    alpha = sp.Symbol("alpha", real=True)
    half = (sp.cos(alpha / 2), 0, 0, sp.sin(alpha / 2))
    assert zero_matrix(quaternion_rotation(half) - rotation("z", alpha))
    assert not zero_matrix(quaternion_rotation(half) - rotation("z", -alpha))
    R = quaternion_rotation(q)
    norm = sum(s**2 for s in q)
    assert zero_matrix(R.T * R - norm**2 * sp.eye(3))
    q_dot = quaternion_rate(q, omega)
    assert is_zero(sum(s * v for s, v in zip(q, q_dot, strict=True)))
    R_dot = sum((sp.diff(R, s) * v for s, v in zip(q, q_dot, strict=True)), 0 * R)
    assert zero_matrix(R_dot - R * sp.Matrix(omega).hat())
    assert not zero_matrix(R_dot - sp.Matrix(omega).hat() * R)
