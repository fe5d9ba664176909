"""Equations of motion as programs: the one form that every method and machine uses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from mechanics.numerics.program import Program

TIME = sp.Symbol("t", real=True)  # at the beginning of a step, or where f is evaluated
STEP = sp.Symbol("h", real=True)  # the step
TAU = sp.Symbol("tau", real=True)  # the duration of the first and last part of a step


@dataclass(frozen=True)
class Flow:
    r"""The exact motion under one part of the equations, for a time :math:`\tau`.

    Attributes
    ----------
    after
        The variables that change, and what they are after the time ``tau``.
    tau
        The symbol of that time.
    clock
        The name of the flow during which the time of this one passes, if ``after``
        contains the time.
    noise
        Symbols of independent standard normal numbers, drawn anew at each use.

    Examples
    --------
    Friction :math:`\dot p=-\gamma p` with the noise of a heat bath at
    :math:`k_BT=1`:

    >>> p, gamma, tau, R = sp.symbols("p gamma tau R", real=True)
    >>> decay = sp.exp(-gamma*tau)
    >>> bath = Flow({p: decay*p + sp.sqrt(1 - decay**2)*R}, tau, noise=(R,))
    """

    after: Mapping[sp.Symbol, sp.Expr]
    tau: sp.Symbol
    clock: str | None = None
    noise: tuple[sp.Symbol, ...] = ()


@dataclass(frozen=True, eq=False)
class Equations:
    r"""First-order equations :math:`\dot z=f(z,t)` in internal symbols.

    Attributes
    ----------
    names
        Names of the variables.
    state
        Their internal symbols ``z_0``, ``z_1``, ...
    groups
        How many variables each block of the state has: ``{"q": n, "p": n}``.
    params
        Names of the parameters; their internal symbols are ``c_0``, ``c_1``, ...
    field
        The program of :math:`f`, with the inputs :math:`(z, t)`; missing if the
        equations are known by their flows alone.
    energy
        The program of the energy, if one is known.
    energy_is_constant
        Whether the exact motion keeps it.
    flows
        Exact flows of parts of the equations, by name, in internal symbols.
    why_no_flows
        If there are none: the reason, as the end of a sentence.
    system
        The system from which the equations come.
    internal
        From its symbols to the internal ones.
    """

    names: tuple[str, ...]
    state: tuple[sp.Symbol, ...]
    groups: Mapping[str, int]
    params: tuple[str, ...]
    field: Program | None
    energy: Program | None
    energy_is_constant: bool
    flows: Mapping[str, Flow]
    why_no_flows: str
    system: object
    internal: Mapping[sp.Symbol, sp.Symbol]

    @property
    def param_symbols(self) -> tuple[sp.Symbol, ...]:
        """Internal symbols of the parameters."""
        return param_symbols(len(self.params))

    def write(self, method):
        """Write one step of a method."""
        return method.step(self)

    def translate(self, expression: sp.Expr) -> sp.Expr:
        """Write an expression of the system in internal symbols."""
        expression = sp.sympify(expression)
        unknown = expression.free_symbols - set(self.internal)
        if unknown:
            raise ValueError(
                f"{expression} contains {', '.join(sorted(map(str, unknown)))}; this "
                f"system knows {', '.join(map(str, self.internal))}"
            )
        return expression.xreplace(dict(self.internal))

    def program(self, expressions: Sequence[sp.Expr]) -> Program:
        """Compile functions of the state and the time, given in the system's symbols.

        Raises
        ------
        ValueError
            If an expression contains a symbol that the system does not know.
        """
        return Program.of((*self.state, TIME), [self.translate(e) for e in expressions])


def param_symbols(number: int) -> tuple[sp.Symbol, ...]:
    """Internal symbols of parameters."""
    return tuple(sp.Symbol(f"c_{j}", real=True) for j in range(number))


def state_symbols(number: int) -> tuple[sp.Symbol, ...]:
    """Internal symbols of the variables."""
    return tuple(sp.Symbol(f"z_{i}", real=True) for i in range(number))


@dataclass(frozen=True)
class FirstOrderSystem:
    r"""Any equations of motion :math:`\dot x=f(x,t)`.

    Attributes
    ----------
    x, f
        The variables and their rates, as many of each.
    t
        The symbol of time, if ``f`` contains it.
    energy
        A constant of the motion to watch, if there is one.

    Examples
    --------
    Lorenz's model of convection:

    >>> from mechanics.numerics import RUNGE_KUTTA_4, integrate
    >>> x = sp.symbols("x y z", real=True)
    >>> sigma, rho, beta = sp.symbols("sigma rho beta", positive=True)
    >>> f = (sigma*(x[1] - x[0]), x[0]*(rho - x[2]) - x[1], x[0]*x[1] - beta*x[2])
    >>> run = integrate(FirstOrderSystem(x, f), [1.0, 1.0, 1.0], dt=0.01, steps=100,
    ...                 params={"sigma": 10, "rho": 28, "beta": 8/3},
    ...                 method=RUNGE_KUTTA_4)
    >>> print(f"{run['z'][-1]:.3f}")
    29.362
    """

    x: tuple[sp.Symbol, ...]
    f: tuple[sp.Expr, ...]
    t: sp.Symbol | None = None
    energy: sp.Expr | None = None

    def __post_init__(self):
        object.__setattr__(self, "x", tuple(self.x))
        object.__setattr__(self, "f", tuple(map(sp.sympify, self.f)))
        if len(self.x) != len(self.f):
            raise ValueError(f"{len(self.x)} variables but {len(self.f)} rates")

    @property
    def params(self) -> tuple[sp.Symbol, ...]:
        """All other symbols, sorted by name."""
        return other_symbols((*self.f, self.energy), (*self.x, self.t))


@dataclass(frozen=True, eq=False)
class SplitSystem:
    r"""Equations of motion given by exact flows of their parts.

    This is how spins, rigid bodies, near-integrable systems and thermostats are
    integrated: whatever can be solved exactly is a flow with a name, and a splitting
    method says in which order and for how long each acts.

    Attributes
    ----------
    groups
        The variables by groups, such as ``{"q": (x, y), "p": (p_x, p_y)}``.
    flows
        The flows by name.
    energy
        The energy or another function to watch, if there is one.
    t
        The symbol of time, if a flow contains it.
    energy_is_constant
        Whether the exact motion keeps ``energy``; no for a heat bath.

    Raises
    ------
    ValueError
        If a flow changes a variable that is none, or depends on time without a clock.

    Examples
    --------
    An oscillator in a heat bath: kick, drift and bath in the order BAOAB.

    >>> from mechanics.numerics import integrate, palindrome
    >>> x, p, tau, R = sp.symbols("x p tau R", real=True)
    >>> decay = sp.exp(-tau)
    >>> langevin = SplitSystem(
    ...     {"q": (x,), "p": (p,)},
    ...     {"A": Flow({x: x + tau*p}, tau), "B": Flow({p: p - tau*x}, tau),
    ...      "O": Flow({p: decay*p + sp.sqrt(1 - decay**2)*R}, tau, noise=(R,))},
    ...     energy=p**2/2 + x**2/2, energy_is_constant=False)
    >>> import numpy as np
    >>> cold = np.zeros((1, 20_000))
    >>> warm = integrate(langevin, (cold, cold), dt=0.5, steps=50, save="end", seed=1,
    ...                  method=palindrome("B", "A", "O"))
    >>> print(f"{np.mean(warm.q[-1]**2):.1f}")
    1.0
    """

    groups: Mapping[str, tuple[sp.Symbol, ...]]
    flows: Mapping[str, Flow]
    energy: sp.Expr | None = None
    t: sp.Symbol | None = None
    energy_is_constant: bool = True

    def __post_init__(self):
        groups = {label: tuple(x) for label, x in self.groups.items()}
        object.__setattr__(self, "groups", groups)
        for name, flow in self.flows.items():
            for variable in flow.after:
                if variable not in self.x:
                    raise ValueError(
                        f"the flow {name} changes {variable}, which is none of the "
                        f"variables {', '.join(map(str, self.x))}"
                    )
            knows_time = any(sp.sympify(e).has(self.t) for e in flow.after.values())
            if self.t is not None and knows_time and flow.clock not in self.flows:
                raise ValueError(
                    f"the flow {name} contains the time {self.t}: say in clock= during "
                    f"which of the flows {', '.join(self.flows)} it passes"
                )

    @property
    def x(self) -> tuple[sp.Symbol, ...]:
        """All variables."""
        return tuple(s for group in self.groups.values() for s in group)

    @property
    def params(self) -> tuple[sp.Symbol, ...]:
        """All other symbols, sorted by name."""
        known = {*self.x, self.t}
        for flow in self.flows.values():
            known |= {flow.tau, *flow.noise}
        rules = [e for flow in self.flows.values() for e in flow.after.values()]
        return other_symbols((*rules, self.energy), known)


def other_symbols(expressions, known) -> tuple[sp.Symbol, ...]:
    """Return the symbols of expressions that are not known, sorted by name."""
    found = {
        s for e in expressions if e is not None for s in sp.sympify(e).free_symbols
    }
    return tuple(sorted(found - set(known), key=str))
