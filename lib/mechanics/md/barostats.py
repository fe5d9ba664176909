r"""Cells that move: Andersen's piston and the cell of Parrinello and Rahman.

With the positions :math:`r=hs` and the momenta :math:`\pi=h^{\mathsf T}p` of the
fractional coordinates, each of three parts of the Hamiltonian can be solved exactly:

.. math::
    H=\underbrace{\sum_i\frac{|h^{-\mathsf T}\pi_i|^2}{2m_i}}_{A}
    +\underbrace{U(hs)+P\det h}_{B}+\underbrace{\frac{p_h:p_h}{2W}}_{C}

So a composition of them is an explicit canonical map. The momentum
:math:`p=m\,h\dot s` is the peculiar one: it does not contain :math:`\dot hs`.
"""

from dataclasses import dataclass

import numpy as np

from mechanics.md.cells import Cell, CellError


@dataclass(frozen=True)
class Barostat:
    """A cell with inertia under an outer pressure; how it moves is for its kind to say.

    Attributes
    ----------
    pressure, mass
        Pressure, and inertia of the cell.
    """

    pressure: float
    mass: float

    def __post_init__(self):
        if not self.mass > 0:
            raise ValueError(f"the inertia {self.mass} of the cell is not positive")

    def load(self, cell: Cell) -> np.ndarray:
        """What the outer pressure takes from the virial."""
        return self.pressure * cell.volume * np.eye(3)

    def enthalpy(self, energy: float, cell: Cell, momentum) -> float:
        """The energy with that of the moving cell."""
        kinetic = 0.0 if momentum is None else (momentum**2).sum() / (2 * self.mass)
        return float(energy + kinetic + self.pressure * cell.volume)


@dataclass(frozen=True)
class ParrinelloRahman(Barostat):
    r"""All nine components of the cell matrix move under a pressure.

    .. math::
        L=\tfrac12\sum_im_i|h\dot s_i|^2-U(hs)+\tfrac12W\dot h:\dot h-P\det h

    Attributes
    ----------
    pressure
        :math:`P`.
    mass
        The inertia :math:`W`.

    Raises
    ------
    ValueError
        If the inertia is not positive.

    Notes
    -----
    A load that is not a pressure, and a thermostat for the cell, are left to exercises.
    Sources: AMM-2, AMM-5; Parrinello and Rahman (1981).

    Examples
    --------
    >>> barostat = ParrinelloRahman(pressure=1.0, mass=100.0)
    >>> round(barostat.enthalpy(-5.0, Cell.cubic(2.0), None), 12)
    3.0
    """

    def start(self) -> np.ndarray:
        """A cell at rest."""
        return np.zeros((3, 3))

    def push(self, cell: Cell, momentum, pressure_volume: np.ndarray, tau: float):
        r"""The momentum of the cell after a push by a virial tensor."""
        return momentum + tau * pressure_volume @ cell.inverse.T

    def moved(self, cell: Cell, momentum, tau: float) -> np.ndarray:
        """The cell matrix after a time."""
        return cell.h + tau * momentum / self.mass


@dataclass(frozen=True)
class AndersenBarostat(Barostat):
    r"""The volume moves under a pressure, the shape of the cell does not.

    .. math:: L=\tfrac12\sum_im_i|h\dot s_i|^2-U(hs)+\tfrac12M\dot V^2-PV

    Its momentum :math:`p_V=M\dot V` is kept as ``cell_momentum`` of shape ``(1, 1)``.

    Attributes
    ----------
    pressure
        :math:`P`.
    mass
        The inertia :math:`M` of the piston, a mass by length to the fourth.

    Raises
    ------
    ValueError
        If the inertia is not positive.

    Notes
    -----
    Source: Andersen (1980).

    Examples
    --------
    >>> AndersenBarostat(pressure=1.0, mass=0.1).start()
    array([[0.]])
    """

    def start(self) -> np.ndarray:
        """A piston at rest."""
        return np.zeros((1, 1))

    def push(self, cell: Cell, momentum, pressure_volume: np.ndarray, tau: float):
        r"""The momentum of the piston after a push by a virial tensor."""
        return momentum + tau * np.trace(pressure_volume) / (3 * cell.volume)

    def moved(self, cell: Cell, momentum, tau: float) -> np.ndarray:
        """The cell matrix after a time."""
        volume = cell.volume + tau * float(momentum[0, 0]) / self.mass
        if volume <= 0:
            raise CellError(
                f"the cell collapses: its volume would become {volume:g}; take a "
                "smaller step or a heavier piston"
            )
        return cell.h * (volume / cell.volume) ** (1 / 3)
