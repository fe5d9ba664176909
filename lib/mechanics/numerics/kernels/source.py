"""Source text under construction."""

import sympy as sp


class SourceText:
    """Indented lines of a program, and a printer for its formulas.

    Attributes
    ----------
    lines
        The lines so far.
    depth
        How far the next one is indented.
    printer
        What writes formulas in the language of the program.
    places
        How many random numbers have been asked for: each place draws its own.
    """

    def __init__(self, printer):
        self.lines: list[str] = []
        self.depth = 0
        self.printer = printer
        self.places = 0

    @property
    def source(self) -> str:
        """The whole text."""
        return "\n".join(self.lines) + "\n"

    def line(self, text: str) -> None:
        """Append a line."""
        self.lines.append("    " * self.depth + text)

    def value(self, expression: sp.Expr) -> str:
        """Write a formula."""
        return self.printer.doprint(expression)
