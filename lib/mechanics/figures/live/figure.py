"""Figures that a reader plays with, in a page that needs neither kernel nor network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mechanics.figures.live import page
from mechanics.figures.live.drawing import PICTURE_STYLE, Scene
from mechanics.figures.live.labels import html_label
from mechanics.figures.live.model import SAMPLES, Model, at_first
from mechanics.figures.live.slider import Slider
from mechanics.figures.live.views import Formula, View
from mechanics.numerics import RUNGE_KUTTA_4, STORMER_VERLET
from mechanics.numerics.equations import TIME
from mechanics.numerics.step import Method

SHORTEST_ALT = 20


def live(
    system,
    initial: Sequence = (),
    *,
    params: Mapping | None = None,
    dt: float | Slider | None = None,
    duration: float,
    views: Sequence[View] | View,
    methods: Sequence[Method] = (STORMER_VERLET, RUNGE_KUTTA_4),
    alt: str,
    speed: float | None = None,
    readouts: Mapping[str, Formula] | None = None,
    seed: int = 0,
) -> "LiveFigure":
    r"""Make a figure with sliders and a motion that the reader starts and changes.

    The equations of motion, the integrator and all expressions are written in
    JavaScript, from the same formulas that :func:`~mechanics.numerics.integrate`
    compiles. The built page, a notebook and its HTML export show the same figure; in
    print and without JavaScript its static picture remains.

    Parameters
    ----------
    system
        Any system of formulas that :func:`~mechanics.numerics.integrate` takes, or
        None for a figure of formulas of the parameters and the time ``t`` alone.
    initial
        The initial state, as for :func:`~mechanics.numerics.integrate`. An entry is a
        number, a :class:`Slider`, or an expression of the parameters.
    params
        A number or a :class:`Slider` for each parameter, by symbol or by name. Further
        parameters may be named that only views or initial values contain.
    dt
        The step, a number or a slider.
    duration
        How long a motion the curves show.
    views
        What is shown: :class:`PhasePortrait`, :class:`TimeSeries`, :class:`Motion`,
        :class:`SectionView`, :class:`Graph`.
    methods
        Integrators among which the reader chooses; the first one makes the static
        picture.
    alt
        What the figure shows, for those who cannot see it.
    speed
        Time of the system for each second of playing; by default the duration takes
        twelve seconds.
    readouts
        Further numbers to show, as expressions by label.
    seed
        Of the random numbers of a system with noise.

    Returns
    -------
    LiveFigure
        A notebook shows it as the result of a cell.

    Raises
    ------
    ValueError
        If a name is unknown, a number is missing or not finite, the system is singular
        at the end of a slider's range, a view does not fit the system, or ``alt`` is
        missing.
    UnknownFunctionError
        If a formula contains a function that JavaScript lacks.
    UnsuitableMethodError
        If a method does not fit the system.

    Examples
    --------
    >>> from mechanics.figures import PhasePortrait, Slider, TimeSeries, live
    >>> from mechanics.models import pendulum
    >>> from mechanics.symbolic import legendre
    >>> swing = live(
    ...     legendre(pendulum()), ([1.0], [0.0]),
    ...     params={"m": 1, "g": 9.81, "l": Slider(0.5, 2, value=1, label="length")},
    ...     dt=0.01, duration=6,
    ...     views=[PhasePortrait("theta", "p_theta", xlim=(-3.2, 3.2), ylim=(-8, 8)),
    ...            TimeSeries("theta", ylim=(-3.2, 3.2))],
    ...     alt="The phase portrait of a pendulum, and its angle against time.")
    >>> swing
    <live figure: Störmer-Verlet, Runge-Kutta 4; 1 slider, 2 views>
    """
    if len((alt or "").strip()) < SHORTEST_ALT:
        raise ValueError(
            f"alt = {alt!r} must say what the figure shows, in at least "
            f"{SHORTEST_ALT} letters, for readers who cannot see it"
        )
    views = [views] if isinstance(views, View) else list(views)
    strangers = [v for v in views if not isinstance(v, View)]
    if strangers or not views:
        raise ValueError(
            f"views holds {strangers or 'nothing'}; give PhasePortrait, TimeSeries, "
            "Motion, SectionView or Graph"
        )
    if dt is None and system is not None:
        raise ValueError("a system needs a step dt")
    if not methods:
        raise ValueError("methods is empty; give STORMER_VERLET, for example")
    model = Model.of(system, initial, params, dt, duration, methods, seed)
    specifications = [view.specification(model) for view in views]
    is_map = any(view.every_step for view in views)
    shown = _readouts(model, readouts or {}, is_map)
    model.check()
    kernels = model.kernels
    return LiveFigure(
        model=model,
        views=tuple(views),
        alt=" ".join(alt.split()),
        specification={
            "c": model.values,
            "sliders": _sliders(model),
            "dt": model.step_size,
            "duration": float(duration),
            "samples": SAMPLES,
            "everyStep": is_map,
            "speed": float(speed or duration / 12),
            "seed": model.seed,
            "still": system is None,
            "moves": system is not None or _knows_time(model, specifications),
            "methods": kernels,
            "variables": [html_label(name) for name in model.equations.names],
            "start": model.function(model.start),
            "startSliders": [[j, i] for j, i in model.start_sliders.items()],
            "observe": model.function(model.columns),
            "width": len(model.columns),
            "readouts": shown,
            "views": specifications,
        },
    )


@dataclass(frozen=True, eq=False, repr=False)
class LiveFigure:
    """What :func:`live` makes.

    Attributes
    ----------
    model
        The system with its numbers.
    views
        What is shown.
    alt
        The description.
    specification
        What the player is told; :class:`~.model.Code` in it is JavaScript.

    Examples
    --------
    The static picture, for a paper:

    >>> from mechanics.figures import Graph, Slider, live
    >>> wave = live(None, params={"A": Slider(0, 1)}, duration=6,
    ...             views=Graph("A*cos(x - t)", "x", (0, 6.28), ylim=(-1, 1)),
    ...             alt="A wave that travels to the right.")
    >>> wave.static().axes[0].get_xlabel()
    '$x$'
    """

    model: Model
    views: tuple[View, ...]
    alt: str
    specification: dict = field(repr=False)

    def __repr__(self):
        sliders = len(self.specification["sliders"])
        methods = ", ".join(method.name for method in self.model.methods)
        parts = [f"{sliders} slider{'s' * (sliders != 1)}"]
        parts.append(f"{len(self.views)} view{'s' * (len(self.views) != 1)}")
        return f"<live figure: {methods}; {', '.join(parts)}>"

    @cached_property
    def scene(self) -> Scene:
        """The motion with which the figure starts."""
        model = self.model
        steps = round(model.duration / model.step_size)
        each = any(view.every_step for view in self.views)
        return Scene.of(model, 1 if each else max(1, -(-steps // SAMPLES)))

    def static(self) -> Figure:
        """Draw all views side by side with Matplotlib, in the book's style."""
        widths = [view.size[0] for view in self.views]
        height = max(view.size[1] for view in self.views)
        with mpl.rc_context(PICTURE_STYLE | {"axes.facecolor": "white"}):
            figure = Figure(figsize=(sum(widths) / 72, height / 72), facecolor="white")
            FigureCanvasAgg(figure)
            axes = figure.subplots(1, len(widths), width_ratios=widths, squeeze=False)
            for view, place in zip(self.views, axes[0], strict=True):
                view.draw(place, self.scene)
        return figure

    @cached_property
    def pictures(self) -> list[tuple[str, dict]]:
        """The static pictures of the views for a page, with their frames."""
        return [page.picture(view, self.scene) for view in self.views]

    def _repr_html_(self) -> str:
        return page.html(self.specification, self.pictures, self.alt)

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}


def _knows_time(model: Model, specifications: list[dict]) -> bool:
    """Whether anything changes in a figure without dynamics."""
    return any(column.has(TIME) for column in model.columns) or any(
        view.get("moving") for view in specifications
    )


def _sliders(model: Model) -> list[dict]:
    """Describe the sliders; ``place`` is that of the parameter, or -1 for the step."""
    sliders = [
        _slider(value, name, j)
        for j, (name, value) in enumerate(
            zip(model.equations.params, model.params, strict=True)
        )
        if isinstance(value, Slider)
    ]
    if isinstance(model.dt, Slider):
        sliders.append(_slider(model.dt, "step h", -1))
    return sliders


def _slider(slider: Slider, name: str, place: int) -> dict:
    step = float(slider.step)
    digits = next((d for d in range(10) if abs(round(step, d) - step) < step / 20), 10)
    return {
        "place": place,
        "label": html_label(slider.label) if slider.label else _typeset(name),
        "low": float(slider.low),
        "high": float(slider.high),
        "step": step,
        "value": float(at_first(slider)),
        "digits": digits,
    }


def _typeset(name: str) -> str:
    """Typeset the name of a parameter, or ``initial x``."""
    *words, symbol = name.split(" ")
    return " ".join([*words, html_label(symbol)])


def _readouts(model: Model, more: Mapping[str, Formula], is_map: bool) -> list[dict]:
    """Describe the numbers below the figure: energy, its drift, and others.

    The steps of a map are so large that it keeps no energy.
    """
    shown = []
    if model.equations.energy is not None and not is_map:
        energy = model.column("energy")
        shown.append({"label": "energy", "column": energy, "drift": False})
        if model.equations.energy_is_constant:
            label = "change of energy"
            shown.append({"label": label, "column": energy, "drift": True})
    for label, formula in more.items():
        shown.append({"label": html_label(label), "column": model.column(formula)})
    return shown
