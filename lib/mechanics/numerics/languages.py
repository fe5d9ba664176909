"""Expressions as text: NumPy, Numba, CUDA C and JavaScript from the same formulas."""

import math

import sympy as sp
from sympy.printing.c import C99CodePrinter
from sympy.printing.jscode import JavascriptCodePrinter
from sympy.printing.numpy import NumPyPrinter
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.pycode import PythonCodePrinter

from mechanics.numerics.program import is_product


class UnknownFunctionError(ValueError):
    """A formula contains a function that the target has no code for.

    Examples
    --------
    The string of this pendulum has a length l(t) that nobody has said yet:

    >>> from mechanics.models import pendulum_of_varying_length
    >>> from mechanics.numerics import compile_system
    >>> from mechanics.symbolic import legendre
    >>> compile_system(legendre(pendulum_of_varying_length()), {"m": 1, "g": 1})
    Traceback (most recent call last):
        ...
    mechanics.numerics.languages.UnknownFunctionError: the formulas contain l(t), for
    which no code exists; replace it by a formula, as with
    H.subs(...)
    """


class _Products:
    """Print small powers as products and floating-point numbers in full."""

    def _print_Pow(self, expr, **kwargs):
        base, exponent = expr.as_base_exp()
        if is_product(exponent) and (base.is_Atom or isinstance(base, ReciprocalRoot)):
            whole = int(abs(exponent))
            factors = [self.parenthesize(base, PRECEDENCE["Pow"])] * whole
            if abs(exponent) != whole:
                factors.append(self._print(sp.sqrt(base)))
        elif exponent in (-1, -sp.S.Half):
            factors = [self.parenthesize(base**-exponent, PRECEDENCE["Pow"])]
        else:
            return super()._print_Pow(expr, **kwargs)
        product = f"({'*'.join(factors)})"
        return f"(1.0/{product})" if exponent < 0 else product

    def _print_Float(self, expr):
        return repr(float(expr))

    def _print_Pi(self, expr):
        return repr(math.pi)

    def _print_Exp1(self, expr):
        return repr(math.e)

    def _print_Function(self, expr):
        known = getattr(self, "known_functions", {})
        if type(expr).__name__ not in known:
            raise UnknownFunctionError(
                f"the formulas contain {expr}, for which no code exists; replace it by "
                "a formula, as with H.subs(...)"
            )
        return super()._print_Function(expr)

    _print_AppliedUndef = _print_Function
    _print_Derivative = _print_Function


class NumPyText(_Products, NumPyPrinter):
    """Whole arrays."""

    def __init__(self):
        super().__init__({"fully_qualified_modules": True})


class ReciprocalRoot(sp.Function):
    r"""The function :math:`1/\sqrt x`."""

    nargs = 1


def _with_reciprocal_roots(expression: sp.Expr) -> sp.Expr:
    return sp.sympify(expression).replace(
        lambda e: (
            e.is_Pow
            and e.exp.is_Rational
            and e.exp < 0
            and (2 * e.exp).is_Integer is True
            and e.exp.is_Integer is False
        ),
        lambda e: ReciprocalRoot(e.base) ** (-2 * e.exp),
    )


class NumbaText(_Products, PythonCodePrinter):
    """Scalars in the lanes of a compiled kernel.

    Some functions are those of :mod:`mechanics.numerics.elementary`, which vectorize.
    A product and a sum are one operation with one rounding, said explicitly: a compiler
    that is free to choose rounds a scalar loop and a vector loop differently, and a
    trajectory would depend on its company.
    """

    def __init__(self):
        super().__init__({"fully_qualified_modules": True})

    def doprint(self, expr, assign_to=None):
        """Print an expression, powers of reciprocal roots as such."""
        return super().doprint(_with_reciprocal_roots(expr), assign_to)

    def _print_Add(self, expr, order=None):
        factors = [_factors(term) for term in self._as_ordered_terms(expr)]
        plain = [term for (term, *more) in factors if not more]
        products = [product for product in factors if len(product) > 1]
        if plain:
            text = super()._print_Add(sp.Add(*plain, evaluate=False), order)
        else:
            text = self._product(products.pop())
        for *first, last in reversed(products):
            text = f"fma({self._product(first)}, {self._print(last)}, {text})"
        return text

    def _product(self, factors: list[sp.Expr]) -> str:
        return "*".join(self.parenthesize(f, PRECEDENCE["Mul"]) for f in factors)

    def _print_Pow(self, expr, **kwargs):
        if isinstance(expr.base, ReciprocalRoot) and expr.exp == 3:
            return f"rsqrt_cubed({self._print(expr.base.args[0])})"
        return super()._print_Pow(expr, **kwargs)

    def _print_ReciprocalRoot(self, expr):
        return f"rsqrt({self._print(expr.args[0])})"

    def _print_in_lanes(self, expr):
        return f"{type(expr).__name__}({self._print(expr.args[0])})"

    _print_sin = _print_cos = _print_exp = _print_in_lanes

    def _print_tan(self, expr):
        x = self._print(expr.args[0])
        return f"(sin({x})/cos({x}))"

    def _print_Abs(self, expr):
        return f"math.fabs({self._print(expr.args[0])})"


def _factors(term: sp.Expr) -> list[sp.Expr]:
    """Return what a term is the product of; a quotient counts as one factor."""
    number, rest = term.as_coeff_Mul()
    factors: list[sp.Expr] = []
    for factor in sp.Mul.make_args(rest):
        base, exponent = factor.as_base_exp()
        if exponent.is_negative:
            return [term]
        small = exponent.is_Integer and base.is_Symbol
        factors += [base] * int(exponent) if small else [factor]
    if number == -1:
        return [*factors[:-1], -factors[-1]]
    return factors if number == 1 else [number, *factors]


class CudaText(_Products, C99CodePrinter):
    """Scalars in one thread on the GPU, without the names that headers define."""

    def __init__(self):
        super().__init__({"math_macros": {}})

    def doprint(self, expr, assign_to=None):
        """Print an expression, powers of reciprocal roots as such."""
        return super().doprint(_with_reciprocal_roots(expr), assign_to)

    def _print_ReciprocalRoot(self, expr):
        return f"rsqrt({self._print(expr.args[0])})"

    def _print_Integer(self, expr):
        return f"{int(expr)}.0"

    def _print_Rational(self, expr):
        return f"{expr.p}.0/{expr.q}.0"

    def _print_NumberSymbol(self, expr):
        return repr(float(expr))

    def _print_Infinity(self, expr):
        return "(1.0/0.0)"

    def _print_NegativeInfinity(self, expr):
        return "(-1.0/0.0)"

    def _print_NaN(self, expr):
        return "(0.0/0.0)"

    def _print_Pow(self, expr, **kwargs):
        if expr.exp == sp.Rational(1, 3):  # sympy's cbrt has values below zero
            return f"pow({self._print(expr.base)}, {self._print(expr.exp)})"
        return super()._print_Pow(expr, **kwargs)

    def _print_Abs(self, expr):
        return f"fabs({self._print(expr.args[0])})"

    def _print_Piecewise(self, expr):
        text = self._print(sp.nan)
        for value, condition in reversed(expr.args):
            if condition == True:  # noqa: E712 (a symbolic truth)
                text = self._print(value)
            else:
                text = f"({self._print(condition)} ? {self._print(value)} : {text})"
        return f"({text})"


class JavaScriptText(_Products, JavascriptCodePrinter):
    """Scalars in a browser."""

    def _print_NumberSymbol(self, expr):
        return repr(float(expr))

    def _print_Pow(self, expr, **kwargs):
        if expr.exp == sp.Rational(1, 3):  # sympy's cbrt has values below zero
            return f"Math.pow({self._print(expr.base)}, 1/3)"
        return super()._print_Pow(expr, **kwargs)

    def _print_Infinity(self, expr):
        return "Infinity"

    def _print_NegativeInfinity(self, expr):
        return "-Infinity"

    def _print_NaN(self, expr):
        return "NaN"
