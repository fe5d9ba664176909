"""Fail the build on a picture without a description (alt text)."""

from docutils import nodes
from sphinx.util import logging

logger = logging.getLogger(__name__)
SHORTEST = 20


def check_descriptions(app, doctree):
    """Warn, which under -W means fail, for each picture nobody described."""
    for image in doctree.findall(nodes.image):
        if len(image.get("alt", "").strip()) < SHORTEST:
            logger.warning(
                "a picture has no description: give it alt text of at least "
                f"{SHORTEST} characters (in a code cell, mystnb: image: alt)",
                location=image,
                type="alt",
            )


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-read", check_descriptions)
    return {"parallel_read_safe": True}
