"""The text of a page as Markdown that any notebook program shows.

What is written here comes from the *resolved* page: references, citations, numbers and
pasted values are words already. Boxes and exercises become quotations, solutions are
left out, and code cells stay where they stand.
"""

from dataclasses import dataclass

from docutils import nodes

MARKS = {nodes.emphasis: "*", nodes.strong: "**"}
LEFT_OUT = (nodes.comment, nodes.target, nodes.raw, nodes.substitution_definition)
SOLUTION = "solution_node"


@dataclass(frozen=True)
class Cell:
    """A code cell of the page, by its place among all cells of its source."""

    index: int


class PageText:
    """Blocks of a page: pieces of Markdown, and the code cells between them.

    Parameters
    ----------
    numbers
        Numbers of figures, formulas and exercises, by kind and by identifier.
    """

    def __init__(self, numbers: dict[str, dict[str, tuple[int, ...]]]):
        self.numbers = numbers
        self.writers = {
            nodes.section: lambda node, depth: self.children(node, depth + 1),
            nodes.title: lambda node, depth: [f"{'#' * depth} {self.inline(node)}"],
            nodes.math_block: lambda node, _: [self.formula(node)],
            nodes.literal_block: lambda node, _: [f"```\n{node.astext()}\n```"],
            nodes.bullet_list: lambda node, depth: [self.items(node, depth)],
            nodes.enumerated_list: lambda node, depth: [self.items(node, depth)],
            nodes.definition_list_item: self.definition,
            nodes.table: lambda node, _: [self.table(node)],
            nodes.figure: lambda node, _: [self.described_picture(node)],
            nodes.image: lambda node, _: [f"*Picture: {node.get('alt', '')}*"],
            nodes.Admonition: self.box,
            nodes.block_quote: lambda node, depth: [
                quoted(block) for block in self.children(node, depth)
            ],
            nodes.transition: lambda node, _: ["---"],
            nodes.TextElement: lambda node, _: [self.inline(node)],
        }

    def blocks(self, node: nodes.Node, depth: int = 0) -> list[str | Cell]:
        """Blocks of a node, in order."""
        kind = type(node).__name__
        if isinstance(node, LEFT_OUT) or kind == SOLUTION:
            return []
        if node.get("nb_element") == "cell_code":
            return [Cell(int(node["cell_index"])), *self.captions(node)]
        if kind.startswith("exercise"):
            return self.box(node, depth)
        for known, write in self.writers.items():
            if isinstance(node, known):
                return [block for block in write(node, depth) if block]
        return self.children(node, depth)

    def children(self, node, depth) -> list[str | Cell]:
        """Blocks of all children."""
        return [block for child in node.children for block in self.blocks(child, depth)]

    def inline(self, node: nodes.Node) -> str:
        """Words of a paragraph."""
        if isinstance(node, nodes.Text):
            return node.astext().replace("\n", " ")
        if isinstance(node, nodes.math | nodes.literal):
            mark = "$" if isinstance(node, nodes.math) else "`"
            return f"{mark}{node.astext().strip()}{mark}"
        if isinstance(node, nodes.raw | nodes.target | nodes.image):
            return node.get("alt", "")
        text = "".join(self.inline(child) for child in node.children)
        if isinstance(node, nodes.reference) and "://" in node.get("refuri", ""):
            return f"[{text}]({node['refuri']})"
        mark = MARKS.get(type(node), "")
        return f"{mark}{text}{mark}"

    def formula(self, node) -> str:
        """A displayed formula, with its number if it has one."""
        tex = node.astext().strip()
        if node.get("nowrap"):
            return tex
        if r"\\" in tex and not tex.startswith(r"\begin{"):
            tex = rf"\begin{{split}}{tex}\end{{split}}"
        number = self.number("displaymath", node)
        tag = rf"\tag{{{number}}}" if number and node.get("number") else ""
        return f"$$\n{tex}{tag}\n$$"

    def number(self, kind: str, node) -> str:
        """Number of a figure, formula or exercise."""
        known = self.numbers.get(kind, {})
        found = next((known[i] for i in node["ids"] if i in known), ())
        return ".".join(map(str, found))

    def captions(self, cell) -> list[str]:
        """Captions of the figures that a cell draws."""
        return [
            f"*Figure {self.number('figure', figure)}.* {self.inline(caption)}"
            for figure in cell.findall(nodes.figure)
            for caption in figure.findall(nodes.caption)
        ]

    def described_picture(self, figure) -> str:
        """A picture that no cell draws, in words."""
        [image] = figure.findall(nodes.image)
        captions = " ".join(self.inline(c) for c in figure.findall(nodes.caption))
        number = self.number("figure", figure)
        return f"*Figure {number}. Picture: {image.get('alt', '')}* {captions}".strip()

    def items(self, node, depth) -> str:
        """A list."""
        ordered = isinstance(node, nodes.enumerated_list)
        lines = []
        for place, item in enumerate(node.children, start=1):
            mark = f"{place}. " if ordered else "- "
            text = "\n\n".join(b for b in self.children(item, depth) if b)
            lines.append(mark + text.replace("\n", "\n" + " " * len(mark)))
        return "\n".join(lines)

    def definition(self, node, depth) -> list[str | Cell]:
        """A term and what it means."""
        terms = [self.inline(t) for t in node.children if isinstance(t, nodes.term)]
        rest = [c for c in node.children if isinstance(c, nodes.definition)]
        blocks = [b for part in rest for b in self.children(part, depth)]
        return [f"**{', '.join(terms)}**", *blocks]

    def table(self, node) -> str:
        """A table whose cells hold one line each."""
        rows = [
            [" ".join(map(self.inline, entry.children)) for entry in row.children]
            for row in node.findall(nodes.row)
        ]
        rows.insert(1, ["---"] * len(rows[0]))
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)

    def box(self, node, depth) -> list[str | Cell]:
        """An admonition or an exercise."""
        heading = type(node).__name__.capitalize()
        content = list(node.children)
        if content and isinstance(content[0], nodes.title):
            heading = self.inline(content.pop(0)).strip().removeprefix("(")
            heading = heading.removesuffix(")")
        number = self.number("exercise", node)
        if number:
            heading = f"Exercise {number}. {heading}"
        blocks = [b for child in content for b in self.blocks(child, depth)]
        if any(isinstance(b, Cell) for b in blocks):
            return [f"> **{heading}**", *blocks]
        return [quoted("\n\n".join([f"**{heading}**", *blocks]))]


def quoted(block: str | Cell) -> str | Cell:
    """A block as a quotation; code cells stay."""
    if isinstance(block, Cell):
        return block
    return "\n".join(f"> {line}".rstrip() for line in block.split("\n"))
