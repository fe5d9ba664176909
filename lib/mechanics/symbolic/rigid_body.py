"""Rigid bodies: inertia tensors, principal axes and Euler's equations."""

from collections.abc import Sequence

import sympy as sp

from mechanics.symbolic.zero import is_zero


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
