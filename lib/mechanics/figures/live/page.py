r"""The HTML of a live figure.

It consists of two parts. The first, the player and its style, is the same for all
figures. A notebook has it in every output, since an output must work by itself; a page
that runs it twice ignores the second time. The book takes it out of its pages and links
one file instead (see ``_ext/live_figures.py``). The second part belongs to the figure:
its static pictures, and a script that hands the specification to the player::

    (window.mechanicsLive ??= []).push([element, specification])

Whichever comes first, it works: figures wait in the list until the player takes over.
"""

import base64
import io
import json
import re
from html import escape
from importlib.resources import files

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from PIL import Image

from mechanics.figures.live.drawing import INK, MOVING, PICTURE_STYLE, Scene
from mechanics.figures.live.model import Code
from mechanics.figures.live.views import View
from mechanics.figures.style import COLOURS

PLAYER, STYLE_SHEET = (
    files("mechanics.figures.live").joinpath(name)
    for name in ("player.js", "player.css")
)
COLOURS_OF_DOTS = 32  # the book's, and shades at the edges
SHARED = re.compile(r"<!-- player -->.*?<!-- /player -->", re.DOTALL)


def shared() -> str:
    """Return the player with its style, for outputs that must work by themselves."""
    return (
        f"<!-- player --><style>{STYLE_SHEET.read_text('utf8')}</style>"
        f"<script>{PLAYER.read_text('utf8')}</script><!-- /player -->"
    )


def html(specification: dict, pictures: list[tuple[str, dict]], alt: str) -> str:
    """Put the parts of a figure together.

    Parameters
    ----------
    specification
        What the player is told.
    pictures
        The results of :func:`picture`.
    alt
        The description of the whole.
    """
    views = [
        view | frame
        for view, (_, frame) in zip(specification["views"], pictures, strict=True)
    ]
    told = specification | {"views": views, "alt": alt}
    description = f'role="img" aria-label="{escape(alt)}"'
    cells = []
    for i, (svg, frame) in enumerate(pictures):
        width, height = frame["size"]
        about = description if i == 0 else 'aria-hidden="true"'
        drawn = svg.replace("<svg ", f"<svg {about} ", 1)
        cells.append(
            f'<div class="live-view" style="--width: {width:g}px; '
            f'aspect-ratio: {width:g}/{height:g}">{drawn}</div>'
        )
    return (
        f'{shared()}<div class="mechanics-live">'
        f'<div class="live-views">{"".join(cells)}</div>'
        f"<script>(window.mechanicsLive ??= []).push("
        f"[document.currentScript.parentElement, {literal(told)}])</script></div>"
    )


def picture(view: View, scene: Scene) -> tuple[str, dict]:
    """Draw a view.

    Returns
    -------
    svg
        The static picture, whose ink has the colour of the text around it.
    frame
        Where the axes lie in it, as fractions from the left and the top, and their
        limits.
    """
    width, height = view.size
    with mpl.rc_context(PICTURE_STYLE):
        figure = Figure(figsize=(width / 72, height / 72), dpi=72)
        FigureCanvasSVG(figure)
        axes = figure.subplots()
        view.draw(axes, scene)
        figure.draw_without_rendering()
        box = axes.get_position()
        file = io.StringIO()
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(file, format="svg", metadata=nothing, dpi=150)
    frame = {
        "size": [width, height],
        "box": [box.x0, 1 - box.y1, box.width, box.height],
        "xlim": list(map(float, axes.get_xlim())),
        "ylim": list(map(float, axes.get_ylim())),
    }
    return _embedded(file.getvalue()), frame


def _embedded(svg: str) -> str:
    """Turn a picture of Matplotlib's into a part of a page."""
    svg = svg[svg.index("<svg ") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)  # would reach the page
    svg = re.sub(r'<svg [^>]*?(viewBox="[^"]*")[^>]*>', r"<svg \1>", svg, count=1)
    svg = svg.replace(f'id="{MOVING}"', f'class="{MOVING}"')
    svg = svg.replace("<image ", f'<image class="{MOVING}" ')  # dots lose their id
    svg = svg.replace(INK, "currentColor")
    for name, colour in COLOURS.items():
        themed = "currentColor" if name == "black" else f"var(--live-{name}, {colour})"
        svg = svg.replace(colour.lower(), themed)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"(?<=data:image/png;base64,)[^\"]*", _in_few_colours, svg)
    svg = re.sub(r' d="([^"]*)"', lambda d: f' d="{_rounded(d[1])}"', svg)
    return re.sub(r">\s+<", "><", svg)


def _in_few_colours(encoded: re.Match) -> str:
    """Make a picture of dots several times smaller, with no difference to the eye."""
    picture = Image.open(io.BytesIO(base64.b64decode(encoded[0])))
    file = io.BytesIO()
    few = picture.convert("RGBA").quantize(COLOURS_OF_DOTS, Image.Quantize.FASTOCTREE)
    few.save(file, "png", optimize=True)
    return base64.b64encode(file.getvalue()).decode()


def _rounded(path: str) -> str:
    """Write the coordinates of a path with two digits: a hundredth of a pixel."""
    path = re.sub(r"-?\d+\.\d+", lambda x: f"{float(x[0]):.2f}".rstrip("0"), path)
    return " ".join(path.replace(". ", " ").split())


def literal(value) -> str:
    r"""Write data and functions as one JavaScript literal.

    >>> print(literal({"f": Code("x => x"), "a": [1, 0.5], "text": "</script>"}))
    {"f":x => x,"a":[1,0.5],"text":"\u003c/script>"}
    """
    match value:
        case Code():
            return value.strip()
        case dict():
            items = (f"{json.dumps(k)}:{literal(v)}" for k, v in value.items())
            return f"{{{','.join(items)}}}"
        case np.ndarray():
            return f"[{','.join(f'{x:.7g}' for x in value.ravel())}]"
        case list() | tuple():
            return f"[{','.join(map(literal, value))}]"
        case _:
            return json.dumps(value).replace("<", "\\u003c")
