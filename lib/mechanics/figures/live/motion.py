"""The motion as one would see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import sympy as sp

from mechanics.figures.live import drawing
from mechanics.figures.live.model import Model
from mechanics.figures.live.views import (
    Formula,
    Limits,
    View,
    check_limits,
    handle_of,
)

ARGUMENT = sp.Symbol("s", real=True)  # of the fixed curves, internally


@dataclass(frozen=True)
class Motion(View):
    r"""The motion as one would see it: masses, rods and their paths.

    Attributes
    ----------
    points
        The places ``(x, y)`` of masses by name; one that never moves is a support.
    lines
        Pairs of names that a rod joins.
    trail
        Names of masses whose paths are shown.
    xlim, ylim
        The limits of the axes; both have the same scale.
    drag
        What a dragged mass means: initial values as expressions in ``X`` and ``Y``,
        its coordinates. Either for the last mass, ``{"theta": "atan2(X, -Y)"}``, or by
        name of mass, ``{"bob": {"theta": "atan2(X, -Y)"}}``.
    curves
        Fixed curves, such as a wire, as ``(x, y, s, (s_min, s_max))``: expressions of
        the symbol ``s`` and the parameters.
    axis
        Whether to show the axes with their numbers.
    xlabel, ylabel
        Labels of the axes.

    Examples
    --------
    >>> bob = ("l*sin(theta)", "-l*cos(theta)")
    >>> view = Motion({"pivot": (0, 0), "bob": bob}, lines=[("pivot", "bob")],
    ...               xlim=(-2, 2), ylim=(-2, 1), drag={"theta": "atan2(X, -Y)"})
    >>> view.lines
    [('pivot', 'bob')]
    """

    points: Mapping[str, tuple[Formula, Formula]]
    xlim: Limits
    ylim: Limits
    lines: Sequence[tuple[str, str]] = ()
    trail: Sequence[str] = ()
    drag: Mapping = field(default_factory=dict)
    curves: Sequence[tuple] = ()
    axis: bool = True
    xlabel: str | None = "$x$"
    ylabel: str | None = "$y$"

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the picture in points, at the scale of the axes."""
        ratio = (self.ylim[1] - self.ylim[0]) / (self.xlim[1] - self.xlim[0])
        margin = 45 if self.axis else 8
        width = float(np.clip((264 - margin) / ratio, 200, 307))
        return width + margin, min(width * ratio, 420) + margin

    def specification(self, model):
        """Return what the player needs; this also checks all names."""
        check_limits(self)
        names = list(self.points)
        for name in (*(n for line in self.lines for n in line), *self.trail):
            self._check_point(name)
        points = [[model.column(e) for e in self.points[name]] for name in names]
        fixed = [self._fixed(model, name) for name in names]
        spec = {
            "kind": "motion",
            "points": points,
            "fixed": fixed,
            "lines": [[names.index(a), names.index(b)] for a, b in self.lines],
            "trail": [names.index(name) for name in self.trail],
            "handles": [
                handle_of(model, points[names.index(name)], drag, ("x", "y"), name)
                for name, drag in self._drags().items()
            ],
        }
        if self.curves:
            spec["curves"] = [
                {
                    "place": model.function(self._curve(model, curve), (ARGUMENT,)),
                    "range": list(map(float, curve[3])),
                }
                for curve in self.curves
            ]
        return spec

    def _check_point(self, name: str) -> None:
        if name not in self.points:
            raise ValueError(
                f"the point {name} is not among the points {', '.join(self.points)}"
            )

    def _fixed(self, model: Model, name: str) -> bool:
        return not any(
            model.translate(e).free_symbols - set(model.equations.param_symbols)
            for e in self.points[name]
        )

    def _drags(self) -> dict:
        if not self.drag or isinstance(next(iter(self.drag.values())), Mapping):
            for name in self.drag:
                self._check_point(name)
            return dict(self.drag)
        return {list(self.points)[-1]: self.drag}

    def _curve(self, model: Model, curve: tuple) -> list[sp.Expr]:
        x, y, s, _ = curve
        return [model.translate(e, {str(s): ARGUMENT}) for e in (x, y)]

    def draw(self, axes, scene):
        """Draw the static picture."""
        model = scene.model
        drawing.set_limits(axes, self.xlim, self.ylim)
        axes.set_aspect("equal")
        axes.set(xlabel=self.xlabel, ylabel=self.ylabel)
        if not self.axis:
            axes.set_axis_off()
        for curve in self.curves:
            s = np.linspace(*map(float, curve[3]), 200)
            z = model.initial()[:, None] + 0 * s
            at = model.evaluate(
                self._curve(model, curve), z, 0.0, extra=[(ARGUMENT, s)]
            )
            axes.plot(*at, color=drawing.INK, lw=1.2, gid=drawing.MOVING)
        places = {
            name: scene.columns[[model.column(e) for e in formulas]]
            for name, formulas in self.points.items()
        }
        for i, name in enumerate(self.trail):
            style = drawing.style_of(i) | {"linewidth": 1.2, "alpha": 0.6}
            axes.plot(*places[name], gid=drawing.MOVING, **style)
        for a, b in self.lines:
            ends = np.stack([places[a][:, 0], places[b][:, 0]], axis=1)
            axes.plot(*ends, color=drawing.INK, lw=2, gid=drawing.MOVING)
        mass = 0
        for name, place in places.items():
            fixed = self._fixed(model, name)
            colour = drawing.INK if fixed else drawing.style_of(mass)["color"]
            mass += not fixed
            size = 5 if fixed else 13
            axes.plot(*place[:, :1], "o", ms=size, color=colour, gid=drawing.MOVING)
