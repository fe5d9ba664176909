"""What stands around the text of a page: templates, icons, and facts about the page.

Every page gets a description, the first sentences of its text. If the public address
of the book is known (``html: baseurl`` in ``_config.yml``), a link to a page also
unfolds into a card with title, description and picture where people share it.
"""

import re
from pathlib import Path
from textwrap import shorten
from urllib.parse import urljoin

from docutils import nodes

TEMPLATES = Path(__file__).parent / "templates"
PICTURE = "_static/shared_picture.png"
LONGEST = 200
# roles that docutils gives to a bibliography and that do not fit together
MISLEADING = re.compile(r' role="(?:doc-biblioentry|list)"(?= class="citation|>)')


def use_templates(app, config):
    """Let the templates of the book come before those of the theme."""
    config.templates_path.insert(0, str(TEMPLATES))


def describe_page(app, pagename, templatename, context, doctree):
    """Say what a page is about, and leave out the scripts that it does not need."""
    context["without_scripts"] = without_scripts
    if "body" in context:
        context["body"] = MISLEADING.sub("", context["body"])
    scripts = context["script_files"]
    scripts[:] = [s for s in scripts if not is_widget_state(s)]
    about = description(doctree) if doctree else ""
    context["page_facts"] = [("description", about)] if about else []
    context["shared_facts"] = []
    address = app.config.html_baseurl
    if address and about:
        address = address.rstrip("/") + "/"
        context["shared_facts"] = [
            ("og:type", "article"),
            ("og:site_name", app.config.html_title),
            ("og:title", re.sub("<.*?>", "", context["title"])),
            ("og:description", about),
            ("og:url", urljoin(address, app.builder.get_target_uri(pagename))),
            ("og:image", urljoin(address, PICTURE)),
            ("og:image:alt", "Phase portrait of the pendulum with its separatrix"),
        ]


def without_scripts(markup: str, name: str) -> str:
    """Markup without the scripts whose address contains a name.

    >>> without_scripts('<script src="a.js"></script><script src="b.js"></script>', "a")
    '<script src="b.js"></script>'
    """
    return re.sub(rf'<script[^>]*src="[^"]*{name}[^"]*"[^>]*></script>', "", markup)


def is_widget_state(script) -> bool:
    """Whether a script is data for widgets, which nothing in the page reads."""
    return "jupyter.widget-state" in str(script.attributes.get("type"))


def description(doctree) -> str:
    """First sentences of a page outside boxes, code and formulas."""
    outside = nodes.Admonition | nodes.literal_block | nodes.caption | nodes.figure
    texts = []
    for paragraph in doctree.findall(nodes.paragraph):
        parents = [paragraph.parent]
        while parents[-1].parent is not None:
            parents.append(parents[-1].parent)
        if not any(isinstance(parent, outside) for parent in parents):
            texts.append(" ".join(paragraph.astext().split()))
        if sum(map(len, texts)) > LONGEST:
            break
    return shorten(" ".join(texts), LONGEST, placeholder=" …")


def draw_shared_picture(app, exception):
    """Draw the picture of the card, which has to be a PNG of 1200 by 630."""
    if exception or not app.config.html_baseurl or app.builder.format != "html":
        return
    import numpy as np
    from matplotlib.figure import Figure

    from mechanics.figures import COLOURS

    figure = Figure(figsize=(12, 6.3), dpi=100)
    axes = figure.add_axes((0, 0, 1, 0.72))
    theta, p = np.meshgrid(np.linspace(-7.5, 7.5, 400), np.linspace(-2.9, 2.9, 200))
    energy = p**2 / 2 - np.cos(theta)
    look = {"linestyles": "solid", "linewidths": 2}
    levels = [-0.9, -0.6, -0.2, 0.2, 0.6, 1.4, 2, 2.8, 3.6]
    axes.contour(theta, p, energy, levels, colors=COLOURS["blue"], **look)
    axes.contour(theta, p, energy, [1], colors=COLOURS["vermillion"], **look)
    axes.axis("off")
    figure.text(0.5, 0.83, app.config.html_title, ha="center", fontsize=42)
    path = Path(app.outdir) / PICTURE
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path)


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", use_templates, priority=100)
    app.connect("html-page-context", describe_page, priority=900)
    app.connect("build-finished", draw_shared_picture)
    return {"parallel_read_safe": True}
