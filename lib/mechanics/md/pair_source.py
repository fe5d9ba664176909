"""A pair potential written for compiled loops over pairs of atoms."""

from functools import lru_cache

import sympy as sp

from mechanics.numerics.languages import CudaText, NumbaText
from mechanics.numerics.program import Program
from mechanics.potentials import PairPotential
from mechanics.potentials.pair import R

SQUARE = sp.Symbol("s", positive=True)  # of the distance
INVERSE = sp.Symbol("w", positive=True)  # of that square


@lru_cache(maxsize=64)
def pair_program(potential: PairPotential) -> Program:
    r"""Return :math:`\phi` and :math:`-\phi'/r` as a function of :math:`s=r^2`.

    Even powers of the distance need no square root, and negative ones share a single
    division, :math:`w=1/s`.
    """
    phi = potential.formula
    both = [phi, -sp.diff(phi, R) / R]
    both = [_in_squares(sp.expand(e).subs(R, sp.sqrt(SQUARE))) for e in both]
    return Program.of((SQUARE, INVERSE), both)


@lru_cache(maxsize=64)
def pair_source(potential: PairPotential) -> str:
    """Return the Python source of ``pair(s)`` for Numba."""
    program, text = pair_program(potential), NumbaText()
    lines = [f"def pair({SQUARE}):", f"    {INVERSE} = 1.0 / {SQUARE}"]
    for statement in program.assignments:
        lines.append(f"    {statement.target} = {text.doprint(statement.value)}")
    lines.append(f"    return {', '.join(map(text.doprint, program.outputs))}")
    return "\n".join(lines) + "\n"


@lru_cache(maxsize=64)
def device_pair_source(potential: PairPotential) -> str:
    """Return the CUDA C source of ``pair(s, &phi, &push)``."""
    program, text = pair_program(potential), CudaText()
    lines = [f"const double {INVERSE} = 1.0 / {SQUARE};"]
    for statement in program.assignments:
        value = text.doprint(statement.value)
        lines.append(f"const double {statement.target} = {value};")
    for name, value in zip(("phi", "push"), program.outputs, strict=True):
        lines.append(f"*{name} = {text.doprint(value)};")
    body = "".join(f"    {line}\n" for line in lines)
    head = f"__device__ void pair(double {SQUARE}, double *phi, double *push)"
    return f"{head}\n{{\n{body}}}\n"


def _in_squares(expression: sp.Expr) -> sp.Expr:
    """Write negative powers of s as powers of w, in Horner's form if possible."""

    def inverted(power):
        whole, half = divmod(-power.exp, 1)
        return INVERSE**whole * (INVERSE * sp.sqrt(SQUARE) if half else 1)

    expression = expression.replace(
        lambda e: e.is_Pow and e.base == SQUARE and e.exp.is_Rational and e.exp < 0,
        inverted,
    )
    if expression.is_polynomial(INVERSE) and expression.free_symbols == {INVERSE}:
        return sp.horner(expression, INVERSE)
    return expression
