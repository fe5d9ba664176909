"""Appendix pages made from data: corrections to the sources, and the concordance.

``{corrections} file.yml KEY`` and ``{concordance} file.yml KEY`` print the entries of
one source. Each place that the data names is a cross-reference, so that a place that
does not exist fails the build. A correction must also name its *proof*: a label that
stands right before an executed code cell with an assertion.
"""

from pathlib import Path

import yaml
from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)
CORRECTION = {"where", "says", "correct", "page", "proof"}


class DataDirective(SphinxDirective):
    """A directive that turns the entries of one source into Markdown."""

    required_arguments = 2

    def run(self):
        """Read the data, write Markdown, and let it be parsed in place."""
        name, source = self.arguments
        path = Path(self.env.doc2path(self.env.docname)).parent / name
        self.env.note_dependency(str(path))
        entries = yaml.safe_load(path.read_text(encoding="utf8"))
        chosen = {k: v for k, v in entries.items() if k.startswith(source + "-")}
        return self.parse_text_to_nodes(self.markdown(chosen))


class Corrections(DataDirective):
    """The corrections to one source."""

    def markdown(self, entries) -> str:
        """Write one definition for each correction."""
        lines = []
        for name, entry in entries.items():
            missing = sorted(CORRECTION - set(entry))
            if missing:
                logger.warning(
                    f"correction {name} lacks {', '.join(missing)}",
                    location=self.get_location(),
                )
                continue
            self.env.corrections[name] = (self.env.docname, entry["proof"])
            lines += [
                f"**{name}** ({entry['where']})",
                f": *The text*: {entry['says'].strip()}",
                "",
                f"  *Correct*: {entry['correct'].strip()}",
                "",
                f"  *Proof*: executed on the page {{ref}}`{entry['page']}`, "
                f"in {{ref}}`this cell <{entry['proof']}>`.",
                "",
            ]
        return "\n".join(lines)


class Concordance(DataDirective):
    """Where the items of one source stand in the book."""

    def markdown(self, entries) -> str:
        """Write a table, one row for each item."""
        lines = ["| item | content | place |", "|:--|:--|:--|"]
        for item, entry in entries.items():
            places = ", ".join(reference(label) for label in entry["at"])
            lines.append(f"| {item} | {entry['what']} | {places} |")
        return "\n".join(lines)


def reference(label: str) -> str:
    """Markdown that refers to a label, by its kind."""
    if label.startswith("eq-"):
        return f"{{eq}}`{label}`"
    return f"{{ref}}`{label}`"


def collect_proofs(app, doctree):
    """Remember the labels that stand right before a code cell with an assertion."""
    app.env.proofs.pop(app.env.docname, None)
    found = app.env.proofs.setdefault(app.env.docname, set())
    for target in doctree.findall(nodes.target):
        cell = target.next_node(descend=False, siblings=True, ascend=False)
        while isinstance(cell, nodes.target):
            cell = cell.next_node(descend=False, siblings=True, ascend=False)
        if not (isinstance(cell, nodes.container) and is_executed_check(cell)):
            continue
        found |= {*cell["names"], *cell["ids"], *target["names"], *target["ids"]}


def is_executed_check(cell: nodes.container) -> bool:
    """Whether a node is a code cell that was executed and asserts something."""
    return (
        cell.get("nb_element") == "cell_code"
        and bool(cell.get("exec_count"))
        and any(
            "assert " in source.astext() for source in cell.findall(nodes.literal_block)
        )
    )


def check_proofs(app, env):
    """Warn about corrections without an executed proof."""
    proofs = set().union(*env.proofs.values())
    for name, (docname, label) in env.corrections.items():
        if label not in proofs:
            logger.warning(
                f"correction {name}: the label {label!r} does not stand right before "
                "an executed code cell with an assertion",
                location=docname,
            )


def prepare(app, env, docnames):
    """Give the environment a place for corrections and the labels of proofs."""
    env.proofs, env.corrections = {}, {}


def setup(app):
    """Register with Sphinx."""
    app.add_directive("corrections", Corrections)
    app.add_directive("concordance", Concordance)
    app.connect("env-before-read-docs", prepare)
    app.connect("doctree-read", collect_proofs)
    app.connect("env-check-consistency", check_proofs)
    return {"parallel_read_safe": False}
