"""The book's plots: one style, and the pictures that recur."""

from mechanics.figures.plots import phase_portrait, section_plot, time_series
from mechanics.figures.style import COLOURS, use_book_style

__all__ = [
    "COLOURS",
    "phase_portrait",
    "section_plot",
    "time_series",
    "use_book_style",
]
