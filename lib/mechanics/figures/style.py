"""One look for all figures of the book."""

import matplotlib as mpl
from cycler import cycler
from matplotlib_inline.backend_inline import set_matplotlib_formats

# Okabe and Ito (2008): distinct for every common kind of colour vision.
COLOURS = {
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "green": "#009E73",
    "purple": "#CC79A7",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "black": "#000000",
}


DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (1, 3)))

STYLE = {
    "axes.prop_cycle": cycler(color=list(COLOURS.values())) + cycler(linestyle=DASHES),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.labelsize": 15,
    "axes.titlesize": 14,
    "figure.figsize": (5.6, 3.6),
    "figure.constrained_layout.use": True,
    "font.size": 13,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "mathtext.fontset": "cm",
    "svg.hashsalt": "mechanics",
    "svg.fonttype": "path",
}


def use_book_style() -> None:
    """Set Matplotlib to the style of the book, for the running notebook.

    Curves differ in colour *and* in dash pattern, letters stay legible on a phone, and
    figures are vector graphics in the built page.
    """
    mpl.rcParams.update(STYLE)
    if mpl.get_backend().endswith("inline"):  # true in notebooks only
        set_matplotlib_formats("svg", metadata={"Date": None})
