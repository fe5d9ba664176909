"""The book's plots and live figures: one style, and the pictures that recur."""

from mechanics.figures.dispersion import dispersion_plot
from mechanics.figures.live import (
    Graph,
    LiveFigure,
    Motion,
    PhasePortrait,
    SectionView,
    Slider,
    TimeSeries,
    live,
)
from mechanics.figures.plots import phase_portrait, section_plot, time_series
from mechanics.figures.style import COLOURS, use_book_style

__all__ = [
    "COLOURS",
    "Graph",
    "LiveFigure",
    "Motion",
    "PhasePortrait",
    "SectionView",
    "Slider",
    "TimeSeries",
    "dispersion_plot",
    "live",
    "phase_portrait",
    "section_plot",
    "time_series",
    "use_book_style",
]
