"""Straight-line programs: formulas in the order in which a machine evaluates them.

Every kernel, on whatever machine, is printed from these few kinds of statements. The
formulas come from SymPy; common subexpressions are found once, linear systems are
written out, and powers become products.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

import sympy as sp


@dataclass(frozen=True)
class Assign:
    """The statement ``target = value``; a target may be assigned more than once."""

    target: sp.Symbol
    value: sp.Expr


@dataclass(frozen=True)
class FixedPoint:
    r"""Iterate :math:`x\leftarrow g(x)` until rounding errors alone change it.

    A trajectory has arrived when the change no longer becomes smaller from one pair of
    iterations to the next and is below :math:`10^{-9}\max|x|+10^{-14}\max|s|`; from
    then on it is left alone, whatever its neighbours in the ensemble do.

    Attributes
    ----------
    unknowns
        The symbols :math:`x`; they hold the result afterwards.
    start
        First guesses.
    body
        Assignments that prepare :math:`g`.
    new
        The expressions :math:`g(x)`.
    scales
        The expressions :math:`s`: magnitudes whose rounding errors reach :math:`x`.
    """

    unknowns: tuple[sp.Symbol, ...]
    start: tuple[sp.Expr, ...]
    body: tuple[Assign, ...]
    new: tuple[sp.Expr, ...]
    scales: tuple[sp.Expr, ...]


@dataclass(frozen=True)
class Noise:
    """Draw two independent standard normal numbers."""

    targets: tuple[sp.Symbol, sp.Symbol]


Statement = Assign | FixedPoint | Noise


@dataclass(frozen=True, eq=False)
class Program:
    r"""A function :math:`y=f(x)` as assignments and the expressions of its results.

    Attributes
    ----------
    inputs
        The symbols :math:`x`.
    assignments
        What is computed first; each target is assigned once.
    outputs
        The expressions :math:`y`.

    Examples
    --------
    The sine is evaluated once, and no power is left:

    >>> x, y = sp.symbols("x y", real=True)
    >>> program = Program.of((x, y), [sp.sin(x - y) * x, sp.sin(x - y) * y])
    >>> program.assignments, program.outputs
    ((Assign(target=t_0, value=sin(x - y)),), (t_0*x, t_0*y))
    """

    inputs: tuple[sp.Symbol, ...]
    assignments: tuple[Assign, ...]
    outputs: tuple[sp.Expr, ...]

    @classmethod
    def of(
        cls, inputs: Sequence[sp.Symbol], expressions: Iterable[sp.Expr]
    ) -> "Program":
        """Share common subexpressions of the given expressions."""
        block = Block()
        outputs = block.share(expressions)
        return cls(tuple(inputs), tuple(block.statements), outputs)


@dataclass
class Block:
    """Statements under construction.

    Attributes
    ----------
    statements
        The statements so far.
    letter
        With which the names begin that it gives.
    """

    statements: list[Statement] = field(default_factory=list)
    letter: str = "t"
    _numbers: Iterable[int] = field(default_factory=count)

    def symbol(self) -> sp.Symbol:
        """Return a name that this block has not used yet."""
        return sp.Symbol(f"{self.letter}_{next(self._numbers)}", real=True)

    def let(self, value: sp.Expr) -> sp.Expr:
        """Give a value a name; symbols and numbers keep their own."""
        if value.is_Atom:
            return value
        name = self.symbol()
        self.statements.append(Assign(name, value))
        return name

    def set(self, changes: Mapping[sp.Symbol, sp.Expr]) -> None:
        """Change variables, all at the same time."""
        values = self.share(changes.values())
        read = {s for value in values for s in value.free_symbols}
        if len(values) > 1 and read & set(changes):
            values = [self.let(value) for value in values]
        for variable, value in zip(changes, values, strict=True):
            self.statements.append(Assign(variable, value))

    def share(self, expressions: Iterable[sp.Expr]) -> tuple[sp.Expr, ...]:
        """Evaluate expressions, what they have in common once."""
        expressions = [in_elementary_functions(sp.sympify(e)) for e in expressions]
        shared, reduced = sp.cse(
            expressions, symbols=iter(self.symbol, None), order="none"
        )
        begin = len(self.statements)  # before it a variable may have had another value
        for name, value in shared:
            self.statements.append(Assign(name, self._without_powers(value, begin)))
        return tuple(self._without_powers(value, begin) for value in reduced)

    def call(self, program: Program, arguments: Sequence[sp.Expr]) -> tuple:
        """Insert a program; return its results at the given arguments."""
        where = {
            symbol: self.let(sp.sympify(value))
            for symbol, value in zip(program.inputs, arguments, strict=True)
        }
        for statement in program.assignments:
            name = self.symbol()
            value = statement.value.xreplace(where)
            where[statement.target] = name
            self.statements.append(Assign(name, value))
        return tuple(value.xreplace(where) for value in program.outputs)

    def solve(self, matrix: sp.Matrix, right: sp.Matrix) -> sp.Matrix:
        r"""Solve :math:`Ax=b` for a positive definite :math:`A`, written out.

        Of the order of :math:`n^3/6` statements. ``right`` may have several columns.
        """
        return self.substitute(*self.factor(matrix), right)

    def factor(self, matrix: sp.Matrix) -> tuple[sp.Matrix, list[sp.Expr]]:
        r"""Write a positive definite :math:`A` as :math:`LDL^{\mathsf T}`.

        No square roots, one division for each row, and no work where :math:`L`
        vanishes. Returns :math:`L` and the reciprocal diagonal of :math:`D`.
        """
        n = matrix.rows
        L, D, reciprocal = sp.eye(n), [sp.S.Zero] * n, [sp.S.Zero] * n
        for j in range(n):
            scaled = [self.let(L[j, k] * D[k]) for k in range(j)]
            D[j] = self.let(matrix[j, j] - sum(L[j, k] * scaled[k] for k in range(j)))
            reciprocal[j] = self.let(1 / D[j])
            for i in range(j + 1, n):
                rest = matrix[i, j] - sum(L[i, k] * scaled[k] for k in range(j))
                L[i, j] = self.let(rest * reciprocal[j])
        return L, reciprocal

    def substitute(
        self, L: sp.Matrix, reciprocal: Sequence[sp.Expr], right: sp.Matrix
    ) -> sp.Matrix:
        r"""Solve :math:`LDL^{\mathsf T}x=b` by forward and backward substitution."""
        n = L.rows
        x = sp.zeros(n, right.cols)
        for column in range(right.cols):
            y: list[sp.Expr] = []
            for i in range(n):
                known = sum(L[i, k] * y[k] for k in range(i))
                y.append(self.let(right[i, column] - known))
            for i in reversed(range(n)):
                known = sum(L[k, i] * x[k, column] for k in range(i + 1, n))
                x[i, column] = self.let(y[i] * reciprocal[i] - known)
        return x

    def iterate(
        self,
        unknowns: Sequence[sp.Symbol],
        start: Sequence[sp.Expr],
        scales: Sequence[sp.Expr],
        body: "Block",
        new: Sequence[sp.Expr],
    ) -> None:
        """Insert a fixed-point iteration; ``body`` comes from :meth:`inner`."""
        self.statements.append(
            FixedPoint(
                tuple(unknowns),
                tuple(map(sp.sympify, start)),
                tuple(body.statements),
                tuple(map(sp.sympify, new)),
                tuple(map(sp.sympify, scales)),
            )
        )

    def inner(self) -> "Block":
        """Return an empty block whose names do not collide with this one's."""
        return Block(letter=self.letter, _numbers=self._numbers)

    def _without_powers(self, expression: sp.Expr, begin: int) -> sp.Expr:
        """Name the base of every power that is printed as a product."""
        return expression.replace(
            lambda e: e.is_Pow and is_product(e.exp) and not e.base.is_Atom,
            lambda e: sp.Pow(self._named_base(e.base, begin), e.exp),
        )

    def _named_base(self, base: sp.Expr, begin: int) -> sp.Expr:
        for statement in self.statements[begin:]:
            if statement.value == base:
                return statement.target
        return self.let(base)


_REWRITTEN = {
    sp.sec: lambda x: 1 / sp.cos(x),
    sp.csc: lambda x: 1 / sp.sin(x),
    sp.cot: lambda x: sp.cos(x) / sp.sin(x),
    sp.sinc: lambda x: sp.Piecewise((sp.sin(x) / x, sp.Ne(x, 0)), (1, True)),
    sp.Heaviside: lambda x, *_: sp.Piecewise(
        (0, x < 0), (sp.Rational(1, 2), sp.Eq(x, 0)), (1, True)
    ),
    sp.Mod: lambda x, y: x - y * sp.floor(x / y),
}


def in_elementary_functions(expression: sp.Expr) -> sp.Expr:
    """Replace functions that some machine has no name for."""
    for function, formula in _REWRITTEN.items():
        expression = expression.replace(function, formula)
    return expression


def is_product(exponent: sp.Expr) -> bool:
    """Whether a power is worth writing as a product, with a square root perhaps."""
    twice = 2 * exponent
    return bool(twice.is_Integer and 2 < abs(twice) <= 32)
