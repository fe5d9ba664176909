"""A plane of phase space."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from mechanics.figures.live import drawing
from mechanics.figures.live.labels import tex_label
from mechanics.figures.live.model import Model
from mechanics.figures.live.views import (
    Formula,
    Limits,
    View,
    check_limits,
    handle_of,
)
from mechanics.figures.style import COLOURS
from mechanics.numerics import End, Every

LEVELS = 9  # of the energy
GRID = (97, 73)  # of energies, for contours


@dataclass(frozen=True)
class PhasePortrait(View):
    r"""A plane of phase space, with the motion as a curve.

    Where the system has one degree of freedom and an energy without time, curves of
    constant energy stand behind it. The reader moves the starting point.

    Attributes
    ----------
    x, y
        Variables or expressions.
    xlim, ylim
        The limits of the axes.
    contours
        Draw curves of constant energy; by default wherever there are any.
    cloud
        An ensemble that is carried along, as the arrays of ``initial`` with one more
        axis, for example ``(q, p)`` of shape ``(1, 2000)`` each.
    wrap
        The period of an angle on the axis ``x``, or a pair for both axes.
    points
        Draw a dot for each step in place of a curve: for maps.
    drag
        What a dragged point means: initial values as expressions in ``X`` and ``Y``,
        its coordinates. By default, if ``x`` and ``y`` are variables, themselves.
    xlabel, ylabel
        Labels in place of ``x`` and ``y``.

    Examples
    --------
    >>> PhasePortrait("theta", "p_theta", xlim=(-3, 3), ylim=(-2, 2)).x
    'theta'
    """

    x: Formula
    y: Formula
    xlim: Limits
    ylim: Limits
    contours: bool | None = None
    cloud: tuple | np.ndarray | None = None
    wrap: float | tuple | None = None
    points: bool = False
    drag: Mapping | None = None
    xlabel: str | None = None
    ylabel: str | None = None

    @property
    def every_step(self) -> bool:
        """Whether each step is shown."""
        return self.points

    @property
    def _wrap(self) -> tuple:
        return self.wrap if isinstance(self.wrap, tuple) else (self.wrap, None)

    def specification(self, model):
        """Return what the player needs; this also checks all names."""
        check_limits(self)
        columns = model.column(self.x), model.column(self.y)
        spec = {
            "kind": "portrait",
            "x": columns[0],
            "y": columns[1],
            "wrap": list(self._wrap),
            "points": self.points,
        }
        variables = self._plane(model)
        drag = self.drag
        if drag is None and None not in variables:
            names = [model.equations.names[j] for j in variables]
            drag = dict(zip(names, ("X", "Y"), strict=True))
        if drag:
            spec["handles"] = [handle_of(model, columns, drag, (self.x, self.y))]
        if self._has_contours(model):
            spec["contours"] = {
                "energy": model.function([model.translate("energy")]),
                "variables": list(variables),
                "levels": LEVELS,
                "grid": list(GRID),
            }
        if self.cloud is not None:
            z = self._cloud(model)
            spec["cloud"] = {
                "z": z.ravel(),
                "number": z.shape[1],
                "place": model.function([model.columns[j] for j in columns]),
            }
        return spec

    def _plane(self, model: Model) -> tuple:
        return model.variable(self.x), model.variable(self.y)

    def _has_contours(self, model: Model) -> bool:
        equations = model.equations
        variables = self._plane(model)
        possible = (
            equations.energy is not None
            and equations.energy_is_constant
            and sorted(v for v in variables if v is not None) == [0, 1]
            and len(equations.state) == 2
        )
        if self.contours and not possible:
            raise ValueError(
                "curves of constant energy need a system with one degree of freedom, "
                f"an energy without time, and its variables on the axes: {self.x} and "
                f"{self.y} are shown of {', '.join(equations.names)}"
            )
        return possible if self.contours is None else self.contours

    def _cloud(self, model: Model) -> np.ndarray:
        """Return the ensemble as one array, shape ``(variables, number)``."""
        groups = model.equations.groups
        parts = [self.cloud] if len(groups) == 1 else self.cloud
        parts = [np.asarray(part, float) for part in parts]
        sizes = list(groups.values())
        shapes = [part.shape for part in parts]
        if [shape[:1] for shape in shapes] != [(n,) for n in sizes] or any(
            part.ndim != 2 or part.shape[1:] != parts[0].shape[1:] for part in parts
        ):
            wanted = ", ".join(f"{label} ({n}, N)" for label, n in groups.items())
            raise ValueError(f"the cloud has the shapes {shapes}; it needs {wanted}")
        z = np.concatenate(parts)
        if not np.isfinite(z).all():
            raise ValueError("the cloud contains numbers that are not finite")
        return z

    def draw(self, axes, scene):
        """Draw the static picture."""
        model = scene.model
        drawing.set_limits(axes, self.xlim, self.ylim)
        axes.set(
            xlabel=self.xlabel or tex_label(scene.model.parse(self.x)),
            ylabel=self.ylabel or tex_label(scene.model.parse(self.y)),
        )
        if self._has_contours(model):
            self._draw_contours(axes, model)
        lows = self.xlim[0], self.ylim[0]

        def place(values):
            return [
                drawing.wrapped(v, period, low)
                for v, period, low in zip(values, self._wrap, lows, strict=True)
            ]

        columns = [model.column(self.x), model.column(self.y)]
        x, y = place(scene.columns[columns])
        if self.cloud is not None:
            self._draw_cloud(axes, model, columns, place)
        if self.points:
            drawing.draw_dots(axes, [(x, y, drawing.colour_of(0))])
        elif self.cloud is None:
            drawing.draw_path(axes, x, y, self._wrap, **drawing.style_of(0))
        if self.cloud is None:
            drawing.draw_marker(axes, x[0], y[0])

    def _draw_cloud(self, axes: Axes, model: Model, columns, place) -> None:
        """Draw the ensemble at both ends of the motion, or all orbits of a map."""
        functions = [model.columns[j] for j in columns]
        run = model.run(self._cloud(model), Every(1) if self.points else End())
        at = model.evaluate(functions, np.moveaxis(run.states, 0, 1), run.t[:, None])
        x, y = place(at)  # of shape (times, members)
        if self.points:
            colours = map(drawing.colour_of, range(1, x.shape[1] + 1))
            drawing.draw_dots(axes, list(zip(x.T, y.T, colours, strict=True)), 1.4)
        else:
            ends = [(x[0], y[0], "sky"), (x[-1], y[-1], "blue")]
            drawing.draw_dots(axes, ends)

    def _draw_contours(self, axes: Axes, model: Model) -> None:
        x, y = np.linspace(*self.xlim, GRID[0]), np.linspace(*self.ylim, GRID[1])
        z = np.array(np.meshgrid(x, y))[np.argsort(self._plane(model))]
        energy = model.evaluate([model.translate("energy")], z, 0.0)[0]
        levels = np.unique(contour_levels(energy))
        axes.contour(
            x,
            y,
            energy,
            levels=levels,
            colors=COLOURS["blue"],
            linestyles="solid",
            linewidths=0.9,
            alpha=0.6,
        ).set_gid(drawing.MOVING)


def contour_levels(energy: np.ndarray) -> np.ndarray:
    """Return energies that divide a plane into strips of equal area.

    >>> contour_levels(np.arange(19.0))
    array([ 1.,  3.,  5.,  7.,  9., 11., 13., 15., 17.])
    """
    finite = np.sort(energy[np.isfinite(energy)])
    places = (np.arange(LEVELS) + 0.5) / LEVELS * len(finite)
    return finite[places.astype(int)]
