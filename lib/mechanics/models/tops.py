"""The heavy symmetric top."""

from dataclasses import dataclass

import sympy as sp

from mechanics.symbolic import LagrangianSystem, coordinates
from mechanics.symbolic.symbols import coerce

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
        coerce(self, **dict.fromkeys(("I_1", "I_3", "M", "g", "l"), sp.sympify))
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
