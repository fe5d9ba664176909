r"""Lagrangian densities: field equations, conserved currents and elasticity.

The last part holds the textbook systems. Their coordinates are the real symbols
``t``, ``x``, ``y``, ``z``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import sympy as sp
from sympy.core.function import AppliedUndef

from mechanics.symbolic.hamiltonian import legendre
from mechanics.symbolic.lagrangian import (
    LagrangianSystem,
    SingularLagrangianError,
    check_symbols,
)
from mechanics.symbolic.zero import is_zero


@dataclass(frozen=True)
class NoetherCurrent:
    r"""A current and what stands in the way of its conservation.

    Attributes
    ----------
    current
        The components :math:`J^\mu`, time first: density of the charge, then its flux.
    defect
        What is left of :math:`\partial_\mu J^\mu` where the field equations hold.
    """

    current: tuple[sp.Expr, ...]
    defect: sp.Expr

    @property
    def is_conserved(self) -> bool:
        """Whether the defect vanishes, so that the current has no sources."""
        return is_zero(self.defect)


@dataclass(frozen=True)
class FieldLagrangian:
    r"""A field theory given by its Lagrangian density :math:`\mathcal L`.

    .. math::
        S=\int\mathcal L(u_a,\partial_\mu u_a,\partial_\mu\partial_\nu u_a,\dots,x^\mu)
        \,dt\,d^dx

    The coordinates are :math:`x^\mu=(t,x_1,\dots,x_d)` with time itself, not
    :math:`ct`. Indices stay where they stand (currents up, derivatives down), so that
    no metric is needed; where a system needs one, its signature is
    :math:`(+,-,-,-)`.

    Parameters
    ----------
    density
        An expression in the fields, their derivatives of any order, the coordinates,
        parameters, and given functions of the coordinates such as :math:`\rho(x)`.
    fields
        Applied functions of all coordinates, ``u(t, x)``.
    coords
        The symbol of time first, then those of space.

    Notes
    -----
    Sources: CCM-13, AMM-27 to 29.

    Examples
    --------
    >>> import sympy as sp
    >>> t, x = sp.symbols("t x", real=True)
    >>> rho, tau = sp.symbols("rho tau", positive=True)
    >>> u = sp.Function("u")(t, x)
    >>> string = FieldLagrangian(
    ...     rho*u.diff(t)**2/2 - tau*u.diff(x)**2/2, (u,), (t, x))
    >>> string.euler_lagrange()
    (rho*Derivative(u(t, x), (t, 2)) - tau*Derivative(u(t, x), (x, 2)),)
    >>> string.stress_energy()[1, 0]  # the energy flux
    -tau*Derivative(u(t, x), t)*Derivative(u(t, x), x)
    """

    density: sp.Expr
    fields: tuple[AppliedUndef, ...]
    coords: tuple[sp.Symbol, ...]

    def __post_init__(self):
        object.__setattr__(self, "density", sp.sympify(self.density).doit())
        object.__setattr__(self, "fields", tuple(self.fields))
        object.__setattr__(self, "coords", tuple(self.coords))
        for u in self.fields:
            if not isinstance(u, AppliedUndef) or set(u.args) != set(self.coords):
                raise ValueError(
                    f"the field {u} is not a function of {self.coords}: give it "
                    "applied to all coordinates, such as u(t, x)"
                )
        check_symbols("density", (self.density,), self.coords, ())
        names = {u.func.__name__: u for u in self.fields}
        for f in self.density.atoms(AppliedUndef) | self.density.free_symbols:
            if f not in self.fields and f.name in names:
                raise ValueError(
                    f"density: {f} has the name of the field {names[f.name]} but is "
                    "another object, so derivatives would miss it; use the very field"
                )

    @cached_property
    def _derivatives(self) -> tuple[sp.Derivative, ...]:
        found = (d for d in self.density.atoms(sp.Derivative) if d.expr in self.fields)
        return tuple(sp.ordered(found))

    @cached_property
    def _jets(self) -> dict[sp.Expr, sp.Dummy]:
        """The fields and their derivatives as independent symbols."""
        return {u: sp.Dummy(str(u)) for u in (*self.fields, *self._derivatives)}

    @cached_property
    def _partials(self) -> tuple[tuple[int, tuple, sp.Expr], ...]:
        """All (a, index, P) with P = dL/d(D_index u_a), time first in the index."""
        back = {jet: u for u, jet in self._jets.items()}
        L = self.density.xreplace(self._jets)
        partials = []
        for u, jet in self._jets.items():
            field, by = (u.expr, u.variables) if u in self._derivatives else (u, ())
            index = tuple(sorted(by, key=self.coords.index))
            P = sp.diff(L, jet).xreplace(back)
            partials.append((self.fields.index(field), index, P))
        return tuple(partials)

    def euler_lagrange(self) -> tuple[sp.Expr, ...]:
        r"""Left side of the field equations, zero on a true motion; one per field.

        .. math::
            -\frac{\delta S}{\delta u_a}=-\frac{\partial\mathcal L}{\partial u_a}
            +\partial_\mu\frac{\partial\mathcal L}{\partial(\partial_\mu u_a)}
            -\partial_\mu\partial_\nu
            \frac{\partial\mathcal L}{\partial(\partial_\mu\partial_\nu u_a)}+\dots

        The sign is that of mass times acceleration minus force. In the sums each
        distinct derivative, such as :math:`\partial_t\partial_xu`, counts once.
        """
        residual = [sp.Integer(0)] * len(self.fields)
        for a, index, P in self._partials:
            residual[a] -= (-1) ** len(index) * _diff(P, index)
        return tuple(sp.expand(r) for r in residual)

    @cached_property
    def momenta(self) -> tuple[sp.Expr, ...]:
        r"""Momentum densities :math:`\pi_a=\partial\mathcal L/\partial(\partial_tu_a)`.

        For a displacement field this is the physical momentum density
        :math:`\rho\dot u_i` (AMM-27).

        Raises
        ------
        ValueError
            If the density holds another time derivative than :math:`\partial_tu`; the
            message names it.
        """
        t = self.coords[0]
        for derivative in self._derivatives:
            if t in derivative.variables and derivative.variables != (t,):
                raise ValueError(
                    f"the density contains {derivative}, so dL/du_t is not the "
                    "canonical momentum; use the energy density stress_energy()[0, 0]"
                )
        momenta = [sp.Integer(0)] * len(self.fields)
        for a, index, P in self._partials:
            if index == (t,):
                momenta[a] = P
        return tuple(momenta)

    def hamiltonian_density(self, pi: Sequence[AppliedUndef] | None = None) -> sp.Expr:
        r"""The density :math:`\mathcal H=\sum_a\pi_a\partial_tu_a-\mathcal L`.

        Hamilton's equations are :math:`\partial_tu=\delta\mathcal H/\delta\pi` and
        :math:`\partial_t\pi=-\delta\mathcal H/\delta u`.

        Parameters
        ----------
        pi
            Momentum densities, functions of the coordinates; ``pi_u`` belongs to the
            field ``u`` by default.

        Returns
        -------
        Expr
            In ``pi`` and the fields with their space derivatives.

        Raises
        ------
        SingularLagrangianError
            If the velocities :math:`\partial_tu_a` do not follow from the momenta; the
            message names the fields whose momentum vanishes, such as the scalar
            potential of :func:`maxwell`.

        Examples
        --------
        >>> klein_gordon(1).hamiltonian_density()
        m**2*phi(t, x)**2/2 + pi_phi(t, x)**2/2 + Derivative(phi(t, x), x)**2/2
        """
        without = [
            str(u) for u, p in zip(self.fields, self.momenta, strict=True) if is_zero(p)
        ]
        if without:
            raise SingularLagrangianError(
                f"the momentum of {', '.join(without)} vanishes identically: its field "
                "equation is a constraint; eliminate that field (choose a gauge) first"
            )
        if pi is None:
            pi = [
                sp.Function(f"pi_{u.func.__name__}")(*self.coords) for u in self.fields
            ]
        jets = self._jets
        velocities = [sp.diff(u, self.coords[0]) for u in self.fields]
        p = [sp.Dummy(str(f)) for f in pi]
        point = LagrangianSystem(
            self.density.xreplace(jets),
            tuple(jets[u] for u in self.fields),
            tuple(jets[v] for v in velocities),
        )
        back = {jet: u for u, jet in jets.items()} | dict(zip(p, pi, strict=True))
        return legendre(point, p).H.xreplace(back)

    def _flux(self, Q: Sequence[sp.Expr]) -> list[sp.Expr]:
        r"""The theta of: variation of L by Q = (delta S/delta u) Q + div theta.

        Derivatives are moved off Q one by one, that of time first.
        """
        theta = [sp.Integer(0)] * len(self.coords)
        for a, index, P in self._partials:
            moved = P
            for k, x in enumerate(index):
                theta[self.coords.index(x)] += moved * _diff(Q[a], index[k + 1 :])
                moved = -sp.diff(moved, x)
        return theta

    def stress_energy(self) -> sp.Matrix:
        r"""The canonical stress-energy :math:`T^\mu{}_\nu`, row :math:`\mu`.

        .. math::
            T^\mu{}_\nu=\sum_a\frac{\partial\mathcal L}{\partial(\partial_\mu u_a)}
            \partial_\nu u_a-\delta^\mu_\nu\mathcal L+\dots

        with the terms that follow for higher derivatives. :math:`T^0{}_0` is the
        energy density, :math:`T^j{}_0` the energy flux, :math:`-T^0{}_j` the momentum
        density of the field, :math:`-T^i{}_j` its flux. Where the field equations
        hold,

        .. math::
            \partial_\mu T^\mu{}_\nu
            =-\left.\frac{\partial\mathcal L}{\partial x^\nu}\right|_\text{explicit}.

        The tensor is not symmetric in general, and for :func:`maxwell` not gauge
        invariant: there :math:`T^0{}_0` is the energy density
        :math:`\tfrac12(\varepsilon_0E^2+B^2/\mu_0)` plus
        :math:`\varepsilon_0\boldsymbol E\cdot\nabla\phi`.
        """
        T = sp.zeros(len(self.coords))
        for nu, x in enumerate(self.coords):
            T[:, nu] = sp.Matrix(self._flux([sp.diff(u, x) for u in self.fields]))
            T[nu, nu] -= self.density
        return T.applyfunc(sp.expand)

    def noether_current(
        self,
        xi: Sequence[sp.Expr] | None = None,
        tau: Sequence[sp.Expr] | None = None,
        gauge: Sequence[sp.Expr] | None = None,
    ) -> NoetherCurrent:
        r"""Current of :math:`u_a\to u_a+\epsilon\xi_a`, :math:`x\to x+\epsilon\tau`.

        With the characteristic :math:`Q_a=\xi_a-\tau^\nu\partial_\nu u_a` the current
        of a density with first derivatives is

        .. math::
            J^\mu=\sum_a\frac{\partial\mathcal L}{\partial(\partial_\mu u_a)}Q_a
            +\mathcal L\,\tau^\mu-G^\mu ,

        and the transformation is a symmetry if the variation
        :math:`\delta_Q\mathcal L` equals
        :math:`-\partial_\mu(\mathcal L\tau^\mu-G^\mu)`. The defect is the difference.
        As an identity, on true motions and off them,

        .. math::
            \partial_\mu J^\mu=\text{defect}+\sum_aQ_a\cdot(\text{field equation})_a .

        Parameters
        ----------
        xi, tau, gauge
            :math:`\xi_a`, one per field; :math:`\tau^\mu` and :math:`G^\mu`, one per
            coordinate; each zero if left out. They may depend on the coordinates, the
            fields and their derivatives.

        Returns
        -------
        NoetherCurrent
            Its ``current`` has the sign of :func:`~mechanics.symbolic.noether`:
            :math:`\tau=(1,0,\dots)` gives minus the energy current.

        Examples
        --------
        The momentum of a string, whose density does not change if it is lifted:

        >>> lift = vibrating_string().noether_current(xi=[1])
        >>> lift.current
        (rho*Derivative(u(t, x), t), -tau*Derivative(u(t, x), x))
        >>> lift.is_conserved
        True
        """
        xi = self._generators("xi", xi, self.fields)
        tau = self._generators("tau", tau, self.coords)
        gauge = self._generators("gauge", gauge, self.coords)
        Q = [
            x - sum(s * sp.diff(u, c) for s, c in zip(tau, self.coords, strict=True))
            for x, u in zip(xi, self.fields, strict=True)
        ]
        shift = [self.density * s - G for s, G in zip(tau, gauge, strict=True)]
        variation = sum(P * _diff(Q[a], index) for a, index, P in self._partials)
        current = [f + s for f, s in zip(self._flux(Q), shift, strict=True)]
        return NoetherCurrent(
            tuple(sp.expand(j) for j in current),
            sp.expand(variation + self.divergence(shift)),
        )

    @staticmethod
    def _generators(name: str, given: Sequence | None, variables: tuple) -> list:
        values = [0] * len(variables) if given is None else list(given)
        if len(values) != len(variables):
            raise ValueError(
                f"{name} has {len(values)} components for {variables}: give one for "
                "each of them"
            )
        return [sp.sympify(value) for value in values]

    def divergence(self, current: Sequence[sp.Expr]) -> sp.Expr:
        r"""The total derivative :math:`\partial_\mu J^\mu` of a current."""
        return sum(sp.diff(j, x) for j, x in zip(current, self.coords, strict=True))

    def momentum_density(self) -> tuple[sp.Expr, ...]:
        r"""Momentum of the wave, :math:`g_j=-T^0{}_j=-\sum_a\pi_a\partial_ju_a`.

        It belongs to translations of the *coordinates*, and is conserved in a
        homogeneous medium only. The momentum of matter, :attr:`momenta`, belongs to
        translations of the displacement, and is conserved in an inhomogeneous medium
        too.
        """
        return tuple(-g for g in self.stress_energy()[0, 1:])

    def stress_tensor(self) -> sp.Matrix:
        r"""The stress of a displacement field, row :math:`j`, column :math:`i`.

        .. math::
            \sigma_{ji}=-\frac{\partial\mathcal L}{\partial(\partial_ju_i)}+\dots,
            \qquad \partial_t\pi_i=\frac{\partial\mathcal L}{\partial u_i}
            +\partial_j\sigma_{ji}

        :math:`\sigma_{ji}` is the :math:`i`-component of the force that the side of
        larger :math:`x_j` exerts, per area normal to :math:`x_j`. At small
        displacements it is the Cauchy stress, beyond them the first Piola-Kirchhoff
        stress. For a density with second derivatives, such as that of a beam, it
        contains their part (the shear force :math:`-B\,\partial_x^3u`).

        Source: AMM-28.

        Examples
        --------
        >>> vibrating_string().stress_tensor()
        Matrix([[tau*Derivative(u(t, x), x)]])
        """
        sigma = sp.zeros(len(self.coords) - 1, len(self.fields))
        for i in range(len(self.fields)):
            unit = [sp.Integer(int(a == i)) for a in range(len(self.fields))]
            sigma[:, i] = -sp.Matrix(self._flux(unit)[1:])
        return sigma


def _diff(f: sp.Expr, variables: Sequence[sp.Symbol]) -> sp.Expr:
    return sp.diff(f, *variables) if variables else f


# Linear elasticity


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


# The textbook systems

_t, _x, _y, _z = sp.symbols("t x y z", real=True)


def vibrating_string() -> FieldLagrangian:
    r"""Taut string, :math:`\mathcal L=\tfrac12\rho\dot u^2-\tfrac12\tau u'^2`.

    Parameters ``rho`` (kg/m), ``tau`` (N); transverse displacement ``u(t, x)`` (m).

    Source: CCM-13.E1, CCM-13.W.
    """
    rho, tau = sp.symbols("rho tau", positive=True)
    u = sp.Function("u")(_t, _x)
    L = rho * u.diff(_t) ** 2 / 2 - tau * u.diff(_x) ** 2 / 2
    return FieldLagrangian(L, (u,), (_t, _x))


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
    u = sp.Function("u")(_t, _x, _y)
    gradient2 = u.diff(_x) ** 2 + u.diff(_y) ** 2
    L = mu * u.diff(_t) ** 2 / 2 - sigma * gradient2 / 2
    return FieldLagrangian(L, (u,), (_t, _x, _y))


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
    u = sp.Function("u")(_t, _x)
    L = rho * u.diff(_t) ** 2 / 2 - B * u.diff(_x, 2) ** 2 / 2
    return FieldLagrangian(L, (u,), (_t, _x))


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
    space = (_x, _y, _z)[:d]
    phi = sp.Function("phi")(_t, *space)
    gradient2 = sum(phi.diff(x) ** 2 for x in space)
    L = (phi.diff(_t) ** 2 - gradient2 - m**2 * phi**2) / 2
    return FieldLagrangian(sp.expand(L), (phi,), (_t, *space))


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
    phi = sp.Function("phi")(_t, _x)
    V = m**2 * c**4 / beta**2 * (1 - sp.cos(beta * phi))
    L = phi.diff(_t) ** 2 / 2 - c**2 * phi.diff(_x) ** 2 / 2 - V
    return FieldLagrangian(L, (phi,), (_t, _x))


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
    and ``A_x``, ``A_y``, ``A_z`` (V s/m); parameters ``mu_0``, ``c``.

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
    coords = (_t, _x, _y, _z)
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
    return sp.diff(f, _t) / c if mu == 0 else sp.diff(f, (_x, _y, _z)[mu - 1])
