"""The library reference, made from the docstrings of what each package exports.

``{library} mechanics.symbolic lagrangian`` documents those names of
``mechanics.symbolic`` that are defined in its module ``lagrangian``.
"""

import ast
import importlib
import inspect
from pathlib import Path
from textwrap import shorten

from sphinx.util.docutils import SphinxDirective


class Library(SphinxDirective):
    """Docstrings of the public names of one module."""

    required_arguments = 2

    def run(self):
        """Write autodoc directives and let them be parsed in place."""
        package, name = self.arguments
        module = importlib.import_module(f"{package}.{name}")
        self.env.note_dependency(module.__file__)
        exported = importlib.import_module(package).__all__
        lines = ["```{eval-rst}"]
        for public in public_names(module, exported):
            lines += entry(f"{package}.{public}", getattr(module, public))
        return self.parse_text_to_nodes("\n".join([*lines, "```"]))


def public_names(module, exported: list[str]) -> list[str]:
    """Exported names that a module defines, in the order of their definition."""
    names = []
    for node in ast.parse(Path(module.__file__).read_text("utf8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign):
            names += [t.id for t in node.targets if isinstance(t, ast.Name)]
    return [name for name in names if name in exported]


def entry(name: str, member) -> list[str]:
    """The directive that describes a class, an exception, a function or a constant."""
    if inspect.isfunction(member):
        return [f".. autofunction:: {name}", ""]
    if not inspect.isclass(member):
        value = shorten(repr(member), width=100, placeholder=" ...")
        return [
            f".. py:data:: {name}",
            "   :no-contents-entry:",
            "",
            f"   ``{value}``",
            "",
        ]
    if issubclass(member, Exception):
        return [f".. autoexception:: {name}", ""]
    return [f".. autoclass:: {name}", "   :members:", ""]


def setup(app):
    """Register with Sphinx."""
    app.add_directive("library", Library)
    return {"parallel_read_safe": True}
