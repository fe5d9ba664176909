"""Where many atoms are and how they move."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from mechanics.md.cells import Cell


@dataclass(frozen=True, eq=False)
class State:
    """A point in the phase space of many atoms, with all that a run needs to go on.

    Attributes
    ----------
    positions, momenta
        Shape ``(N, 3)``. Positions are not folded back into the cell.
    masses
        Shape ``(N,)``.
    cell
        The periodic cell, ``None`` for empty space.
    variables
        Further variables by name: those of thermostats and barostats.
    cell_momentum
        The momentum of a cell that moves, shape ``(3, 3)``.
    step, time
        How many steps led here, and the time.

    Raises
    ------
    ValueError
        If shapes do not fit, a number is not finite, or a mass is not positive.

    Examples
    --------
    >>> pair = State([[0, 0, 0], [1.1, 0, 0]], np.zeros((2, 3)), [1, 1])
    >>> pair.atoms, pair.kinetic_energy
    (2, 0.0)
    """

    positions: np.ndarray
    momenta: np.ndarray
    masses: np.ndarray
    cell: Cell | None = None
    variables: Mapping[str, float] = field(default_factory=dict)
    cell_momentum: np.ndarray | None = None
    step: int = 0
    time: float = 0.0

    def __post_init__(self):
        for name in ("positions", "momenta", "masses"):
            values = np.array(getattr(self, name), float)
            bad = ~np.isfinite(values)
            if bad.any():
                atom = int(np.argwhere(bad)[0, 0])
                raise ValueError(f"{name} of atom {atom} are not finite")
            object.__setattr__(self, name, values)
        N = len(self.masses)
        if self.positions.shape != (N, 3) or self.momenta.shape != (N, 3):
            raise ValueError(
                f"positions {self.positions.shape} and momenta {self.momenta.shape} "
                f"of {N} masses must have the shape ({N}, 3)"
            )
        if (self.masses <= 0).any():
            atom = int(np.argmax(self.masses <= 0))
            raise ValueError(f"the mass {self.masses[atom]} of atom {atom} is not > 0")

    @property
    def atoms(self) -> int:
        """The number of atoms."""
        return len(self.masses)

    @property
    def velocities(self) -> np.ndarray:
        """Momenta by masses, shape ``(N, 3)``."""
        return self.momenta / self.masses[:, None]

    @property
    def kinetic_energy(self) -> float:
        r"""The sum :math:`\sum_ip_i^2/2m_i`."""
        return float((self.momenta**2 / self.masses[:, None]).sum() / 2)

    @property
    def density(self) -> float:
        """Atoms by volume."""
        if self.cell is None:
            raise ValueError("a cluster in empty space has no density: give it a cell")
        return self.atoms / self.cell.volume

    def thermal(self, kT: float, rng: np.random.Generator) -> "State":
        """The same positions with momenta at a temperature and no total momentum.

        Raises
        ------
        ValueError
            For a negative temperature.
        """
        if kT < 0:
            raise ValueError(f"the temperature kT = {kT} is negative")
        momenta = rng.normal(size=(self.atoms, 3)) * np.sqrt(kT * self.masses)[:, None]
        return replace(self, momenta=momenta).at_rest()

    def at_rest(self) -> "State":
        """The same with its centre of mass at rest."""
        drift = self.momenta.sum(axis=0) / self.masses.sum()
        return replace(self, momenta=self.momenta - np.outer(self.masses, drift))

    def save(self, path: str | Path) -> None:
        """Write everything to a ``.npz`` file; see :meth:`load`."""
        notes = {"variables": dict(self.variables), "step": self.step}
        arrays = {
            "positions": self.positions,
            "momenta": self.momenta,
            "masses": self.masses,
            "time": np.array(self.time),
        }
        if self.cell is not None:
            arrays["h"] = self.cell.h
        if self.cell_momentum is not None:
            arrays["cell_momentum"] = self.cell_momentum
        with open(path, "wb") as file:
            np.savez(file, notes=json.dumps(notes), **arrays)

    @classmethod
    def load(cls, path: str | Path) -> "State":
        """Read what :meth:`save` wrote, to the last bit."""
        with np.load(path) as file:
            if "notes" not in file:
                raise ValueError(f"{path} holds no state of molecular dynamics")
            notes = json.loads(str(file["notes"]))
            cell = Cell(file["h"]) if "h" in file else None
            momentum = file.get("cell_momentum", None)
            return cls(
                *(file[name] for name in ("positions", "momenta", "masses")),
                cell=cell,
                variables=notes["variables"],
                cell_momentum=momentum,
                step=notes["step"],
                time=float(file["time"]),
            )


def crystal(basis: np.ndarray, density: float, cells: int, mass: float = 1.0) -> State:
    """Repeat a cubic unit cell with the given fractional coordinates of its atoms.

    Examples
    --------
    >>> bcc = crystal([[0, 0, 0], [0.5, 0.5, 0.5]], density=1.0, cells=3)
    >>> bcc.atoms, round(bcc.cell.volume, 12)
    (54, 54.0)
    """
    basis = np.atleast_2d(np.asarray(basis, float))
    if not (density > 0 and cells >= 1):
        raise ValueError(f"density = {density} and cells = {cells} must be positive")
    a = (len(basis) / density) ** (1 / 3)
    corners = np.stack(np.meshgrid(*[np.arange(cells)] * 3, indexing="ij"), -1)
    positions = a * (corners.reshape(-1, 1, 3) + basis).reshape(-1, 3)
    N = len(positions)
    cell = Cell.cubic(a * cells)
    return State(positions, np.zeros((N, 3)), np.full(N, float(mass)), cell)


def fcc(density: float, cells: int, mass: float = 1.0) -> State:
    """Atoms at rest on a face-centred cubic lattice, four in each of ``cells**3``.

    Examples
    --------
    >>> fcc(density=0.8442, cells=5).atoms
    500
    """
    basis = [[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]
    return crystal(basis, density, cells, mass)
