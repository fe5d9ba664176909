"""What an integration returns: saved states, sections and statistics."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import ClassVar

import numpy as np

from mechanics.numerics.optional import optional


@dataclass(frozen=True)
class Result:
    """What all results have in common.

    Attributes
    ----------
    names
        Names of the variables.
    groups
        How many of them are coordinates, momenta, ...: ``{"q": n, "p": n}``.
    end
        The state after the last step that was done, shape ``(variables, ...)``.
    reached
        The number of steps done by each trajectory, shape ``(...)``: less than was
        asked for only if the run was interrupted.
    method, backend
        Names of the method and of what computed it.
    dt
        The step.
    units
        Units by the names of the variables, and of the time by ``"t"``.
    """

    names: tuple[str, ...]
    groups: Mapping[str, int]
    end: np.ndarray
    reached: np.ndarray
    method: str
    backend: str
    dt: float
    units: Mapping[str, str] = field(kw_only=True, default_factory=dict)

    _kinds: ClassVar[dict[str, type]] = {}

    def __init_subclass__(cls):
        Result._kinds[cls.__name__] = cls

    def save(self, path: str | Path) -> None:
        """Write everything into one file of NumPy's ``.npz`` format.

        See :func:`load_result`.
        """
        arrays, notes = {}, {"kind": type(self).__name__}
        for f in fields(self):
            value = getattr(self, f.name)
            if isinstance(value, np.ndarray):
                arrays[f.name] = value
            else:
                notes[f.name] = dict(value) if isinstance(value, Mapping) else value
        with open(path, "wb") as file:
            np.savez_compressed(file, notes=json.dumps(notes), **arrays)

    def _dataset(self, data: Mapping, coordinates: Mapping):
        """Return a labelled dataset with the units and the notes of this result."""
        xarray = optional("xarray", "labelled")

        def with_unit(name, dimensions, values):
            unit = {"units": self.units[name]} if name in self.units else {}
            return dimensions, values, unit

        return xarray.Dataset(
            {name: with_unit(name, *entry) for name, entry in data.items()},
            {name: with_unit(name, *entry) for name, entry in coordinates.items()},
            {"method": self.method, "backend": self.backend, "dt": self.dt},
        )

    @property
    def _axes(self) -> list[str]:
        """Names of the dimensions of the ensemble."""
        if self.reached.ndim == 1:
            return ["trajectory"]
        return [f"axis_{i}" for i in range(self.reached.ndim)]

    def _group(self, label: str, states: np.ndarray, axis: int) -> np.ndarray:
        if label not in self.groups:
            raise AttributeError(
                f"no group {label!r} of variables; there are {', '.join(self.groups)}"
            )
        begin = 0
        for name, size in self.groups.items():
            if name == label:
                break
            begin += size
        return np.take(states, range(begin, begin + self.groups[label]), axis=axis)

    def _number(self, name: str) -> int:
        if name not in self.names:
            raise KeyError(
                f"no variable {name!r}; this result has {', '.join(self.names)}"
            )
        return self.names.index(name)

    @property
    def end_groups(self) -> tuple[np.ndarray, ...] | np.ndarray:
        """The final state in the form that ``integrate`` wants, to go on from it."""
        if len(self.groups) == 1:
            return self.end
        return tuple(self._group(label, self.end, 0) for label in self.groups)


@dataclass(frozen=True)
class Trajectory(Result):
    """Saved states of one trajectory or of an ensemble.

    Attributes
    ----------
    t
        Times, shape ``(saved,)``.
    states
        All variables, shape ``(saved, variables, ...)``; ``q``, ``p`` and ``v`` are
        parts of it.
    energy
        The energy along the way, shape ``(saved, ...)``; NaN if none is known.

    Examples
    --------
    Three pendulums at once; the farther one is released, the slower it swings:

    >>> from mechanics.models import pendulum
    >>> from mechanics.numerics import integrate
    >>> from mechanics.symbolic import legendre
    >>> release = np.array([[0.1, 1.0, 2.0]])
    >>> swing = integrate(legendre(pendulum()), (release, 0*release), dt=0.01,
    ...                   steps=300, params={"m": 1, "g": 1, "l": 1})
    >>> swing.q.shape, swing["theta"].shape, swing.energy.shape
    ((301, 1, 3), (301, 3), (301, 3))
    >>> swing["theta"][-1].round(2)
    array([-0.1 , -0.95, -1.35])
    """

    t: np.ndarray
    states: np.ndarray
    energy: np.ndarray

    def __getitem__(self, name: str) -> np.ndarray:
        """One variable by its name, shape ``(saved, ...)``."""
        return self.states[:, self._number(name)]

    @property
    def q(self) -> np.ndarray:
        """Coordinates, shape ``(saved, n, ...)``."""
        return self._group("q", self.states, 1)

    @property
    def p(self) -> np.ndarray:
        """Momenta, shape ``(saved, n, ...)``."""
        return self._group("p", self.states, 1)

    @property
    def v(self) -> np.ndarray:
        """Velocities, shape ``(saved, n, ...)``, of a Lagrangian system."""
        return self._group("v", self.states, 1)

    def to_xarray(self):
        """Return an :class:`xarray.Dataset` with one variable for each name.

        Its dimensions are ``t`` and, for an ensemble, ``trajectory`` (or
        ``axis_0``, ``axis_1``, ... if it has several).

        Raises
        ------
        ImportError
            If xarray is not installed.

        Examples
        --------
        >>> from mechanics.models import harmonic_oscillator
        >>> from mechanics.numerics import integrate
        >>> from mechanics.symbolic import legendre
        >>> swing = integrate(legendre(harmonic_oscillator()), ([1.0], [0.0]), dt=0.1,
        ...                   steps=100, params={"m": 1, "k": 1})
        >>> x = swing.to_xarray()["x"].sel(t=3.14, method="nearest")
        >>> print(f"{float(x):.3f} at {float(x.t):.1f}")
        -0.999 at 3.1
        """
        dimensions = ("t", *self._axes)
        data = {name: (dimensions, self[name]) for name in self.names}
        data["energy"] = (dimensions, self.energy)
        return self._dataset(data, {"t": ("t", self.t)})


@dataclass(frozen=True)
class Section(Result):
    """States in which trajectories crossed a surface, in the order of trajectories.

    Attributes
    ----------
    t
        Times of the crossings, shape ``(crossings,)``.
    states
        States there, shape ``(crossings, variables)``.
    trajectory
        Which trajectory crossed, counted through the ensemble, shape ``(crossings,)``.
    count
        How often each trajectory crossed, kept or not, shape ``(...)``.

    Examples
    --------
    A star in the potential of Hénon and Heiles, each time it crosses the axis
    :math:`x=0` to the right; the crossings lie on the surface to rounding errors:

    >>> from mechanics.models import henon_heiles
    >>> from mechanics.numerics import Crossings, integrate
    >>> from mechanics.symbolic import legendre
    >>> system = legendre(henon_heiles())
    >>> section = integrate(system, ([0.0, 0.1], [0.4, 0.0]), dt=0.05, steps=20_000,
    ...                     save=Crossings(system.q[0], direction=+1))
    >>> section.states.shape[1], bool(abs(section[section.names[0]]).max() < 1e-12)
    (4, True)
    """

    t: np.ndarray
    states: np.ndarray
    trajectory: np.ndarray
    count: np.ndarray

    def __getitem__(self, name: str) -> np.ndarray:
        """One variable by its name, shape ``(crossings,)``."""
        return self.states[:, self._number(name)]

    def to_xarray(self):
        """Return an :class:`xarray.Dataset` with one variable for each name.

        Its dimension is ``crossing``, with the coordinates ``t`` and ``trajectory``.

        Raises
        ------
        ImportError
            If xarray is not installed.
        """
        data = {name: ("crossing", self[name]) for name in self.names}
        where = {"t": self.t, "trajectory": self.trajectory}
        return self._dataset(data, {k: ("crossing", x) for k, x in where.items()})


@dataclass(frozen=True)
class Statistics(Result):
    """Averages or extremes of functions of the state.

    Attributes
    ----------
    values
        Averages, shape ``(functions, ...)``, or smallest and largest values, shape
        ``(2, functions, ...)``.
    functions
        The functions, as text.

    Examples
    --------
    >>> from mechanics.models import pendulum
    >>> from mechanics.numerics import Extremes, integrate
    >>> from mechanics.symbolic import legendre
    >>> run = integrate(legendre(pendulum()), ([1.0], [0.0]), dt=0.1, steps=100,
    ...                 params={"m": 1, "g": 1, "l": 1}, save=Extremes())
    >>> isinstance(run, Statistics), run.functions, run.values.shape
    (True, ('energy',), (2, 1))
    """

    values: np.ndarray
    functions: tuple[str, ...]

    def to_xarray(self):
        """Return an :class:`xarray.Dataset` of ``average``, or ``least`` and ``most``.

        The dimension ``function`` has the functions as labels; those of an ensemble
        follow.

        Raises
        ------
        ImportError
            If xarray is not installed.
        """
        extremes = self.values.ndim > 1 + self.reached.ndim
        names = ("least", "most") if extremes else ("average",)
        values = self.values if extremes else [self.values]
        dimensions = ("function", *self._axes)
        data = {k: (dimensions, x) for k, x in zip(names, values, strict=True)}
        return self._dataset(data, {"function": ("function", list(self.functions))})


def load_result(path: str | Path) -> Result:
    """Read what :meth:`Result.save` wrote.

    Raises
    ------
    ValueError
        If the file holds something else.

    Examples
    --------
    >>> import tempfile
    >>> from mechanics.models import pendulum
    >>> from mechanics.numerics import integrate
    >>> from mechanics.symbolic import legendre
    >>> swing = integrate(legendre(pendulum()), ([1.0], [0.0]), dt=0.1, steps=10,
    ...                   params={"m": 1, "g": 1, "l": 1}, units={"theta": "rad"})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     swing.save(f"{folder}/swing.npz")
    ...     again = load_result(f"{folder}/swing.npz")
    >>> bool((again["theta"] == swing["theta"]).all()), again.units
    (True, {'theta': 'rad'})
    """
    with np.load(path) as file:
        if "notes" not in file:
            raise ValueError(f"{path} holds no result of integrate")
        arrays = {name: file[name] for name in file.files}
    notes = json.loads(str(arrays.pop("notes")))
    kind = Result._kinds[notes.pop("kind")]
    notes = {k: tuple(v) if isinstance(v, list) else v for k, v in notes.items()}
    return kind(**notes, **arrays)
