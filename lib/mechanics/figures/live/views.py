"""What all views of a live figure have in common.

A view knows two things: its static picture, drawn with Matplotlib, and its
specification, from which the player draws what moves. Expressions may be SymPy
expressions or text; symbols are known by their names, and ``"energy"`` is the energy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import sympy as sp
from matplotlib.axes import Axes

from mechanics.figures.live.drawing import Scene
from mechanics.figures.live.labels import html_label
from mechanics.figures.live.model import Model

POINTER = sp.symbols("X Y", real=True)  # where the reader drags to, internally
Formula = sp.Expr | str | float
Limits = tuple[float, float]


@dataclass(frozen=True)
class View:
    """What all views have.

    Attributes
    ----------
    size
        Width and height of the picture in points.
    every_step
        Whether each step is shown, as for a map.
    """

    size: ClassVar[tuple[float, float]] = (352, 264)
    every_step: ClassVar[bool] = False

    def specification(self, model: Model) -> dict:
        """Return what the player needs; this also checks all names."""
        raise NotImplementedError

    def draw(self, axes: Axes, scene: Scene) -> None:
        """Draw the static picture."""
        raise NotImplementedError


def check_limits(view: View) -> None:
    """Refuse limits that are no range."""
    for name in ("xlim", "ylim"):
        limits = getattr(view, name, (0, 1))
        low, high = limits
        if not (np.isfinite([float(low), float(high)]).all() and low < high):
            raise ValueError(
                f"{name} = {limits} of a {type(view).__name__} must be two finite "
                "numbers, the smaller one first"
            )


def handle_of(model: Model, columns, drag: Mapping, names, label: str = "") -> dict:
    """Describe a point that the reader moves, and what that means."""
    variables, formulas = meaning_of(model, drag)
    return {
        "x": columns[0],
        "y": columns[1],
        "variables": variables,
        "values": model.function(formulas, POINTER),
        "names": [html_label(name) for name in names],
        "label": label,
    }


def meaning_of(model: Model, drag: Mapping) -> tuple[list[int], list[sp.Expr]]:
    """Return the variables that a point sets, and their values as formulas of it."""
    pointer = {symbol.name: symbol for symbol in POINTER}
    variables = [model.variable(name) for name in drag]
    if None in variables:
        name = list(drag)[variables.index(None)]
        raise ValueError(
            f"drag sets {name}, which is none of the variables "
            f"{', '.join(model.equations.names)}"
        )
    return variables, [model.translate(formula, pointer) for formula in drag.values()]
