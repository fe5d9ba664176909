"""What the static pictures of all views share.

Whatever the player draws anew is put under :data:`MOVING`, so that the page can hide it
while the figure is live.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from mechanics.figures.live.model import Model
from mechanics.figures.style import COLOURS, STYLE
from mechanics.numerics import Every

MOVING = "live-moving"
INK = "#010203"  # stands for the colour of the page's text
FONT = 12  # points; a view has about as many points as pixels on a phone
WIDTH = 1.8

# Colour and dashes, in points, of the first, second, ... curve of a view.
CURVES = (
    ("vermillion", ()),
    ("blue", (7, 3)),
    ("green", (7, 2, 1.5, 2)),
    ("purple", (1.5, 2)),
    ("orange", (10, 2)),
    ("sky", (4, 2)),
)

PICTURE_STYLE = STYLE | {
    "axes.edgecolor": INK,
    "axes.facecolor": "none",
    "axes.labelcolor": INK,
    "axes.labelsize": FONT + 3,
    "figure.facecolor": "none",
    "font.size": FONT,
    "legend.handlelength": 2.6,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


@dataclass(frozen=True, eq=False)
class Scene:
    """A computed motion, ready to be drawn.

    Attributes
    ----------
    model
        What is computed.
    t
        Times, shape ``(times,)``.
    columns
        The model's columns at these times, shape ``(columns, times)``.
    """

    model: Model
    t: np.ndarray
    columns: np.ndarray

    @classmethod
    def of(cls, model: Model, every: int) -> "Scene":
        """Integrate the motion with which a figure starts."""
        steps = max(1, round(model.duration / model.step_size / every)) * every
        run = model.run(model.initial(), Every(every), steps)
        if not model.columns:
            return cls(model, run.t, np.empty((0, len(run.t))))
        columns = model.evaluate(model.columns, run.states.T, run.t)
        return cls(model, run.t, columns)


def colour_of(number: int) -> str:
    """Return the name of the colour of a view's curve."""
    return CURVES[number % len(CURVES)][0]


def style_of(number: int) -> dict:
    """Return the style of a view's curve for Matplotlib."""
    colour, dashes = CURVES[number % len(CURVES)]
    pattern = tuple(d / WIDTH for d in dashes)
    return {
        "color": COLOURS[colour],
        "linewidth": WIDTH,
        "linestyle": (0, pattern) if pattern else "-",
    }


def wrapped(x: np.ndarray, period: float | None, low: float) -> np.ndarray:
    """Bring an angle into one period that begins at ``low``."""
    return x if period is None else low + np.mod(x - low, period)


def draw_path(axes: Axes, x: np.ndarray, y: np.ndarray, gap, **style) -> None:
    """Draw a moving curve that is interrupted where an angle jumps by its period."""
    jump = np.zeros(len(x) - 1, bool)
    for values, period in zip((x, y), gap, strict=True):
        if period is not None:
            jump |= np.abs(np.diff(values)) > period / 2
    where = np.flatnonzero(jump) + 1
    x, y = (np.insert(values, where, np.nan) for values in (x, y))
    axes.plot(x, y, gid=MOVING, **style)


def draw_dots(axes: Axes, orbits: Sequence[tuple], size: float = 2.2) -> None:
    """Draw moving dots: many of them as one image.

    ``orbits`` holds tuples ``(x, y, colour)``, the colour as one of :data:`COLOURS`.
    """
    x, y = (np.concatenate([np.ravel(o[k]) for o in orbits]) for k in (0, 1))
    colours = [COLOURS[colour] for *_, colour in orbits]
    axes.scatter(
        x,
        y,
        s=size**2,
        c=np.repeat(colours, [np.size(orbit[0]) for orbit in orbits]),
        linewidths=0,
        gid=MOVING,
        rasterized=len(x) > 200,
    )


def draw_marker(axes: Axes, x: float, y: float) -> None:
    """Draw the dot at which the motion starts."""
    axes.plot([x], [y], "o", color=COLOURS["black"], markersize=7, gid=MOVING, zorder=5)


def set_limits(axes: Axes, xlim: Sequence[float], ylim: Sequence[float]) -> None:
    """Set the limits, which the player takes over."""
    axes.set(xlim=tuple(map(float, xlim)), ylim=tuple(map(float, ylim)))


def draw_legend(axes: Axes) -> None:
    """Draw the legend above the axes, where no curve is."""
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=4,
        borderaxespad=0.2,
        columnspacing=1.2,
    )
