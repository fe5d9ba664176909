"""Vector figures that follow the theme of the page.

A figure drawn by Matplotlib becomes part of the page instead of a picture beside it, so
that the style sheet reaches into it: black becomes the colour of the text, white that
of the paper, greys lie between, and the blue of the book is brighter on a dark page.
All other colours stay, so that captions and colour maps remain true.
"""

import re
from html import escape
from pathlib import Path

from docutils import nodes
from docutils.nodes import raw

PAPER, INK = "var(--figure-paper, #fff)", "currentColor"
LONG = 1000  # characters: the path of a curve, not of a letter or a marker
BLUE = "#0072b2"
LOST = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<metadata>.*?</metadata>|<!--.*?-->"
                  r"|<style.*?</style>", re.S)  # fmt: skip
COLOUR = re.compile(r"\b(fill|stroke|stop-color): (#[0-9a-f]{6})\b", re.I)


def inline_figures(app, doctree, docname):
    """Replace the SVG pictures of a page by their text."""
    if app.builder.format != "html":
        return
    pictures = [i for i in doctree.findall(nodes.image) if i["uri"].endswith(".svg")]
    for number, image in enumerate(pictures):
        path = Path(app.srcdir) / image["uri"]
        svg = themed(path.read_text(encoding="utf8"), f"f{number}-")
        width = f"width: {image['width']}" if image.get("width") else ""
        tag = (
            f'<svg class="figure-drawing" role="img" '
            f'aria-label="{escape(image.get("alt", ""))}" style="{width}" '
        )
        image.replace_self(raw("", svg.replace("<svg ", tag, 1), format="html"))


def themed(svg: str, prefix: str) -> str:
    """Text of an SVG that may stand in a page, among others, and follows its theme.

    >>> themed('<svg><path id="a" style="stroke: #000000; fill: #ffffff"/></svg>', "f-")
    '<svg><path style="stroke: currentColor; fill: var(--figure-paper, #fff)"/></svg>'
    >>> themed('<svg><path d="M 0.123456 1" clip-path="url(#c)"/></svg>', "f-")
    '<svg><path d="M 0.12 1" clip-path="url(#f-c)"/></svg>'
    """
    svg = LOST.sub("", svg).strip()
    svg = COLOUR.sub(lambda m: f"{m[1]}: {colour(m[2].lower())}", svg)
    svg = re.sub(r'\bd="([^"]*)"', lambda m: f'd="{rounded(m[1])}"', svg)
    used = {*re.findall(r'url\(#(.*?)\)|href="#(.*?)"', svg)}
    used = {name for pair in used for name in pair if name}
    svg = re.sub(
        r' id="(.*?)"',
        lambda m: f' id="{prefix}{m[1]}"' if m[1] in used else "",
        svg,
    )
    svg = re.sub(r'(url\(#|href="#)', rf"\g<1>{prefix}", svg)
    return with_light_markers(svg)


def with_light_markers(svg: str) -> str:
    """The same with less text about markers, of which a figure may have thousands.

    >>> dot = '<use xlink:href="#m" x="1.23456" y="2.5" style="fill: #d55e00"/>'
    >>> with_light_markers(f"<g>{dot} {dot}</g>")
    '<g style="fill: #d55e00"><use href="#m" x="1.23" y="2.5"/><use href="#m" x="1.23" y="2.5"/></g>'
    """  # noqa: E501
    svg = re.sub(
        r'\b(x|y)="(-?\d+\.\d{3,})"',
        lambda m: f'{m[1]}="{float(m[2]):.2f}"',
        svg.replace(' xlink:href="', ' href="'),
    )
    svg = re.sub(r">\s+<", "><", svg)
    return re.sub(r"<g([^<>]*)>((?:<use [^<>]*/>)+)</g>", with_one_style, svg)


def with_one_style(group: re.Match) -> str:
    """A group of markers with their common style, if they have one."""
    styles = set(re.findall(r' style="([^"]*)"', group[2]))
    if len(styles) != 1 or "style=" in group[1]:
        return group[0]
    style = f' style="{styles.pop()}"'
    return f"<g{group[1]}{style}>{group[2].replace(style, '')}</g>"


def rounded(path: str) -> str:
    """A path to a hundredth of a point (a tenth, if it is long), in half the bytes.

    >>> rounded("M 0.123456 1 L 2 3 L 4 5 C 1 2 3 4 5 6 L 1 1 z")
    'M 0.12 1 2 3 4 5C 1 2 3 4 5 6L 1 1z'
    """
    digits = 1 if len(path) > LONG else 2
    path = re.sub(
        r"-?\d+\.\d{3,}",
        lambda m: f"{float(m[0]):.{digits}f}".rstrip("0").rstrip("."),
        path,
    )
    parts, before = [], ""
    for command, numbers in re.findall(r"([A-Za-z])([^A-Za-z]*)", path):
        again = command == "L" and before in {"L", "M"}  # what follows them is a line
        parts.append(("" if again else command) + " " * bool(numbers.split()))
        parts.append(" ".join(numbers.split()))
        before = command
    return "".join(parts)


def colour(value: str) -> str:
    """Colour of the theme that stands for a colour of the figure.

    >>> colour("#000000"), colour("#d55e00"), colour("#808080")
    ('currentColor', '#d55e00', 'var(--figure-grey-50, #808080)')
    """
    red, green, blue = (int(value[i : i + 2], 16) for i in (1, 3, 5))
    if value == BLUE:
        return f"var(--figure-blue, {BLUE})"
    if not red == green == blue:
        return value
    if red in {0, 255}:
        return PAPER if red else INK
    return f"var(--figure-grey-{10 * round(red / 25.5)}, {value})"


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-resolved", inline_figures, priority=900)
    return {"parallel_read_safe": True}
