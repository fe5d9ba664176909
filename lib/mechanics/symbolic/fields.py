"""Field theories: field equations, momentum, energy, stress, conserved currents."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import sympy as sp
from sympy.core.function import AppliedUndef

from mechanics.symbolic.lagrangian import LagrangianSystem, SingularLagrangianError
from mechanics.symbolic.legendre import legendre
from mechanics.symbolic.symbols import check_symbols, coerce, sympified
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

    Examples
    --------
    A string on an elastic foundation: lifting it is no symmetry, and the foundation's
    force is the source of momentum.

    >>> import sympy as sp
    >>> t, x, k = sp.symbols("t x k", real=True)
    >>> u = sp.Function("u")(t, x)
    >>> string = FieldLagrangian(
    ...     (u.diff(t)**2 - u.diff(x)**2 - k*u**2)/2, (u,), (t, x))
    >>> lift = string.noether_current(xi=[1])
    >>> lift.defect, lift.is_conserved
    (-k*u(t, x), False)
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
    >>> string.hamiltonian_density()
    tau*Derivative(u(t, x), x)**2/2 + pi_u(t, x)**2/(2*rho)
    >>> string.stress_energy()[1, 0]  # the energy flux
    -tau*Derivative(u(t, x), t)*Derivative(u(t, x), x)
    >>> string.stress_tensor()
    Matrix([[tau*Derivative(u(t, x), x)]])

    Momentum is conserved, because the density does not change if the string is lifted:

    >>> lift = string.noether_current(xi=[1])
    >>> lift.current
    (rho*Derivative(u(t, x), t), -tau*Derivative(u(t, x), x))
    >>> lift.is_conserved
    True
    """

    density: sp.Expr
    fields: tuple[AppliedUndef, ...]
    coords: tuple[sp.Symbol, ...]

    def __post_init__(self):
        coerce(self, density=lambda L: sp.sympify(L).doit(), fields=tuple, coords=tuple)
        for u in self.fields:
            if not isinstance(u, AppliedUndef) or set(u.args) != set(self.coords):
                raise ValueError(
                    f"the field {u} is not a function of {self.coords}: give it "
                    "applied to all coordinates, such as u(t, x)"
                )
        check_symbols("density", (self.density,), self.coords)
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
        L, partials = self.density.xreplace(self._jets), []
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
            potential of Maxwell's field.
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
        q = [self._jets[u] for u in self.fields]
        v = [self._jets[sp.diff(u, self.coords[0])] for u in self.fields]
        p = [sp.Dummy(str(f)) for f in pi]
        at_a_point = LagrangianSystem(self.density.xreplace(self._jets), q, v)
        back = {jet: u for u, jet in self._jets.items()}
        back |= dict(zip(p, pi, strict=True))
        return legendre(at_a_point, p).H.xreplace(back)

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

        It is not symmetric in general; that of light is not gauge invariant.
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
    def _generators(name: str, given: Sequence | None, variables: tuple) -> tuple:
        values = sympified([0] * len(variables) if given is None else given)
        if len(values) != len(variables):
            raise ValueError(
                f"{name} has {len(values)} components for {variables}: give one for "
                "each of them"
            )
        return values

    def divergence(self, current: Sequence[sp.Expr]) -> sp.Expr:
        r"""The total derivative :math:`\partial_\mu J^\mu` of a current."""
        return sum(sp.diff(j, x) for j, x in zip(current, self.coords, strict=True))

    def momentum_density(self) -> tuple[sp.Expr, ...]:
        r"""Momentum of the wave, :math:`g_j=-T^0{}_j=-\sum_a\pi_a\partial_ju_a`.

        It belongs to translations of the *coordinates*, and is conserved in a
        homogeneous medium only. That of matter, :attr:`momenta`, belongs to
        translations of the displacement, and to those any medium may be indifferent.
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
        """
        sigma = sp.zeros(len(self.coords) - 1, len(self.fields))
        for i in range(len(self.fields)):
            unit = [sp.Integer(int(a == i)) for a in range(len(self.fields))]
            sigma[:, i] = -sp.Matrix(self._flux(unit)[1:])
        return sigma


def _diff(f: sp.Expr, variables: Sequence[sp.Symbol]) -> sp.Expr:
    return sp.diff(f, *variables) if variables else f
