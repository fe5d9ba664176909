"""Serve the player of live figures from one file, to the pages that need it.

Every output with a live figure carries the player and its style, so that it works in a
notebook. In the book they are taken out, and a page with live figures links the two
files once; all other pages load nothing.
"""

from pathlib import Path

from mechanics.figures.live.page import PLAYER, SHARED, STYLE_SHEET

FOLDER = "mechanics"


def copy_player(app):
    """Put the player where pages find it."""
    if app.builder.format == "html":
        folder = Path(app.outdir) / "_static" / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        for file in (PLAYER, STYLE_SHEET):
            (folder / file.name).write_text(file.read_text("utf8"), "utf8")


def link_player(app, pagename, templatename, context, doctree):
    """Replace the copies on a page by links."""
    body, figures = SHARED.subn("", context.get("body", ""))
    if figures:
        context["body"] = body
        app.add_css_file(f"{FOLDER}/{STYLE_SHEET.name}")
        app.add_js_file(f"{FOLDER}/{PLAYER.name}", loading_method="defer")


def setup(app):
    """Register with Sphinx."""
    app.connect("builder-inited", copy_player)
    app.connect("html-page-context", link_player)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
