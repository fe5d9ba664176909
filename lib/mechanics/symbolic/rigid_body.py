"""Rigid bodies: orientation, inertia, Euler's equations and the heavy top."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import sympy as sp

from mechanics.symbolic.lagrangian import LagrangianSystem, coordinates
from mechanics.symbolic.zero import is_zero


class GimbalLockError(ValueError):
    """Two of the three Euler rotations have the same axis."""


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
        object.__setattr__(self, "angles", tuple(sp.sympify(a) for a in self.angles))
        object.__setattr__(self, "rates", tuple(sp.sympify(a) for a in self.rates))
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
        yaw-pitch-roll.
        Where it vanishes the first and the third axis coincide: gimbal lock.
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


# Inertia


def _point_inertia(M: sp.Expr, a: Sequence[sp.Expr]) -> sp.Matrix:
    a = sp.Matrix(list(a))
    return M * (a.dot(a) * sp.eye(3) - a * a.T)


def point_mass_inertia(
    masses: Sequence[sp.Expr], positions: Sequence[Sequence[sp.Expr]]
) -> sp.Matrix:
    r"""The inertia tensor of point masses about the origin.

    .. math:: I_{ij}=\sum_nm_n(r_n^2\delta_{ij}-x_{n,i}x_{n,j})

    Examples
    --------
    >>> point_mass_inertia([2, 2], [(1, 0, 0), (-1, 0, 0)])
    Matrix([
    [0, 0, 0],
    [0, 4, 0],
    [0, 0, 4]])
    """
    pairs = zip(masses, positions, strict=True)
    return sum((_point_inertia(m, r) for m, r in pairs), sp.zeros(3))


def parallel_axis(I_cm: sp.Matrix, M: sp.Expr, a: Sequence[sp.Expr]) -> sp.Matrix:
    r"""Steiner's theorem: the tensor about a point at a distance from the centre.

    .. math:: I=I_\text{cm}+M(a^2\,1-\boldsymbol a\otimes\boldsymbol a)

    Parameters
    ----------
    I_cm
        Inertia tensor about the centre of mass.
    M, a
        The mass, and the vector between the centre of mass and the point.

    Examples
    --------
    A cube about one of its corners:

    >>> import sympy as sp
    >>> M, a = sp.symbols("M a", positive=True)
    >>> corner = parallel_axis(cuboid_inertia(M, a, a, a), M, (a/2, a/2, a/2))
    >>> corner[0, 0], corner[0, 1]
    (2*M*a**2/3, -M*a**2/4)
    """
    return sp.Matrix(I_cm) + _point_inertia(M, a)


def rod_inertia(M: sp.Expr, L: sp.Expr) -> sp.Matrix:
    r"""Inertia of a thin rod along z about its centre, :math:`ML^2/12` across.

    Examples
    --------
    >>> rod_inertia(12, 1).diagonal()
    Matrix([[1, 1, 0]])
    """
    return cylinder_inertia(M, 0, L)


def disk_inertia(M: sp.Expr, R: sp.Expr) -> sp.Matrix:
    r"""Inertia of a thin disk normal to z about its centre.

    :math:`MR^2/2` about its axis, :math:`MR^2/4` about a diameter.

    Examples
    --------
    >>> disk_inertia(4, 1).diagonal()
    Matrix([[1, 1, 2]])
    """
    return cylinder_inertia(M, R, 0)


def cylinder_inertia(M: sp.Expr, R: sp.Expr, h: sp.Expr) -> sp.Matrix:
    r"""Inertia of a solid cylinder along z about its centre.

    .. math:: I_3=\tfrac12MR^2,\qquad I_1=I_2=\tfrac14MR^2+\tfrac1{12}Mh^2

    Examples
    --------
    >>> cylinder_inertia(12, 1, 2).diagonal()
    Matrix([[7, 7, 6]])
    """
    R2, h2 = sp.sympify(R) ** 2, sp.sympify(h) ** 2
    across = M * R2 / 4 + M * h2 / 12
    return sp.diag(across, across, M * R2 / 2)


def sphere_inertia(M: sp.Expr, R: sp.Expr) -> sp.Matrix:
    r"""Inertia of a solid sphere about its centre, :math:`\tfrac25MR^2`.

    Examples
    --------
    >>> sphere_inertia(5, 1).diagonal()
    Matrix([[2, 2, 2]])
    """
    return sp.Rational(2, 5) * M * R**2 * sp.eye(3)


def cuboid_inertia(M: sp.Expr, a: sp.Expr, b: sp.Expr, c: sp.Expr) -> sp.Matrix:
    r"""Inertia of a solid with edges a, b, c along x, y, z about its centre.

    .. math:: I_1=\tfrac1{12}M(b^2+c^2)\quad\text{and cyclic}

    Examples
    --------
    >>> cuboid_inertia(12, 1, 2, 3).diagonal()
    Matrix([[13, 10, 5]])
    """
    sides = [sp.sympify(s) ** 2 for s in (a, b, c)]
    return sp.diag(*(M * (sum(sides) - s) / 12 for s in sides))


def principal_axes(inertia: sp.Matrix) -> tuple[tuple[sp.Expr, ...], sp.Matrix]:
    r"""Principal moments, and the principal axes as columns of a rotation matrix.

    Parameters
    ----------
    inertia
        A symmetric 3 by 3 matrix of exact numbers or symbols.

    Returns
    -------
    moments, axes
        With :math:`\text{axes}^{\mathsf T}I\,\text{axes}` diagonal. Equal moments leave
        their axes free; one choice is returned.

    Raises
    ------
    ValueError
        If the matrix is not symmetric (the message names the element), contains
        floating-point numbers, or leads to a cubic equation that does not factor.

    Examples
    --------
    >>> principal_axes(parallel_axis(cuboid_inertia(12, 1, 1, 1), 12, (1, 1, 0)))[0]
    (2, 26, 26)
    """
    inertia = sp.Matrix(inertia)
    if inertia.has(sp.Float):
        raise ValueError(
            "the inertia tensor contains floating-point numbers; give exact numbers, "
            "or use numpy.linalg.eigh"
        )
    for i, j in ((0, 1), (0, 2), (1, 2)):
        if not is_zero(inertia[i, j] - inertia[j, i]):
            raise ValueError(
                f"the elements ({i}, {j}) and ({j}, {i}) of the inertia tensor differ: "
                "it must be symmetric"
            )
    if any(moment.has(sp.I) for moment in inertia.eigenvals()):
        raise ValueError(
            "the principal moments are the roots of a cubic that has no real radicals; "
            "use numpy.linalg.eigh on the numbers"
        )
    moments, axes = [], []
    for moment, multiplicity, vectors in inertia.eigenvects():
        moments += [moment] * multiplicity
        axes += sp.GramSchmidt(vectors, orthonormal=True)
    first, second, _ = axes
    return tuple(moments), sp.Matrix.hstack(first, second, first.cross(second))


# Motion


def euler_equations(
    inertia: sp.Matrix,
    omega: Sequence[sp.Expr],
    torque: Sequence[sp.Expr] = (0, 0, 0),
) -> tuple[sp.Expr, ...]:
    r"""The angular acceleration :math:`\dot{\boldsymbol\omega}` along the body axes.

    .. math::
        I\dot{\boldsymbol\omega}+\boldsymbol\omega\times I\boldsymbol\omega
        =\boldsymbol N

    Parameters
    ----------
    inertia
        The tensor in the body axes, about a fixed point or the centre of mass.
    omega, torque
        Angular velocity and torque about the same point, along the body axes.

    Notes
    -----
    Source: CCM-5.

    Examples
    --------
    >>> import sympy as sp
    >>> I1, I2, I3 = sp.symbols("I_1:4", positive=True)
    >>> w = sp.symbols("omega_1:4", real=True)
    >>> sp.factor(euler_equations(sp.diag(I1, I2, I3), w)[0])
    omega_2*omega_3*(I_2 - I_3)/I_1
    """
    inertia, omega = sp.Matrix(inertia), sp.Matrix(list(omega))
    right = sp.Matrix(list(torque)) - omega.cross(inertia * omega)
    return tuple(sp.cancel(a) for a in inertia.LUsolve(right))


def growth_rate_squared(
    moments: Sequence[sp.Expr], axis: int, Omega: sp.Expr
) -> sp.Expr:
    r"""Stability of free rotation about a principal axis: :math:`\lambda^2`.

    Euler's equations linearised about :math:`\boldsymbol\omega=\Omega\boldsymbol e_k`
    have solutions :math:`e^{\pm\lambda t}` with

    .. math::
        \lambda^2=-\Omega^2\,\frac{(I_k-I_i)(I_k-I_j)}{I_iI_j}

    negative (stable) for the largest and the smallest moment, positive (unstable) for
    the intermediate one.

    Parameters
    ----------
    moments, axis
        The three principal moments, and the index k = 0, 1, 2 of the axis.
    Omega
        Angular velocity about it.

    Notes
    -----
    Source: CCM-5 (tennis-racket theorem), CCM-5.W.

    Examples
    --------
    >>> [growth_rate_squared((2, 3, 4), axis, 1) for axis in range(3)]
    [-1/6, 1/8, -1/3]
    """
    omega = sp.symbols("omega_1:4", real=True)
    rate = sp.Matrix(euler_equations(sp.diag(*moments), omega))
    at_rest = dict.fromkeys(omega, 0) | {omega[axis]: Omega}
    others = [i for i in range(3) if i != axis]
    block = rate.jacobian(omega).subs(at_rest, simultaneous=True)
    # the two others drive each other: the trace of their block is zero
    return sp.factor(-block.extract(others, others).det())


def body_precession_rate(I_1: sp.Expr, I_3: sp.Expr, omega_3: sp.Expr) -> sp.Expr:
    r"""Rate at which a free symmetric top's :math:`\omega` circles its symmetry axis.

    .. math:: \Omega_\text{body}=\frac{I_3-I_1}{I_1}\,\omega_3

    as seen from the body, in the sense of :math:`\omega_3` if positive (oblate body).

    Source: CCM-5, CCM-5.P1.

    Examples
    --------
    >>> body_precession_rate(2, 3, 100)
    50
    """
    return (I_3 - I_1) * omega_3 / sp.sympify(I_1)


_I_1, _I_3, _M, _g, _l = sp.symbols("I_1 I_3 M g l", positive=True)


@dataclass(frozen=True)
class HeavyTop:
    r"""A symmetric top with a fixed point, in the field of gravity.

    .. math::
        L=\tfrac12I_1(\dot\theta^2+\dot\phi^2\sin^2\theta)
        +\tfrac12I_3(\dot\psi+\dot\phi\cos\theta)^2-Mgl\cos\theta

    Parameters
    ----------
    I_1, I_3
        Moments of inertia (kg m²) across and along the symmetry axis, both about the
        *fixed point*: :math:`I_1=I_{1,\text{cm}}+Ml^2`.
    M, g, l
        Mass (kg), gravity (m/s²), distance (m) of the centre of mass from the point.

    Raises
    ------
    ValueError
        If no body has these numbers: :math:`I_1\ge Ml^2+\tfrac12I_3`.

    Notes
    -----
    Source: CCM-5, whose problem 2 gives an :math:`I_1` below :math:`Ml^2`.

    Examples
    --------
    >>> HeavyTop().sleeping_threshold()
    2*sqrt(I_1)*sqrt(M)*sqrt(g)*sqrt(l)/I_3
    >>> top = HeavyTop(I_1=5, I_3=1, M=1, g=10, l=1)
    >>> top.sleeping_threshold()
    10*sqrt(2)
    >>> slow, fast = top.steady_precession(sp.pi/3, 11)
    >>> sp.N(slow, 4), sp.N(fast, 4)
    (1.283, 3.117)
    """

    I_1: sp.Expr = _I_1
    I_3: sp.Expr = _I_3
    M: sp.Expr = _M
    g: sp.Expr = _g
    l: sp.Expr = _l

    def __post_init__(self):
        for name in ("I_1", "I_3", "M", "g", "l"):
            object.__setattr__(self, name, sp.sympify(getattr(self, name)))
        least = self.M * self.l**2 + self.I_3 / 2
        if (least - (1 + 1e-12) * self.I_1).is_positive:  # forgive rounding
            raise ValueError(
                f"I_1 = {self.I_1} about the fixed point is less than M l^2 + I_3/2 = "
                f"{least}, which no rigid body allows; add M l^2 if I_1 is meant about "
                "the centre of mass"
            )

    @property
    def lagrangian(self) -> LagrangianSystem:
        r"""In :math:`(\phi,\theta,\psi)`; :math:`\phi` and :math:`\psi` are cyclic.

        Their momenta are :math:`p_\psi=I_3\omega_3` and the vertical angular momentum
        :math:`p_\phi=I_1\dot\phi\sin^2\theta+p_\psi\cos\theta`.

        Examples
        --------
        >>> top = HeavyTop().lagrangian
        >>> top.cyclic
        (phi, psi)
        """
        q, v = coordinates("phi theta psi")
        theta, (phi_dot, theta_dot, psi_dot) = q[1], v
        across = theta_dot**2 + phi_dot**2 * sp.sin(theta) ** 2
        omega_3 = psi_dot + phi_dot * sp.cos(theta)
        T = self.I_1 * across / 2 + self.I_3 * omega_3**2 / 2
        return LagrangianSystem(T - self._weight * sp.cos(theta), q, v)

    @property
    def _weight(self) -> sp.Expr:
        return self.M * self.g * self.l

    def effective_potential(
        self, theta: sp.Expr, p_phi: sp.Expr, p_psi: sp.Expr
    ) -> sp.Expr:
        r"""The potential of nutation, :math:`E=\tfrac12I_1\dot\theta^2+V(\theta)`.

        .. math::
            V=\frac{(p_\phi-p_\psi\cos\theta)^2}{2I_1\sin^2\theta}
            +\frac{p_\psi^2}{2I_3}+Mgl\cos\theta
        """
        swing = (p_phi - p_psi * sp.cos(theta)) ** 2 / (
            2 * self.I_1 * sp.sin(theta) ** 2
        )
        return swing + p_psi**2 / (2 * self.I_3) + self._weight * sp.cos(theta)

    def steady_precession(
        self, theta: sp.Expr, omega_3: sp.Expr
    ) -> tuple[sp.Expr, sp.Expr]:
        r"""The slow and the fast rate of precession without nutation.

        The roots of
        :math:`I_1\cos\theta\,\Omega^2-I_3\omega_3\Omega+Mgl=0`. For a fast spin they
        approach :math:`Mgl/(I_3\omega_3)` and :math:`I_3\omega_3/(I_1\cos\theta)`.

        Parameters
        ----------
        theta
            Inclination; at :math:`\pi/2` the fast rate is infinite.
        omega_3
            The constant spin :math:`\dot\psi+\dot\phi\cos\theta`, positive.

        Raises
        ------
        ValueError
            If the spin is too small for any steady precession, or not positive; the
            message says what is needed.
        """
        p = self.I_3 * sp.sympify(omega_3)
        if p.is_nonpositive:
            raise ValueError(
                f"omega_3 = {omega_3} is not positive: choose the direction of the "
                "symmetry axis so that it is"
            )
        bend = 4 * self._weight * self.I_1 * sp.cos(theta)
        if (p**2 - bend).is_negative:
            raise ValueError(
                f"no steady precession at omega_3 = {omega_3}: it needs at least "
                f"{sp.sqrt(bend) / self.I_3}"
            )
        root = sp.sqrt(p**2 - bend)
        slow = 2 * self._weight / (p + root)
        return slow, (p + root) / (2 * self.I_1 * sp.cos(theta))

    def sleeping_threshold(self) -> sp.Expr:
        r"""The spin above which an upright top is stable.

        .. math:: \omega_3=\frac2{I_3}\sqrt{MglI_1}

        Source: CCM-5.P2.
        """
        return 2 * sp.sqrt(self._weight * self.I_1) / self.I_3

    def nutation_frequency(
        self, theta: sp.Expr, omega_3: sp.Expr, Omega: sp.Expr
    ) -> sp.Expr:
        r"""Frequency of small nutation about a steady precession :math:`\Omega`.

        .. math::
            \omega_\text{nut}^2=\Omega^2\sin^2\theta
            +\left(\frac{I_3\omega_3}{I_1}-2\Omega\cos\theta\right)^2

        which tends to :math:`I_3\omega_3/I_1` for a fast spin and slow precession.

        Parameters
        ----------
        theta, omega_3
            Inclination and spin.
        Omega
            One of the two rates of :meth:`steady_precession`.
        """
        bend = self.I_3 * omega_3 / self.I_1 - 2 * Omega * sp.cos(theta)
        return sp.sqrt(Omega**2 * sp.sin(theta) ** 2 + bend**2)
