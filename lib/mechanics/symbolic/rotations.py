"""Rotations: matrices, Euler angles with their gimbal lock, quaternions."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import sympy as sp

from mechanics.symbolic.symbols import coerce, sympified
from mechanics.symbolic.zero import is_zero


class GimbalLockError(ValueError):
    """Two of the three Euler rotations have the same axis.

    Examples
    --------
    In an upright top precession and spin are the same rotation:

    >>> import sympy as sp
    >>> phi, psi, *rates = sp.symbols("phi psi phidot thetadot psidot", real=True)
    >>> upright = EulerAngles((phi, 0, psi), rates)
    >>> upright.rates_from((0, 0, 1))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    mechanics.symbolic.rotations.GimbalLockError: gimbal lock at the second angle 0
    of the sequence zxz: the first and third axis coincide ...
    """


def rotation(axis: str, angle: sp.Expr) -> sp.Matrix:
    r"""Turn vectors by an angle about a coordinate axis, right-handed.

    Parameters
    ----------
    axis
        ``"x"``, ``"y"`` or ``"z"``.
    angle
        In radians.

    Examples
    --------
    >>> import sympy as sp
    >>> rotation("z", sp.pi/2) * sp.Matrix([1, 0, 0])
    Matrix([
    [0],
    [1],
    [0]])
    """
    i = "xyz".index(axis)
    j, k = (i + 1) % 3, (i + 2) % 3
    R = sp.eye(3)
    R[j, j] = R[k, k] = sp.cos(angle)
    R[k, j], R[j, k] = sp.sin(angle), -sp.sin(angle)
    return R


def _axis(name: str) -> sp.Matrix:
    return sp.eye(3)[:, "xyz".index(name)]


@dataclass(frozen=True)
class EulerAngles:
    r"""Orientation by three rotations, each about an axis of the rotated body.

    The sequence ``"zxz"`` is z-x'-z'' with :math:`(\phi,\theta,\psi)`; ``"zyx"`` is
    yaw-pitch-roll. The rotation

    .. math:: R=R_1(\phi)\,R_2(\theta)\,R_3(\psi)

    takes components along the body axes to components along the space axes.

    Parameters
    ----------
    angles, rates
        The angles and their time derivatives, three of each.
    sequence
        The axes of the three rotations; neighbours must differ.

    Notes
    -----
    Source: CCM-4, which mistakes the angles z-x'-z'' for yaw-pitch-roll.

    Examples
    --------
    >>> from mechanics.symbolic import coordinates
    >>> top = EulerAngles(*coordinates("phi theta psi"))
    >>> top.omega_body[2]
    phidot*cos(theta) + psidot
    >>> top.determinant
    -sin(theta)
    """

    angles: tuple[sp.Expr, ...]
    rates: tuple[sp.Expr, ...]
    sequence: str = "zxz"

    def __post_init__(self):
        coerce(self, angles=sympified, rates=sympified)
        if not len(self.angles) == len(self.rates) == 3:
            raise ValueError(
                f"{len(self.angles)} angles and {len(self.rates)} rates: give three"
            )
        if (
            len(self.sequence) != 3
            or not set(self.sequence) <= set("xyz")
            or any(a == b for a, b in pairwise(self.sequence))
        ):
            raise ValueError(
                f"{self.sequence!r} is no sequence of rotations: give three letters "
                "x, y, z without equal neighbours, such as 'zxz' or 'zyx'"
            )

    @property
    def _turns(self) -> list[sp.Matrix]:
        return [rotation(a, b) for a, b in zip(self.sequence, self.angles, strict=True)]

    @property
    def _axes_between(self) -> tuple[sp.Matrix, sp.Matrix, sp.Matrix]:
        """The axes of the three rotations as seen after the first."""
        first, second, third = (_axis(name) for name in self.sequence)
        return first, second, self._turns[1] * third

    @property
    def rotation(self) -> sp.Matrix:
        """The matrix R from body components to space components."""
        R1, R2, R3 = self._turns
        return R1 * R2 * R3

    @property
    def omega_space(self) -> sp.Matrix:
        r"""Angular velocity along the space axes, :math:`\hat\omega=\dot RR^{-1}`."""
        axes = self._axes_between
        rates = zip(axes, self.rates, strict=True)
        return self._turns[0] * sum((a * r for a, r in rates), sp.zeros(3, 1))

    @property
    def omega_body(self) -> sp.Matrix:
        r"""Angular velocity along the body axes, :math:`\hat\omega=R^{-1}\dot R`.

        For z-x'-z'':

        .. math::
            \omega_1&=\dot\phi\sin\theta\sin\psi+\dot\theta\cos\psi\\
            \omega_2&=\dot\phi\sin\theta\cos\psi-\dot\theta\sin\psi\\
            \omega_3&=\dot\phi\cos\theta+\dot\psi
        """
        R2, R3 = self._turns[1:]
        first, second, third = (_axis(name) for name in self.sequence)
        phi, theta, psi = self.rates
        return R3.T * (R2.T * first * phi + second * theta) + third * psi

    @property
    def determinant(self) -> sp.Expr:
        r"""Determinant of the map from the rates to :math:`\boldsymbol\omega`.

        :math:`-\sin\theta` for z-x'-z'', minus the cosine of the pitch for
        yaw-pitch-roll. Where it vanishes the first and the third axis coincide: gimbal
        lock.
        """
        first, second, third = self._axes_between
        return first.dot(second.cross(third))

    def rates_from(self, omega_body: Sequence[sp.Expr]) -> tuple[sp.Expr, ...]:
        r"""The rates of the angles that belong to an angular velocity.

        Parameters
        ----------
        omega_body
            Components along the body axes.

        Raises
        ------
        GimbalLockError
            If the angles are at the singularity.
        """
        determinant = self.determinant
        if is_zero(determinant):
            raise GimbalLockError(
                f"gimbal lock at the second angle {self.angles[1]} of the sequence "
                f"{self.sequence}: the first and third axis coincide and only the sum "
                "or difference of their rates is known; use another sequence or a "
                "quaternion"
            )
        R2, R3 = self._turns[1:]
        omega = R2 * (R3 * sp.Matrix(list(omega_body)))
        a, b, c = self._axes_between
        return tuple(
            sp.cancel(omega.dot(reciprocal) / determinant)
            for reciprocal in (b.cross(c), c.cross(a), a.cross(b))
        )


def quaternion_rotation(q: Sequence[sp.Expr]) -> sp.Matrix:
    r"""Rotation matrix, body to space, of a unit quaternion.

    .. math::
        R=(q_0^2-\boldsymbol q^2)\,1+2\,\boldsymbol q\otimes\boldsymbol q
        +2q_0\,\hat{\boldsymbol q}

    A rotation by :math:`\alpha` about the unit vector :math:`\boldsymbol n` has
    :math:`q=(\cos\tfrac\alpha2,\ \boldsymbol n\sin\tfrac\alpha2)`.

    Examples
    --------
    Half a turn about x:

    >>> quaternion_rotation((0, 1, 0, 0))
    Matrix([
    [1,  0,  0],
    [0, -1,  0],
    [0,  0, -1]])
    """
    q0, *rest = q
    vector = sp.Matrix(rest)
    R = (q0**2 - vector.dot(vector)) * sp.eye(3) + 2 * vector * vector.T
    return R + 2 * q0 * vector.hat()


def quaternion_rate(q: Sequence[sp.Expr], omega_body: Sequence[sp.Expr]) -> tuple:
    r"""The rate :math:`\dot q=\tfrac12\,q\otimes(0,\boldsymbol\omega)`; never singular.

    .. math::
        \dot q_0=-\tfrac12\boldsymbol q\cdot\boldsymbol\omega,\qquad
        \dot{\boldsymbol q}=\tfrac12(q_0\boldsymbol\omega
        +\boldsymbol q\times\boldsymbol\omega)

    with :math:`\boldsymbol\omega` along the body axes.

    Examples
    --------
    >>> quaternion_rate((1, 0, 0, 0), (0, 0, 2))
    (0, 0, 0, 1)
    """
    q0, *rest = q
    vector, omega = sp.Matrix(rest), sp.Matrix(list(omega_body))
    return (-vector.dot(omega) / 2, *((q0 * omega + vector.cross(omega)) / 2))
