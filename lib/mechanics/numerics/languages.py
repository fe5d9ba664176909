"""Expressions as text: NumPy, Numba and CUDA C from the same formulas."""

import math

import sympy as sp
from sympy.printing.c import C99CodePrinter
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
        if is_product(exponent) and base.is_Atom:
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


class NumbaText(_Products, PythonCodePrinter):
    """Scalars in the lanes of a compiled kernel.

    Sine, cosine and exponential are those of :mod:`mechanics.numerics.elementary`,
    which vectorize.
    """

    _in_lanes = ("sin", "cos", "exp")

    def __init__(self):
        super().__init__({"fully_qualified_modules": True})
        for name in self._in_lanes:
            self.known_functions[name] = name

    def _print_known_function(self, expr):
        return f"{type(expr).__name__}({self._print(expr.args[0])})"

    _print_sin = _print_cos = _print_exp = _print_known_function

    def _print_tan(self, expr):
        x = self._print(expr.args[0])
        return f"(sin({x})/cos({x}))"

    def _print_Abs(self, expr):
        return f"math.fabs({self._print(expr.args[0])})"


class CudaText(_Products, C99CodePrinter):
    """Scalars in one thread on the GPU."""

    def _print_Rational(self, expr):
        return f"{expr.p}.0/{expr.q}.0"
