"""What a live figure computes: a system, its parameters, and functions of its state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from numbers import Real

import numpy as np
import sympy as sp

from mechanics.figures.live.slider import Slider
from mechanics.numerics import (
    FirstOrderSystem,
    IntegrationError,
    RungeKutta,
    Trajectory,
    integrate,
)
from mechanics.numerics.compile import equations_of
from mechanics.numerics.equations import TIME, Equations, param_symbols
from mechanics.numerics.kernels.arrays import array_function
from mechanics.numerics.kernels.javascript import function_source, step_source
from mechanics.numerics.program import Block, Program
from mechanics.numerics.step import step_of

SAMPLES = 1500  # points of a curve, at most: more than pixels
ENERGY = sp.Symbol("energy", real=True)

# A figure without dynamics has one variable that never changes.
STILL = FirstOrderSystem((sp.Symbol("still", real=True),), (0,))
NO_METHOD = RungeKutta("none", 1, ((0.0,),), (1.0,), (0.0,), "")


class Code(str):
    """JavaScript source, as opposed to text."""

    __slots__ = ()


@dataclass(eq=False)
class Model:
    r"""A system with numbers for everything, and the functions that its views show.

    Attributes
    ----------
    equations
        The equations of motion; parameters that only views need are added to them.
    methods
        Integrators; the first is the one that the figure starts with.
    params
        Numbers or sliders, one for each of ``equations.params``.
    start
        Initial values: expressions in internal symbols of the parameters.
    start_sliders
        Numbers of the parameters that are sliders for an initial value, by variable.
    dt, duration
        The step, a number or a slider, and how long the figure shows the motion.
    seed
        Of random numbers.
    columns
        Expressions of state, time and parameters that are recorded along the motion,
        in internal symbols.
    """

    equations: Equations
    methods: tuple
    params: list[float | Slider]
    start: list[sp.Expr]
    start_sliders: dict[int, int]
    dt: float | Slider
    duration: float
    seed: int
    columns: list[sp.Expr] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, system, initial, params, dt, duration, methods, seed) -> "Model":
        """Check what :func:`live` is given, and put it in order."""
        if system is None:
            system, initial, methods = STILL, [0.0], (NO_METHOD,)
            dt = duration / SAMPLES if dt is None else dt
        equations = equations_of(system)
        params = {str(name): value for name, value in dict(params or {}).items()}
        missing = [name for name in equations.params if name not in params]
        if missing:
            raise ValueError(
                f"params has no value for {', '.join(missing)}; this system has "
                f"{', '.join(equations.params)}"
            )
        own = list(equations.params)
        extra = [name for name in params if name not in own]
        clash = set(extra) & {*equations.names, "t", "energy"}
        if clash:
            raise ValueError(
                f"params gives a number to {', '.join(sorted(clash))}, which is no "
                "parameter but follows from the motion"
            )
        values = [params[name] for name in (*own, *extra)]
        flat = _flat_initial(equations, initial)
        start_sliders = {}
        for j, entry in enumerate(flat):
            if isinstance(entry, Slider):
                start_sliders[j] = len(values)
                values.append(entry)
                extra.append(f"initial {equations.names[j]}")
        for name, value in zip((*own, *extra), values, strict=True):
            _check_number(f"the parameter {name}", value)
        symbols = param_symbols(len(values))
        internal = dict(equations.internal)
        for name, symbol in zip(extra, symbols[len(own) :], strict=True):
            internal[sp.Symbol(name)] = symbol
        equations = replace(equations, params=(*own, *extra), internal=internal)
        _check_number("dt", dt)
        _check_number("duration", duration)
        model = cls(
            equations,
            tuple(methods),
            values,
            [],
            start_sliders,
            dt,
            duration,
            int(seed),
        )
        if not 0 < model.step_size <= duration:
            raise ValueError(
                f"dt = {model.step_size} is no step of a duration of {duration}"
            )
        model.used |= set(own) | {
            f"initial {equations.names[j]}" for j in start_sliders
        }
        model.start = [
            symbols[start_sliders[j]]
            if j in start_sliders
            else model.translate(entry, variables=False)
            for j, entry in enumerate(flat)
        ]
        return model

    # Symbols

    @cached_property
    def known(self) -> dict[str, sp.Symbol]:
        """Internal symbols by the names that expressions use."""
        known = {symbol.name: s for symbol, s in self.equations.internal.items()}
        known["t"] = TIME
        if self.equations.energy is not None:
            known["energy"] = ENERGY
        return known

    def translate(self, expression, extra: Mapping = (), variables=True) -> sp.Expr:
        """Write an expression, or the text of one, in internal symbols.

        Parameters
        ----------
        expression
            A SymPy expression, a string or a number. Symbols are known by their names.
        extra
            Further names and their internal symbols.
        variables
            Whether variables, time and energy may occur.

        Raises
        ------
        ValueError
            If a name is unknown; the message lists the known ones.
        """
        known = {**self.known, **dict(extra)}
        if not variables:
            known = {name: known[name] for name in self.equations.params}
        expression = self.parse(expression, extra)
        found = {symbol: symbol.name for symbol in expression.free_symbols}
        unknown = sorted(name for name in found.values() if name not in known)
        if unknown:
            raise ValueError(
                f"{expression} contains {', '.join(unknown)}; known here are "
                f"{', '.join(known) or 'no names'}"
            )
        self.used |= set(found.values())
        return expression.xreplace({s: known[name] for s, name in found.items()})

    def parse(self, expression, extra: Sequence[str] = ()) -> sp.Expr:
        """Return an expression, in its own symbols, from the text of one.

        Raises
        ------
        ValueError
            If it is no formula.
        """
        known = (*self.known, *extra)
        if isinstance(expression, str) and expression in known:
            return sp.Symbol(expression)
        names = {name: sp.Symbol(name) for name in known if name.isidentifier()}
        try:
            parsed = sp.sympify(expression, locals=names)
        except (sp.SympifyError, TypeError, AttributeError, SyntaxError) as error:
            raise ValueError(f"{expression!r} is no formula") from error
        if not isinstance(parsed, sp.Expr):
            raise ValueError(f"{expression!r} is no formula")
        return parsed

    def variable(self, name) -> int | None:
        """Return the number of a variable, or None if the name is none."""
        names = self.equations.names
        return names.index(str(name)) if str(name) in names else None

    def column(self, expression) -> int:
        """Record an expression along the motion; return its place."""
        translated = self.translate(expression)
        if translated not in self.columns:
            self.columns.append(translated)
        return self.columns.index(translated)

    # Functions

    def program(self, expressions: Sequence[sp.Expr], extra=()) -> Program:
        """Compile functions of the state, further arguments, and the time."""
        state = self.equations.state
        block = Block()
        if any(e.has(ENERGY) for e in expressions):
            [energy] = block.call(self.equations.energy, (*state, TIME))
            expressions = [e.xreplace({ENERGY: energy}) for e in expressions]
        outputs = block.share(expressions)
        return Program((*state, *extra, TIME), tuple(block.statements), outputs)

    def function(self, expressions: Sequence[sp.Expr], extra=()) -> Code:
        """Write functions in JavaScript."""
        return Code(self._source(self.program(expressions, extra)))

    def _source(self, program: Program) -> str:
        return function_source(
            program, self.equations.state, self.equations.param_symbols
        )

    @property
    def field(self) -> Code | None:
        """The vector field in JavaScript, if it is known."""
        field = self.equations.field
        return None if field is None else Code(self._source(field))

    @property
    def kernels(self) -> list[dict]:
        """The methods in JavaScript."""
        equations = self.equations
        names = (equations.state, equations.param_symbols)
        return [
            {
                "name": method.name,
                "advance": Code(step_source(step_of(method, equations), *names)),
            }
            for method in self.methods
        ]

    # Numbers

    @property
    def values(self) -> list[float]:
        """The numbers with which the figure starts."""
        return [float(at_first(value)) for value in self.params]

    @property
    def step_size(self) -> float:
        """The step with which the figure starts."""
        return float(at_first(self.dt))

    def evaluate(self, expressions, z, t, values=None, extra=()) -> np.ndarray:
        """Evaluate expressions in internal symbols for arrays of states.

        ``extra`` holds pairs of a further symbol and its value or values.
        """
        symbols, numbers = zip(*extra, strict=True) if extra else ((), ())
        function = array_function(
            self.program(expressions, symbols), self.equations.param_symbols
        )
        with np.errstate(all="ignore"):
            return function((*z, *numbers), t, values or self.values)

    def initial(self, values=None) -> np.ndarray:
        """Return initial states, shape ``(variables, ...)``.

        The ``values`` of the parameters are numbers or arrays.
        """
        values = values or self.values
        shape = np.broadcast_shapes(*(np.shape(v) for v in values))
        z = [np.zeros(shape)] * len(self.start)
        return self.evaluate(self.start, z, 0.0, values)

    def run(self, z, save, steps=None, values=None, backend="auto") -> Trajectory:
        """Integrate with the first method, over the duration if not told otherwise.

        The state ``z`` has the shape ``(variables, ...)``.
        """
        cuts = np.cumsum(list(self.equations.groups.values()))[:-1]
        initial = np.split(z, cuts)
        return integrate(
            self.equations,
            initial[0] if len(initial) == 1 else initial,
            dt=self.step_size,
            steps=steps or round(self.duration / self.step_size),
            method=self.methods[0],
            params=dict(zip(self.equations.params, values or self.values, strict=True)),
            save=save,
            seed=self.seed,
            backend=backend,
        )

    def check(self) -> None:
        """Refuse parameters that nothing uses, and ranges with a singular end.

        Raises
        ------
        ValueError
            The message names the parameter.
        """
        unused = [name for name in self.equations.params if name not in self.used]
        if unused:
            raise ValueError(
                f"params gives a number to {', '.join(unused)}, which neither the "
                "system nor a view contains"
            )
        cases = [("at its start", self.values)]
        for name, value in zip(self.equations.params, self.params, strict=True):
            if isinstance(value, Slider):
                j = self.equations.params.index(name)
                for end in (value.low, value.high):
                    case = [*self.values]
                    case[j] = float(end)
                    cases.append((f"for {name} = {end:g}", case))
        names, values = zip(*cases, strict=True)
        values = np.array(values).T
        z = self.initial(list(values)).reshape(len(self.start), -1)
        z = np.broadcast_to(z, (len(self.start), len(cases)))
        finite = np.isfinite(z).all(axis=0)
        if finite.all():
            try:
                with np.errstate(all="ignore"):
                    end = self.run(z, "end", 1, list(values), "numpy").end
            except IntegrationError as error:
                end = error.result.end
            finite = np.isfinite(end).all(axis=0)
        for name, fine in zip(names, finite, strict=True):
            if not fine:
                raise ValueError(
                    f"the motion is not finite {name}: the system is singular there; "
                    "narrow the range of the slider or change the initial state"
                )


def at_first(value: float | Slider) -> float:
    """Return a number, or where its slider stands at first."""
    return value.value if isinstance(value, Slider) else value


def _check_number(what: str, value) -> None:
    if isinstance(value, Slider):
        return
    if not isinstance(value, Real | sp.Number | sp.NumberSymbol):
        raise ValueError(f"{what} is {value!r}; give a number or a Slider")
    if not np.isfinite(float(value)):
        raise ValueError(f"{what} is not finite: {value}")


def _flat_initial(equations: Equations, initial) -> list:
    """Return the initial values of all variables in one list."""
    labels = list(equations.groups)
    parts = [initial] if len(labels) == 1 else initial
    try:
        parts = [list(part) for part in parts]
    except TypeError:
        parts = []
    sizes = list(equations.groups.values())
    if [len(part) for part in parts] != sizes:
        wanted = ", ".join(f"{label} ({n})" for label, n in equations.groups.items())
        raise ValueError(
            f"initial = {initial!r} must hold the lists {wanted}: values of "
            f"{', '.join(equations.names)}"
        )
    return [entry for part in parts for entry in part]
