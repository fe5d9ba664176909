"""The book's plots: one style, and the pictures that recur."""

from mechanics.figures.plots import phase_portrait
from mechanics.figures.style import COLOURS, use_book_style

__all__ = ["COLOURS", "phase_portrait", "use_book_style"]
