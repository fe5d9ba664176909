"""Answers as data: what crosses the wall between a student's code and the checks.

An answer is packed as JSON and unpacked as a *new* object of the same value, made by
the reader's own classes. No code crosses: neither pickles nor text to evaluate. So a
student's process can send a wrong value, but never a changed class or a function that
runs in the reader's process. The same holds for arguments, which go the other way.

What can cross: numbers, text, lists, tuples, dictionaries, NumPy arrays of numbers,
SymPy expressions and matrices, Matplotlib figures (their curves and labels), and
functions, which stay where they are and are called from afar.
"""

import base64
import io
import math
from collections.abc import Callable

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

DEPTH = 200
LARGEST_NUMBER = 20_000  # in bits
CONSTANTS = {"pi": sp.pi, "E": sp.E, "I": sp.I, "oo": sp.oo, "-oo": -sp.oo}
HEADS = {
    head.__name__: head
    for head in (
        *(sp.Add, sp.Mul, sp.Pow, sp.Abs, sp.sign, sp.Min, sp.Max, sp.Tuple),
        *(sp.sin, sp.cos, sp.tan, sp.cot, sp.sec, sp.csc, sp.sinc),
        *(sp.asin, sp.acos, sp.atan, sp.acot, sp.atan2),
        *(sp.sinh, sp.cosh, sp.tanh, sp.coth, sp.asinh, sp.acosh, sp.atanh),
        *(sp.exp, sp.log, sp.LambertW, sp.erf, sp.gamma, sp.factorial),
        *(sp.elliptic_k, sp.elliptic_e, sp.elliptic_f, sp.besselj, sp.bessely),
        *(sp.conjugate, sp.re, sp.im, sp.arg, sp.Heaviside, sp.DiracDelta),
        *(sp.Eq, sp.Ne, sp.Lt, sp.Le, sp.Gt, sp.Ge, sp.And, sp.Or, sp.Not),
        *(sp.Derivative, sp.Integral, sp.Subs, sp.Piecewise, sp.Sum),
        *(sp.functions.elementary.piecewise.ExprCondPair,),
    )
}
ASSUMPTIONS = frozenset(
    {"real", "positive", "negative", "nonnegative", "nonpositive", "nonzero"}
    | {"integer", "even", "odd", "complex", "finite", "imaginary", "extended_real"}
)


class CannotCrossError(TypeError):
    """A value of a kind that is no answer, or data that do not describe one."""


def pack(value, share: Callable[[Callable], int] | None = None):  # noqa: PLR0911
    """Describe a value by what JSON can say.

    Parameters
    ----------
    value
        The value.
    share
        Called with a function that is met, returns the number by which the other side
        calls it. Left out, functions are refused.

    Raises
    ------
    CannotCrossError
        If the value, or a part of it, is of no kind that can cross.
    """
    match value:
        case None | bool() | str():
            return value
        case int():
            return {"int": str(value)}
        case float():
            return {"float": value.hex()}
        case complex():
            return {"complex": [value.real.hex(), value.imag.hex()]}
        case list() | tuple() | set() | frozenset():
            kind = "tuple" if isinstance(value, tuple) else "list"
            return {kind: [pack(item, share) for item in value]}
        case dict():
            pairs = [[pack(k, share), pack(v, share)] for k, v in value.items()]
            return {"dict": pairs}
        case np.ndarray() | np.generic():
            return _pack_array(value)
        case sp.MatrixBase():
            entries = [_pack_expression(entry) for entry in value]
            return {"matrix": [*value.shape, entries]}
        case sp.Basic():
            return {"sympy": _pack_expression(value)}
    if _is_figure(value):
        return {"figure": [_pack_axes(axes, share) for axes in value.axes]}
    if callable(value) and share and not isinstance(value, type):
        return {"function": share(value)}
    raise CannotCrossError(
        f"an answer cannot be a {type(value).__name__}: give a number, an array, an "
        "expression, a figure or a function"
    )


def unpack(data, call: Callable[[int, tuple, dict], object] | None = None):  # noqa: PLR0911
    """Make a value from its description; functions become calls through ``call``."""
    match data:
        case None | bool() | str():
            return data
        case {"int": str(digits)}:
            return int(digits)
        case {"float": str(text)}:
            return float.fromhex(text)
        case {"complex": [str(real), str(imag)]}:
            return complex(float.fromhex(real), float.fromhex(imag))
        case {"list": list(items)}:
            return [unpack(item, call) for item in items]
        case {"tuple": list(items)}:
            return tuple(unpack(item, call) for item in items)
        case {"dict": list(pairs)}:
            return {unpack(key, call): unpack(item, call) for key, item in pairs}
        case {"array": str(text)}:
            file = io.BytesIO(base64.b64decode(text))
            return np.load(file, allow_pickle=False)[()]
        case {"matrix": [int(rows), int(columns), list(entries)]}:
            return sp.Matrix(rows, columns, [_unpack_expression(e) for e in entries])
        case {"sympy": expression}:
            return _unpack_expression(expression)
        case {"figure": list(all_axes)}:
            return _unpack_figure([[unpack(part) for part in a] for a in all_axes])
        case {"function": int(number)} if call:
            return lambda *args, **kwargs: call(number, args, kwargs)
    raise CannotCrossError("the answer's description is damaged")


def _pack_array(value) -> dict:
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        if array.dtype.kind == "O":  # of expressions, as sympy.lambdify may give
            return pack(array.tolist())
        raise CannotCrossError(f"an array of {array.dtype} is no answer; use numbers")
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return {"array": base64.b64encode(file.getvalue()).decode()}


def _pack_expression(expr, depth: int = 0):
    if depth > DEPTH:
        raise CannotCrossError(f"an expression is nested more than {DEPTH} deep")
    for name, constant in CONSTANTS.items():
        if expr is constant:
            return name
    match expr:
        case sp.Rational():
            return {"rational": [str(expr.p), str(expr.q)]}
        case sp.Float():
            return {"real": [str(expr), expr._prec]}
        case sp.Symbol():
            facts = expr._assumptions_orig
            facts = {k: v for k, v in facts.items() if k in ASSUMPTIONS}
            return {"symbol": [expr.name, facts, isinstance(expr, sp.Dummy)]}
        case BooleanTrue() | BooleanFalse():
            return bool(expr)
    head = type(expr).__name__
    if isinstance(expr, AppliedUndef):
        head = {"unknown": head}
    elif head not in HEADS:
        raise CannotCrossError(f"an answer cannot contain {head}: {str(expr)[:80]}")
    return [head, *(_pack_expression(arg, depth + 1) for arg in expr.args)]


def _unpack_expression(data):  # noqa: PLR0911
    match data:
        case bool():
            return sp.true if data else sp.false
        case str() if data in CONSTANTS:
            return CONSTANTS[data]
        case {"rational": [str(p), str(q)]}:
            return sp.Rational(int(p), int(q))
        case {"real": [str(text), int(precision)]} if 0 < precision < 10_000:
            return sp.Float(text, precision=precision)
        case {"symbol": [str(name), dict(facts), bool(dummy)]}:
            if not all(f in ASSUMPTIONS and isinstance(facts[f], bool) for f in facts):
                raise CannotCrossError(f"the symbol {name[:40]} claims unknown facts")
            return (sp.Dummy if dummy else sp.Symbol)(name, **facts)
        case [str(head), *args] if head in HEADS:
            args = [_unpack_expression(arg) for arg in args]
            _refuse_giants(head, args)
            return HEADS[head](*args)
        case [{"unknown": str(head)}, *args]:
            return UndefinedFunction(head)(*(_unpack_expression(a) for a in args))
    raise CannotCrossError("the expression's description is damaged")


def _refuse_giants(head: str, args: list) -> None:
    """SymPy evaluates powers and factorials of integers at once, however large."""
    match args:
        case [sp.Rational(p=p, q=q), sp.Integer(p=n)] if head == "Pow":
            size = abs(n) * max(abs(p), q).bit_length()
        case [sp.Integer(p=n)]:
            size = abs(n) if head in ("factorial", "gamma") else 0
        case _:
            return
    if size > LARGEST_NUMBER:
        raise CannotCrossError("an answer contains a number of too many digits")


def _is_figure(value) -> bool:
    from matplotlib.figure import Figure

    return isinstance(value, Figure)


def _pack_axes(axes, share) -> list:
    """What a picture shows: title, labels, scales, limits and the curves' data."""
    words = [axes.get_title(), axes.get_xlabel(), axes.get_ylabel()]
    scales = [axes.get_xscale(), axes.get_yscale()]
    limits = [float(end) for end in (*axes.get_xlim(), *axes.get_ylim())]
    curves = [
        [
            np.asarray(line.get_xdata(), dtype=float),
            np.asarray(line.get_ydata(), dtype=float),
            str(line.get_label()),
        ]
        for line in axes.get_lines()
    ]
    dots = [np.asarray(cloud.get_offsets(), float) for cloud in axes.collections]
    return [pack(part) for part in (words, scales, limits, curves, dots)]


def _unpack_figure(all_axes):
    """Draw a figure anew from the data; the object is the reader's own."""
    from matplotlib.figure import Figure

    figure = Figure()
    for words, scales, limits, curves, dots in all_axes:
        axes = figure.add_subplot()
        axes.set(title=words[0], xlabel=words[1], ylabel=words[2])
        for x, y, label in curves:
            axes.plot(x, y, label=label)
        for points in dots:
            if len(points):
                axes.scatter(*np.reshape(points, (-1, 2)).T)
        if not all(map(math.isfinite, limits)):
            raise CannotCrossError("the figure's limits are not numbers")
        axes.set(xscale=scales[0], yscale=scales[1])
        axes.set(xlim=limits[:2], ylim=limits[2:])
    return figure
