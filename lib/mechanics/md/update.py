"""A thermostat's rule for many atoms: as functions of named arrays and numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import sympy as sp

from mechanics.md import thermostats as symbols
from mechanics.md.thermostats import Rule


@dataclass(frozen=True, eq=False)
class Update:
    """A rule as functions of named values."""

    rule: Rule

    @cached_property
    def needs(self) -> set[str]:
        """Names of all values that the rule contains."""
        return {str(s) for s in self.rule.symbols}

    @property
    def changes_p(self) -> bool:
        """Whether momenta change at all."""
        return self.rule.p != symbols.MOMENTUM

    @cached_property
    def momenta(self) -> Callable[[dict], object]:
        """The new momenta as a function of arrays by name."""
        return _function(self.rule.p, "numpy")

    def variables(self, values: dict) -> dict[str, float]:
        """The thermostat's own variables afterwards."""
        return {str(x): scalar(e)(values) for x, e in self.rule.variables.items()}


@lru_cache(maxsize=256)
def update_by(rule: Rule, variables: tuple[sp.Symbol, ...]) -> Update:
    """Check that a rule contains only what many atoms have."""
    known = {symbols.MOMENTUM, symbols.MASS, symbols.FORCE, symbols.DOF, symbols.TAU}
    known |= {symbols.P2, symbols.FV, symbols.FF, symbols.SHARED, symbols.CHI_SQUARE}
    known |= {*symbols.NOISE, *variables}
    if unknown := rule.symbols - known:
        raise ValueError(
            f"the thermostat contains {', '.join(sorted(map(str, unknown)))}; many "
            "atoms need numbers instead of symbols"
        )
    return Update(rule)


@lru_cache(maxsize=512)
def scalar(expression: sp.Expr) -> Callable[[dict], float]:
    """Compile a formula for numbers by name."""
    return _function(expression, "math")


def _function(expression: sp.Expr, module: str) -> Callable:
    inputs = sorted(expression.free_symbols, key=str)
    function = sp.lambdify(inputs, expression, module, cse=True)
    names = [str(x) for x in inputs]
    return lambda values: function(*[values[name] for name in names])
