"""Pictures that recur through the book."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.contour import QuadContourSet
from matplotlib.lines import Line2D

from mechanics.figures.style import COLOURS
from mechanics.numerics import CompiledHamiltonian, Section, Trajectory


def phase_portrait(
    axes: Axes,
    system: CompiledHamiltonian,
    q: np.ndarray,
    p: np.ndarray,
    levels: np.ndarray,
) -> QuadContourSet:
    r"""Draw curves of constant energy with arrows that show the sense of the motion.

    Parameters
    ----------
    axes
        Where to draw.
    system
        A system with one degree of freedom and a Hamiltonian without time.
    q, p
        The grid, shapes ``(nq,)`` and ``(np,)``.
    levels
        Energies of the curves, rising.

    Returns
    -------
    QuadContourSet
        Matplotlib's contours, for labels or a change of style.
    """
    if len(system.names) != 1:
        raise ValueError(
            f"a phase portrait needs one degree of freedom, not {len(system.names)}"
        )
    Q, P = np.meshgrid(q, p)
    curves = axes.contour(
        q,
        p,
        system.energy(Q[None], P[None], 0.0),
        levels=levels,
        colors=COLOURS["blue"],
        linestyles="solid",
        linewidths=1.3,
    )
    coarse = np.ix_(
        np.linspace(0, len(p) - 1, 13).astype(int)[1:-1],
        np.linspace(0, len(q) - 1, 19).astype(int)[1:-1],
    )
    at = Q[coarse], P[coarse]
    flow = (
        system.velocity(at[0][None], at[1][None], 0.0)[0],
        system.force(at[0][None], at[1][None], 0.0)[0],
    )
    length = np.maximum(np.hypot(*flow), np.finfo(float).tiny)
    axes.quiver(
        *at,
        *(f / length for f in flow),
        angles="xy",  # along the curves, whatever the shape of the frame
        color="0.55",
        width=0.0035,
        scale=32,
        zorder=0,
    )
    axes.set(xlabel=f"${_tex(system.names[0])}$", ylabel="$p$")
    return curves


def time_series(
    axes: Axes, trajectory: Trajectory, names: Sequence[str] | None = None
) -> list[Line2D]:
    r"""Draw variables of one trajectory against time.

    Parameters
    ----------
    axes
        Where to draw.
    trajectory
        A result of :func:`~mechanics.numerics.integrate`, not an ensemble.
    names
        Which variables, ``"energy"`` included; all but the energy by default. They
        share an axis, and so should share a unit.

    Returns
    -------
    list of Line2D
        A line for each name.

    Raises
    ------
    ValueError
        If the trajectory is an ensemble, or the units differ.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from mechanics.models import planar_oscillator
    >>> from mechanics.numerics import integrate
    >>> from mechanics.symbolic import legendre
    >>> swing = integrate(legendre(planar_oscillator()), ([1.0, 0.5], [0.0, 0.0]),
    ...                   dt=0.1, steps=200, params={"omega_x": 1, "omega_y": 2},
    ...                   units={"x": "m", "y": "m", "t": "s"})
    >>> figure, axes = plt.subplots()
    >>> lines = time_series(axes, swing, ("x", "y"))
    >>> [line.get_label() for line in lines], axes.get_xlabel(), axes.get_ylabel()
    (['$x$', '$y$'], '$t$ (s)', '(m)')
    >>> plt.close(figure)
    """
    if trajectory.reached.ndim:
        raise ValueError(
            f"an ensemble of shape {trajectory.reached.shape} is no single curve: plot "
            "its states yourself"
        )
    names = trajectory.names if names is None else tuple(names)
    units = {trajectory.units.get(name, "") for name in names}
    if len(units) > 1:
        raise ValueError(
            f"{', '.join(names)} have different units: draw them on axes of their own"
        )
    lines = []
    for name in names:
        values = trajectory.energy if name == "energy" else trajectory[name]
        lines += axes.plot(trajectory.t, values, label=_label(name))
    axes.set_xlabel(_label("t", trajectory.units))
    if len(names) == 1:
        axes.set_ylabel(_label(names[0], trajectory.units))
    else:
        axes.set_ylabel("".join(f"({unit})" for unit in units if unit))
        axes.legend()
    return lines


def section_plot(axes: Axes, section: Section, x: str, y: str) -> PathCollection:
    r"""Draw the points of a Poincaré section, each trajectory in its own colour.

    Parameters
    ----------
    axes
        Where to draw.
    section
        A result of :func:`~mechanics.numerics.integrate` with ``save=Crossings(...)``.
    x, y
        The names of two variables.

    Returns
    -------
    PathCollection
        The points.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from mechanics.models import planar_oscillator
    >>> from mechanics.numerics import Crossings, integrate
    >>> from mechanics.symbolic import legendre
    >>> system = legendre(planar_oscillator())
    >>> section = integrate(system, ([0.0, 0.5], [1.0, 0.0]), dt=0.1, steps=500,
    ...                     params={"omega_x": 1, "omega_y": 1.6},
    ...                     save=Crossings(system.q[0], direction=+1))
    >>> figure, axes = plt.subplots()
    >>> points = section_plot(axes, section, "y", "p_y")
    >>> len(points.get_offsets()), axes.get_xlabel(), axes.get_ylabel()
    (7, '$y$', '$p_{y}$')
    >>> plt.close(figure)
    """
    colours = np.array(list(COLOURS.values()))
    points = axes.scatter(
        section[x],
        section[y],
        s=4,
        color=colours[section.trajectory % len(colours)],
        linewidths=0,
    )
    axes.set(xlabel=_label(x, section.units), ylabel=_label(y, section.units))
    return points


def _label(name: str, units: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return a variable as a formula, with its unit if it has one."""
    formula = "$E$" if name == "energy" else f"${_tex(name)}$"
    return f"{formula} ({units[name]})" if name in units else formula


def _tex(name: str) -> str:
    return sp.latex(sp.Symbol(name))
