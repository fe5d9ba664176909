"""Symbols of a system: made from names, checked, and stored."""

import re
from collections.abc import Callable, Iterable, Sequence

import sympy as sp


def coordinates(names: str) -> tuple[tuple[sp.Symbol, ...], tuple[sp.Symbol, ...]]:
    r"""Make real symbols for generalized coordinates and their velocities.

    Parameters
    ----------
    names
        Names separated by spaces or commas, ``"r phi"`` or ``"u_0 u_1"``.

    Returns
    -------
    q, v
        Coordinates :math:`q` and velocities :math:`v=\dot q`. The velocity of
        ``u_1`` is called ``udot_1``, so that it prints as :math:`\dot u_1`.

    Examples
    --------
    >>> coordinates("theta u_1")
    ((theta, u_1), (thetadot, udot_1))
    """
    split = [name for name in re.split(r"[\s,]+", names) if name]
    q = tuple(sp.Symbol(name, real=True) for name in split)
    return q, velocities_of(q)


def velocities_of(q: Iterable[sp.Symbol]) -> tuple[sp.Symbol, ...]:
    """Symbols of the velocities that belong to given coordinates."""
    return tuple(decorated(symbol, "dot") for symbol in q)


def decorated(symbol: sp.Symbol, mark: str) -> sp.Symbol:
    """A real symbol with a mark before the index, ``u_1`` to ``udot_1``."""
    base, *rest = symbol.name.split("_")
    return sp.Symbol("_".join([base + mark, *rest]), real=True)


def check_symbols(
    what: str,
    expressions: Sequence[sp.Expr],
    variables: Sequence[sp.Symbol | None],
    params: Sequence[sp.Symbol] = (),
) -> tuple[sp.Symbol, ...]:
    """Return the parameters, inferred where none are given; reject stray symbols.

    Variables that are ``None``, such as the time of an autonomous system, are passed
    over.
    """
    variables = [s for s in variables if s is not None]
    if len(set(variables)) != len(variables):
        repeated = {s for s in variables if variables.count(s) > 1}
        raise ValueError(f"{what}: the symbols {listed(repeated)} appear twice")
    found = set().union(*(e.free_symbols for e in expressions)) - set(variables)
    names = {s.name for s in variables}
    for symbol in sorted(found, key=str):
        if symbol.name in names:
            raise ValueError(
                f"{what}: the symbol {symbol} has the name of a variable but other "
                "assumptions, so derivatives would miss it; use the very symbol that "
                "stands in the list of variables"
            )
    if not (params := tuple(params)):
        return tuple(sorted(found, key=str))
    if stray := found - set(params):
        raise ValueError(
            f"{what} contains {listed(stray)}, which is neither a variable nor "
            "listed in params"
        )
    return params


def reject_foreign(
    what: str,
    expressions: Iterable[sp.Expr],
    allowed: Iterable[sp.Symbol],
    foreign: Iterable[sp.Symbol],
) -> None:
    """Reject expressions that hold variables of the wrong side of a map."""
    for expr in expressions:
        if wrong := expr.free_symbols & set(foreign):
            raise ValueError(
                f"{what} holds {listed(wrong)} in {expr}; it is a function of "
                f"{', '.join(map(str, allowed))} and time"
            )


def listed(symbols: Iterable) -> str:
    """Names in alphabetical order, for messages."""
    return ", ".join(sorted(map(str, symbols)))


def coerce(system, **converters: Callable) -> None:
    """Convert attributes of a frozen dataclass, for its ``__post_init__``."""
    for name, convert in converters.items():
        object.__setattr__(system, name, convert(getattr(system, name)))


def sympified(values: Iterable) -> tuple[sp.Expr, ...]:
    """Sympify one by one."""
    return tuple(sp.sympify(value) for value in values)
