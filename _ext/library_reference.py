"""The library reference, made from the docstrings of what each package exports.

``{library} mechanics.symbolic lagrangian`` documents those names of
``mechanics.symbolic`` that are defined in its module ``lagrangian``.
"""

import ast
import importlib
import inspect
from pathlib import Path

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
            kind = directive(getattr(module, public))
            lines += [f".. {kind}:: {package}.{public}"]
            lines += ["   :members:", ""] if kind == "autoclass" else [""]
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


def directive(member) -> str:
    """The autodoc directive that suits a member."""
    if inspect.isclass(member):
        return "autoexception" if issubclass(member, Exception) else "autoclass"
    return "autofunction" if inspect.isfunction(member) else "autodata"


def setup(app):
    """Register with Sphinx."""
    app.add_directive("library", Library)
    return {"parallel_read_safe": True}
