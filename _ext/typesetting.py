"""Mathematics on the page: the parts of MathJax that the book needs, with their fonts.

MathJax lies in the package ``sphinx-mathjax-offline``. Its CHTML output is a third of
the size of its SVG output, and needs fonts. A browser may refuse to load a font file
from a disk (Firefox does), so the fonts are put into scripts, as data: one for the
common alphabets, and one for each rare one, which only those pages load that use it.
"""

import base64
import importlib.util
import json
import re
import shutil
from pathlib import Path

from docutils import nodes

PARTS = (
    "startup.js",
    "core.js",
    "input/tex.js",
    "input/tex/extensions/*.js",
    "output/chtml.js",
    "output/chtml/fonts/tex.js",
    "a11y/assistive-mml.js",
)
FONTS = "output/chtml/fonts/woff-v2"
# alphabets that few pages use, and the commands that call for them
RARE = {
    "Fraktur": r"\\(?:math|text)?(?:bf)?frak\b",
    "SansSerif": r"\\(?:math|text)?(?:bf)?sf(?:it)?\b",
    "Script": r"\\(?:math)?(?:bf)?scr\b",
    "Typewriter": r"\\(?:math|text)?tt\b|\\verb\b",
    "Calligraphic-Bold": r"\\(?:boldsymbol|bm|pmb)\b.*\\(?:math)?cal\b|\\mathbfcal\b",
}
UNUSED = "Math-Regular"  # MathJax never asks for it
CONFIG = {
    "loader": {"load": ["core", "input/tex", "output/chtml", "a11y/assistive-mml"]},
    # in a page without MathJax's menu this is what a screen reader reads
    "options": {"enableAssistiveMml": True},
}
# the fonts take the place of files; and a formula that is wider than the page can be
# scrolled with the keyboard
USE_FONTS = """
(() => {
  const url = /url\\("%%URL%%\\/(.*?)"\\)/;
  const data = (window.mathFonts ??= {});
  const letKeysScroll = () => {
    for (const box of document.querySelectorAll('mjx-container[display="true"]'))
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
  };
  addEventListener("resize", letKeysScroll);
  MathJax.startup = {
    ready() {
      const { TeXFont } = MathJax._.output.chtml.fonts.tex_ts;
      for (const face of Object.values(TeXFont.defaultFonts))
        face.src = face.src?.replace(url, (all, name) =>
          data[name] ? `url("data:font/woff;base64,${data[name]}")` : all);
      MathJax.startup.defaultReady();
      MathJax.startup.promise.then(letKeysScroll);
    },
  };
})();
"""


def package() -> Path:
    """Where MathJax lies."""
    [folder] = importlib.util.find_spec(
        "sphinx-mathjax-offline"
    ).submodule_search_locations
    return Path(folder) / "static" / "mathjax"


def configure(app, config):
    """Let Sphinx ask for these parts of MathJax."""
    config.mathjax_path = "mathjax/startup.js"
    given = config.mathjax3_config or {}
    options = CONFIG["options"] | given.get("options", {})
    config.mathjax3_config = given | CONFIG | {"options": options}


def add_fonts(app, pagename, templatename, context, doctree):
    """Load the fonts before MathJax, and neither on a page without formulas."""
    written = [] if doctree is None else formulas(doctree)
    if not written:
        scripts = context["script_files"]
        scripts[:] = [s for s in scripts if not is_mathjax(s)]
        return
    for alphabet, commands in RARE.items():
        if any(re.search(commands, tex) for tex in written):
            name = f"mathjax/fonts_{alphabet}.js"
            app.add_js_file(name, loading_method="defer", priority=400)
    app.add_js_file("mathjax/fonts.js", loading_method="defer", priority=401)


def is_mathjax(script) -> bool:
    """Whether a script of a page is MathJax or its configuration."""
    return "mathjax" in str(script.filename) or "window.MathJax" in str(
        script.attributes.get("body")
    )


def formulas(doctree) -> list[str]:
    """The formulas of a page, in TeX."""
    found = doctree.findall(lambda n: isinstance(n, nodes.math | nodes.math_block))
    return [node.astext() for node in found]


def write_parts(app, exception):
    """Copy the parts and write the fonts."""
    if exception or app.builder.format != "html":
        return
    source, goal = package(), Path(app.outdir) / "_static" / "mathjax"
    for path in (p for pattern in PARTS for p in source.glob(pattern)):
        copy = goal / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    fonts = {alphabet: {} for alphabet in ("", *RARE)}
    for path in sorted((source / FONTS).glob("*.woff")):
        face = path.stem.removeprefix("MathJax_")
        if face != UNUSED:
            alphabet = next((a for a in RARE if face.startswith(a)), "")
            data = base64.b64encode(path.read_bytes()).decode()
            fonts[alphabet][path.name] = data
    (goal / "fonts.js").write_text(script(fonts.pop("")) + USE_FONTS, encoding="utf8")
    for alphabet, faces in fonts.items():
        (goal / f"fonts_{alphabet}.js").write_text(script(faces), encoding="utf8")


def script(fonts: dict[str, str]) -> str:
    """A script that knows the fonts."""
    return f"window.mathFonts = {{ ...window.mathFonts, ...{json.dumps(fonts)} }};\n"


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", configure, priority=900)
    app.connect("html-page-context", add_fonts, priority=900)
    app.connect("build-finished", write_parts)
    return {"parallel_read_safe": True}
