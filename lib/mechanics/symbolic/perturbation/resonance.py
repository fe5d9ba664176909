"""Resonances: which modes to keep, and the pendulum that each of them hides."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import gcd

import sympy as sp

from mechanics.symbolic.hamiltonian import HamiltonianSystem
from mechanics.symbolic.zero import is_zero

Mode = tuple[int, ...]


class ResonanceError(ArithmeticError):
    """A divisor vanishes for a mode that the normal form does not keep.

    Examples
    --------
    In the Hénon-Heiles system both frequencies are 1:

    >>> from mechanics.models import henon_heiles
    >>> from mechanics.symbolic import legendre, normal_form
    >>> normal_form(legendre(henon_heiles()), 4)
    Traceback (most recent call last):
        ...
    mechanics.symbolic.perturbation.resonance.ResonanceError: resonance at
    degree 4: the mode k = (2, -2) has the divisor k.omega = 0 with omega = (1, 1);
    make a resonant normal form that keeps it, resonances=[(1, -1)]
    """


def resonance_error(mode: Mode, omega: Sequence, where: str) -> ResonanceError:
    """The error that names a resonant mode, its divisor and the remedy."""
    primitive = tuple(k // gcd(*mode) for k in mode)
    frequencies = ", ".join(str(w) for w in omega)
    return ResonanceError(
        f"resonance at {where}: the mode k = {mode} has the divisor k.omega = 0 with "
        f"omega = ({frequencies}); make a resonant normal form that keeps it, "
        f"resonances=[{primitive}]"
    )


def kept_modes(resonances: Sequence[Mode], size: int) -> Callable[[Mode], bool]:
    r"""Tell the modes to keep: the integer combinations of ``resonances``.

    Parameters
    ----------
    resonances
        Linearly independent integer vectors; none for the plain normal form.
    size
        The number of degrees of freedom.

    Returns
    -------
    callable
        From a mode vector to whether it belongs to the resonance module.
    """
    for mode in resonances:
        if len(mode) != size or not any(mode) or any(k != int(k) for k in mode):
            raise ValueError(
                f"the resonance {mode} is not a nonzero vector of {size} integers; "
                "give one integer per degree of freedom"
            )
    R = sp.Matrix(len(resonances), size, [int(k) for mode in resonances for k in mode])
    if R.rank() < len(resonances):
        raise ValueError(
            f"the resonances {list(resonances)} are linearly dependent; give a basis"
        )
    left_inverse = (R * R.T).inv() * R if resonances else R
    known = {(0,) * size: True}

    def keeps(mode: Mode) -> bool:
        if mode not in known:
            c = left_inverse * sp.Matrix(mode)
            known[mode] = all(x.is_integer for x in c) and R.T * c == sp.Matrix(mode)
        return known[mode]

    return keeps


@dataclass(frozen=True)
class ResonancePendulum:
    r"""The motion near a resonance, :math:`\tfrac12MP^2+h\cos\psi`.

    Attributes
    ----------
    mode
        The integers :math:`k`; the slow angle is :math:`\psi=k\cdot\theta`.
    M
        The second derivative of :math:`H_0` along :math:`k`, an inverse mass.
    h
        The strength of the resonant term.

    Examples
    --------
    The island of the resonance :math:`2\omega_1=\omega_2`; the action :math:`J_1`
    oscillates twice as widely as :math:`J_2`.

    >>> import sympy as sp
    >>> psi, momentum = sp.symbols("psi P", real=True)
    >>> eps = sp.Symbol("epsilon", positive=True)
    >>> island = ResonancePendulum((2, -1), sp.Integer(4), eps)
    >>> island.frequency, island.half_widths
    (2*sqrt(epsilon), (2*sqrt(epsilon), sqrt(epsilon)))
    >>> island.system(psi, momentum).H
    2*P**2 + epsilon*cos(psi)
    """

    mode: Mode
    M: sp.Expr
    h: sp.Expr

    @property
    def frequency(self) -> sp.Expr:
        r"""The frequency :math:`\Omega=\sqrt{|Mh|}` of small librations."""
        return sp.sqrt(abs(self.M * self.h))

    @property
    def half_width(self) -> sp.Expr:
        r"""The largest :math:`|P|` on the separatrix, :math:`2\sqrt{|h/M|}`."""
        return 2 * sp.sqrt(abs(self.h / self.M))

    @property
    def half_widths(self) -> tuple[sp.Expr, ...]:
        r"""The same in the actions, :math:`|k_j|\,2\sqrt{|h/M|}` for :math:`J_j`."""
        return tuple(abs(k) * self.half_width for k in self.mode)

    def system(self, psi: sp.Symbol, P: sp.Symbol) -> HamiltonianSystem:
        r"""The pendulum with the slow angle :math:`\psi` and :math:`P` from resonance.

        It librates about :math:`\psi=\pi` if :math:`Mh>0`, about 0 otherwise.
        """
        H = self.M * P**2 / 2 + self.h * sp.cos(psi)
        return HamiltonianSystem(H, (psi,), (P,))


def resonance_pendulum(
    H0: sp.Expr,
    h: sp.Expr,
    J: Sequence[sp.Symbol],
    mode: Mode,
    at: Mapping[sp.Symbol, sp.Expr],
) -> ResonancePendulum:
    r"""Reduce :math:`H_0(J)+h(J)\cos(k\cdot\theta)` to a pendulum at its resonance.

    With :math:`J=J_*+kP` the slow angle :math:`\psi=k\cdot\theta` is conjugate to
    :math:`P`; at the resonance :math:`k\cdot\omega(J_*)=0` the term linear in
    :math:`P` is absent, and what remains is

    .. math::
        \tfrac12MP^2+h(J_*)\cos\psi,\qquad
        M=\sum_{ij}k_ik_j\frac{\partial^2H_0}{\partial J_i\partial J_j}\bigg|_{J_*}.

    The terms left out are of relative order :math:`\sqrt{|h|}`.

    Parameters
    ----------
    H0, h
        The integrable part, and the amplitude of the resonant cosine with its small
        factor; for a perturbation with Fourier coefficients :math:`f_{\pm k}` it is
        :math:`2|f_k|`.
    J
        The actions.
    mode
        The integers :math:`k`, ``(p, -q)`` for :math:`p\omega_1=q\omega_2`.
    at
        The resonant actions :math:`J_*`.

    Returns
    -------
    ResonancePendulum

    Raises
    ------
    ValueError
        If :math:`k\cdot\omega(J_*)\ne0`, or if :math:`M=0`: then :math:`\psi` does not
        turn back and there is no pendulum.

    Notes
    -----
    Source: CCM-12. Chirikov (1979).

    Examples
    --------
    >>> import sympy as sp
    >>> J1, J2, eps = sp.symbols("J_1 J_2 epsilon", positive=True)
    >>> island = resonance_pendulum(
    ...     J1**2/2 + J2, eps, (J1, J2), (2, -1), {J1: sp.Rational(1, 2), J2: 1})
    >>> island.M, island.frequency, island.half_width
    (4, 2*sqrt(epsilon), sqrt(epsilon))
    """
    J, mode, at = tuple(J), tuple(mode), dict(at)
    if len(mode) != len(J):
        raise ValueError(f"the mode {mode} needs one integer per action in {J}")
    if missing := [str(j) for j in J if j not in at]:
        raise ValueError(f"the resonant value of {', '.join(missing)} is missing in at")
    slow = sum(k * sp.diff(H0, j) for k, j in zip(mode, J, strict=True))
    detuning = slow.subs(at)
    if not is_zero(detuning):
        raise ValueError(
            f"k.omega = {detuning} at {at} for k = {mode}: not on the resonance; solve "
            f"{slow} = 0 for the actions"
        )
    M = sum(k * sp.diff(slow, j) for k, j in zip(mode, J, strict=True)).subs(at)
    if is_zero(M):
        raise ValueError(
            f"k.omega does not change along k = {mode} (M = 0), so the resonance is no "
            "pendulum; go to higher order in a resonant normal form"
        )
    return ResonancePendulum(mode, M, sp.sympify(h).subs(at))
