"""Poincaré sections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sympy as sp

from mechanics.figures.live import drawing
from mechanics.figures.live.labels import tex_label
from mechanics.figures.live.model import Model
from mechanics.figures.live.views import (
    POINTER,
    Formula,
    Limits,
    View,
    check_limits,
    handle_of,
    meaning_of,
)
from mechanics.numerics import Every


@dataclass(frozen=True)
class SectionView(View):
    r"""A Poincaré section: a dot wherever the motion crosses a surface.

    Each start from which the reader sends off the motion adds its dots, until the
    parameters change.

    Attributes
    ----------
    condition
        An expression :math:`g`; the surface is :math:`g=0`.
    direction
        +1 where :math:`g` rises, -1 where it falls, 0 for both.
    x, y
        What is drawn.
    xlim, ylim
        The limits of the axes.
    drag
        The initial values that belong to a point of the section, as expressions in
        ``X`` and ``Y``, its coordinates, and parameters; see the example.
    starts
        Points of the section from which further motions start, so that the picture has
        many orbits from the beginning; needs ``drag``.
    xlabel, ylabel
        Labels in place of ``x`` and ``y``.

    Examples
    --------
    The section :math:`x=0` of Hénon and Heiles' system, at the energy ``E``:

    >>> momentum = "sqrt(2*E - Y**2 - X**2 + 2*X**3/3)"
    >>> view = SectionView("x", +1, "y", "p_y", xlim=(-0.5, 0.7), ylim=(-0.5, 0.5),
    ...                    drag={"x": 0, "y": "X", "p_y": "Y", "p_x": momentum})
    >>> view.direction
    1
    """

    condition: Formula
    direction: int
    x: Formula
    y: Formula
    xlim: Limits
    ylim: Limits
    drag: Mapping | None = None
    starts: Sequence[tuple[float, float]] = ()
    xlabel: str | None = None
    ylabel: str | None = None

    def specification(self, model):
        """Return what the player needs; this also checks all names."""
        check_limits(self)
        if len(self.starts) and not self.drag:
            raise ValueError("starts of a SectionView need drag: the states they mean")
        if self.direction not in (-1, 0, 1):
            raise ValueError(f"direction = {self.direction} must be +1, -1 or 0")
        spec = {
            "kind": "section",
            "direction": self.direction,
            "surface": model.function(self._functions(model)),
            "field": model.field,
            "starts": [list(map(float, place)) for place in self.starts],
        }
        if self.drag:
            columns = [model.column(self.x), model.column(self.y)]
            spec["handles"] = [handle_of(model, columns, self.drag, (self.x, self.y))]
        return spec

    def _functions(self, model: Model) -> list[sp.Expr]:
        return [model.translate(e) for e in (self.condition, self.x, self.y)]

    def draw(self, axes, scene):
        """Draw the static picture."""
        drawing.set_limits(axes, self.xlim, self.ylim)
        axes.set(
            xlabel=self.xlabel or tex_label(scene.model.parse(self.x)),
            ylabel=self.ylabel or tex_label(scene.model.parse(self.y)),
        )
        model = scene.model
        starts = model.initial()[:, None]
        if len(self.starts):
            starts = np.concatenate([starts, self._states(model)], axis=1)
        run = model.run(starts, Every(1))
        orbits = [
            (*self._crossings(model, run.t, orbit.T), drawing.colour_of(i))
            for i, orbit in enumerate(np.moveaxis(run.states, 2, 0))
        ]
        drawing.draw_dots(axes, orbits)

    def _states(self, model: Model) -> np.ndarray:
        """Return the states that belong to ``starts``, as far as there are any."""
        variables, formulas = meaning_of(model, self.drag)
        places = np.array(self.starts, float).T
        z = np.repeat(model.initial()[:, None], len(self.starts), axis=1)
        pointer = list(zip(POINTER, places, strict=True))
        z[variables] = model.evaluate(formulas, z, 0.0, extra=pointer)
        return z[:, np.isfinite(z).all(axis=0)]

    def _crossings(self, model: Model, t: np.ndarray, z: np.ndarray) -> tuple:
        """Return the crossings, linearly between steps: finer than a printed dot."""
        g, x, y = model.evaluate(self._functions(model), z, t)
        up, down = (g[:-1] < 0) & (g[1:] >= 0), (g[:-1] > 0) & (g[1:] <= 0)
        [k] = np.nonzero({1: up, -1: down, 0: up | down}[self.direction])
        part = g[k] / (g[k] - g[k + 1])
        return tuple(f[k] + part * (f[k + 1] - f[k]) for f in (x, y))
