"""Take out of style sheets and pages what makes no difference to the reader.

The theme alone brings a framework of 400 kB, most of it for components that a book does
not have. A rule stays if every class that it names occurs in a page or in a script.
"""

import re
from pathlib import Path

import tinycss2

# files that come with the theme and that no page asks for
UNUSED = ("vendor/fontawesome/**/*", "scripts/fontawesome.js*", "**/*.map")
# libraries: what of them is used is named below, or by what uses it
LIBRARIES = {"mathjax", "vendor", "bootstrap.js", "fontawesome.js", "clipboard.min.js"}
# what the theme's Bootstrap puts into a page
TOOLTIP = {
    "tooltip",
    "tooltip-inner",
    "tooltip-arrow",
    "bs-tooltip-auto",
    "fade",
    "show",
}
ICON_FONT = "Font Awesome"
# names, spaces and brackets in code have the colour of its other text
PLAIN = re.compile(r'<span class="(?:n|nn|p|w)">([^<]*)</span>')
NESTED = {"media", "supports", "layer"}


def make_lean(app, exception):
    """Rewrite the style sheets of the built book, and remove what is not used."""
    if exception or app.builder.format != "html":
        return
    html = Path(app.outdir)
    for pattern in UNUSED:
        for path in (html / "_static").glob(pattern):
            if path.is_file():
                path.unlink()
    words = set(TOOLTIP)
    for page in html.rglob("*.html"):
        text = PLAIN.sub(r"\1", page.read_text(encoding="utf8"))
        page.write_text(text, encoding="utf8")
        for names in re.findall(r'\bclass="([^"]*)"', text):
            words.update(names.split())
    for script in files(html, "*.js"):
        words.update(re.findall(r"[\w-]+", script.read_text(encoding="utf8")))
    for sheet in files(html, "*.css"):
        rules = parsed(sheet.read_text(encoding="utf8"))
        sheet.write_text(lean(rules, words), encoding="utf8")


def files(html: Path, pattern: str) -> list[Path]:
    """Style sheets or scripts of the book, without those of libraries."""
    found = (html / "_static").rglob(pattern)
    return [path for path in found if not LIBRARIES & set(path.parts)]


def parsed(sheet: str) -> list:
    """Rules of a style sheet."""
    return tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)


def lean(rules, words: set[str]) -> str:
    """Text of the rules that can apply where only these classes occur.

    >>> sheet = "a.b,.c{x:1} .d .b{y:2} @media print{.c{z:3} .d{z:4}}"
    >>> lean(parsed(sheet), {"c", "d"})
    '.c{x:1}@media print{.c{z:3}.d{z:4}}'
    """
    kept = []
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = tinycss2.serialize(rule.prelude).strip()
            wanted = [s for s in split(selectors) if classes(s) <= words]
            if wanted:
                kept.append(f"{','.join(wanted)}{{{tinycss2.serialize(rule.content)}}}")
        elif rule.type == "at-rule" and rule.lower_at_keyword in NESTED:
            inner = tinycss2.parse_rule_list(rule.content, True, True)
            text = lean(inner, words)
            if text:
                prelude = tinycss2.serialize(rule.prelude).strip()
                kept.append(f"@{rule.at_keyword} {prelude}{{{text}}}")
        elif ICON_FONT not in rule.serialize().replace("\\", ""):
            kept.append(rule.serialize())
    return "".join(kept)


def split(selectors: str) -> list[str]:
    """Selectors of a list, parted at the commas outside brackets."""
    return [s.strip() for s in re.split(r",(?![^(\[]*[)\]])", selectors)]


def classes(selector: str) -> set[str]:
    """Classes that an element must have, or have around it, to be selected.

    >>> sorted(classes("div.a > .b:not(.c)")), classes('[class*="x.y"]')
    (['a', 'b'], set())
    """
    bare = re.sub(r"\([^()]*\)|\[[^\]]*\]", "", selector)
    return set(re.findall(r"\.([A-Za-z_][\w-]*)", bare))


def setup(app):
    """Register with Sphinx."""
    app.connect("build-finished", make_lean)
    return {"parallel_read_safe": True}
