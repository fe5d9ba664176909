"""Curves: against time along the motion, or of formulas alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import ClassVar

import numpy as np
import sympy as sp

from mechanics.figures.live import drawing
from mechanics.figures.live.labels import tex_label
from mechanics.figures.live.model import Model
from mechanics.figures.live.views import Formula, Limits, View, check_limits

ARGUMENT = sp.Symbol("s", real=True)  # of the curves of a Graph, internally


@dataclass(frozen=True, init=False)
class TimeSeries(View):
    r"""Variables or expressions against time.

    Attributes
    ----------
    expressions
        What is drawn; ``"energy"`` is the energy.
    ylim
        The limits of the values.
    labels
        Names for the legend in place of the expressions.
    ylabel
        A label of the axis.

    Examples
    --------
    >>> TimeSeries("theta", "p_theta", ylim=(-2, 2)).expressions
    ('theta', 'p_theta')
    """

    expressions: tuple[Formula, ...]
    ylim: Limits
    labels: tuple[str, ...]
    ylabel: str | None

    def __init__(
        self,
        *expressions: Formula,
        ylim: Limits,
        labels: Sequence[str] = (),
        ylabel: str | None = None,
    ):
        if not expressions:
            raise ValueError("a TimeSeries needs an expression to draw")
        if labels and len(labels) != len(expressions):
            raise ValueError(
                f"{len(labels)} labels for {len(expressions)} expressions of a "
                "TimeSeries"
            )
        for name, value in {
            "expressions": expressions,
            "ylim": ylim,
            "labels": tuple(labels),
            "ylabel": ylabel,
        }.items():
            object.__setattr__(self, name, value)

    def specification(self, model):
        """Return what the player needs; this also checks all names."""
        check_limits(self)
        columns = [model.column(e) for e in self.expressions]
        return {"kind": "series", "columns": columns}

    def draw(self, axes, scene):
        """Draw the static picture."""
        model = scene.model
        drawing.set_limits(axes, (0, model.duration), self.ylim)
        labels = self.labels or [tex_label(model.parse(e)) for e in self.expressions]
        one = len(labels) == 1
        axes.set(xlabel="$t$", ylabel=self.ylabel or (labels[0] if one else ""))
        for i, expression in enumerate(self.expressions):
            values = scene.columns[model.column(expression)]
            style = drawing.style_of(i)
            axes.plot(scene.t, values, gid=drawing.MOVING, **style)
            axes.plot([], [], label=labels[i], **style)
        if not one:
            drawing.draw_legend(axes)


@dataclass(frozen=True)
class Graph(View):
    r"""Curves :math:`y=f(s)` that change with the parameters, or with time.

    Attributes
    ----------
    expressions
        One expression or several, of ``s``, parameters, time and variables.
    s
        The symbol on the horizontal axis, or its name.
    range
        From where to where it runs.
    ylim
        The limits of the values.
    labels
        Names for the legend in place of the expressions.
    xlabel, ylabel
        Labels of the axes.
    dots
        Draw this many dots in place of a curve, such as the atoms of a chain.

    Examples
    --------
    >>> Graph("A*cos(k*s)", "s", (0, 6), ylim=(-1, 1)).s
    's'
    """

    expressions: Formula | Sequence[Formula]
    s: sp.Symbol | str
    range: Limits
    ylim: Limits
    labels: Sequence[str] = ()
    xlabel: str | None = None
    ylabel: str | None = None
    dots: int | None = None

    POINTS: ClassVar[int] = 400

    @property
    def xlim(self) -> Limits:
        """The limits of the horizontal axis; dots stand whole within them."""
        low, high = self.range
        margin = (high - low) / (2 * (self.dots - 1)) if self.dots else 0
        return low - margin, high + margin

    def _formulas(self) -> list[Formula]:
        one = isinstance(self.expressions, str | Real | sp.Expr)
        return [self.expressions] if one else list(self.expressions)

    def _functions(self, model: Model) -> list[sp.Expr]:
        name = {str(self.s): ARGUMENT}
        return [model.translate(e, name) for e in self._formulas()]

    def specification(self, model):
        """Return what the player needs; this also checks all names."""
        check_limits(self)
        functions = self._functions(model)
        if self.labels and len(self.labels) != len(functions):
            raise ValueError(
                f"{len(self.labels)} labels for {len(functions)} curves of a Graph"
            )
        still = {ARGUMENT, *model.equations.param_symbols}
        return {
            "kind": "graph",
            "curves": model.function(functions, (ARGUMENT,)),
            "number": len(functions),
            "range": list(map(float, self.range)),
            "points": self.dots or self.POINTS,
            "dots": self.dots is not None,
            "moving": any(f.free_symbols - still for f in functions),
        }

    def draw(self, axes, scene):
        """Draw the static picture."""
        model = scene.model
        drawing.set_limits(axes, self.xlim, self.ylim)
        s = np.linspace(*self.range, self.dots or self.POINTS)
        z = model.initial()[:, None] + 0 * s
        curves = model.evaluate(self._functions(model), z, 0.0, extra=[(ARGUMENT, s)])
        labels = list(self.labels) or [
            tex_label(model.parse(e, [str(self.s)])) for e in self._formulas()
        ]
        single = len(labels) == 1
        axes.set(
            xlabel=self.xlabel or tex_label(sp.Symbol(str(self.s))),
            ylabel=self.ylabel or (labels[0] if single else ""),
        )
        for i, (values, label) in enumerate(zip(curves, labels, strict=True)):
            style = drawing.style_of(i)
            if self.dots:
                style |= {"marker": "o", "linestyle": "none", "markersize": 5}
            axes.plot(s, values, gid=drawing.MOVING, **style)
            axes.plot([], [], label=label, **style)
        if not single:
            drawing.draw_legend(axes)
