"""Figures that move in the page."""

from mechanics.figures.live.curves import Graph, TimeSeries
from mechanics.figures.live.figure import LiveFigure, live
from mechanics.figures.live.motion import Motion
from mechanics.figures.live.portrait import PhasePortrait
from mechanics.figures.live.section import SectionView
from mechanics.figures.live.slider import Slider

__all__ = [
    "Graph",
    "LiveFigure",
    "Motion",
    "PhasePortrait",
    "SectionView",
    "Slider",
    "TimeSeries",
    "live",
]
