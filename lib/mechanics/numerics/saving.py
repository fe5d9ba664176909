"""What is kept of a run: the choice bounds its memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral

import sympy as sp

from mechanics.numerics.equations import Equations
from mechanics.numerics.program import Program


@dataclass(frozen=True)
class Every:
    """Every so-manieth state, the first and the last included.

    Attributes
    ----------
    steps
        The distance in steps; it must divide the number of steps.

    Examples
    --------
    >>> as_save(10)
    Every(steps=10)
    """

    steps: int = 1


@dataclass(frozen=True)
class End:
    """The first and the last state only; ``save="end"`` means the same.

    Examples
    --------
    >>> as_save("end")
    End()
    """


@dataclass(frozen=True)
class Averages:
    r"""Running time averages of functions of the state.

    .. math:: \bar f=\frac1n\sum_{k=1}^nf(z_k,t_k)

    Attributes
    ----------
    functions
        Expressions in the system's symbols.
    every
        Steps between two samples; it must divide the number of steps.

    Examples
    --------
    The virial theorem for the quartic oscillator, :math:`\langle p^2\rangle=
    \langle q^4\rangle`:

    >>> from mechanics.numerics import integrate
    >>> from mechanics.symbolic import HamiltonianSystem
    >>> q, p = sp.symbols("q p", real=True)
    >>> quartic = HamiltonianSystem(p**2/2 + q**4/4, (q,), (p,))
    >>> means = integrate(quartic, ([1.0], [0.0]), dt=0.01, steps=200_000,
    ...                   save=Averages((p**2, q**4)))
    >>> print("{:.3f} {:.3f}".format(*means.values))
    0.333 0.333
    """

    functions: tuple[sp.Expr, ...]
    every: int = 1


@dataclass(frozen=True)
class Extremes:
    """Smallest and largest values of functions of the state, the first included.

    Attributes
    ----------
    functions
        Expressions in the system's symbols; the energy if left out.
    every
        Steps between two samples; it must divide the number of steps.

    Examples
    --------
    >>> from mechanics.models import pendulum
    >>> from mechanics.numerics import integrate
    >>> from mechanics.symbolic import legendre
    >>> run = integrate(legendre(pendulum()), ([1.0], [0.0]), dt=0.1, steps=1000,
    ...                 params={"m": 1, "g": 1, "l": 1}, save=Extremes())
    >>> low, high = run.values[:, 0]
    >>> print(f"{high - low:.1e}")
    1.1e-03
    """

    functions: tuple[sp.Expr, ...] = ()
    every: int = 1


@dataclass(frozen=True)
class Crossings:
    """The states in which a function of the state vanishes: a Poincaré section.

    Attributes
    ----------
    function
        The expression, in the system's symbols.
    direction
        +1 for crossings towards positive values, -1 for negative, 0 for both.
    limit
        The largest number of crossings to keep for each trajectory.

    Examples
    --------
    How often an oscillator of frequency one passes its rest position in the time 100:

    >>> from mechanics.numerics import integrate
    >>> from mechanics.symbolic import HamiltonianSystem
    >>> q, p = sp.symbols("q p", real=True)
    >>> oscillator = HamiltonianSystem(p**2/2 + q**2/2, (q,), (p,))
    >>> run = integrate(oscillator, ([0.5], [1.0]), dt=0.01, steps=10_000,
    ...                 save=Crossings(q, direction=+1))
    >>> len(run.t)
    15
    """

    function: sp.Expr
    direction: int = 0
    limit: int = 1000


Save = Every | End | Averages | Extremes | Crossings


@dataclass(frozen=True)
class Watch:
    """A choice of what to save, as a kernel sees it.

    Attributes
    ----------
    kind
        ``"every"``, ``"end"``, ``"averages"``, ``"extremes"`` or ``"crossings"``.
    every
        Steps between two looks.
    functions
        What is looked at: a program with one or more outputs, except for states.
    direction, limit
        Of crossings.
    """

    kind: str
    every: int
    functions: Program | None = None
    direction: int = 0
    limit: int = 0

    def shape(self, variables: int, looks: int) -> tuple[int, ...]:
        """Shape of the output, without the trajectories."""
        match self.kind:
            case "every":
                return (looks, variables)
            case "averages":
                return (1, len(self.functions.outputs))
            case "extremes":
                return (2, len(self.functions.outputs))
            case "crossings":
                return (self.limit, variables + 1)
        return (0, 0)


def as_save(save: Save | int | str) -> Save:
    """Accept a number of steps for :class:`Every` and ``"end"`` for :class:`End`."""
    if isinstance(save, Save):
        return save
    if save == "end":
        return End()
    if isinstance(save, Integral) and not isinstance(save, bool):
        return Every(int(save))
    raise ValueError(
        f"save = {save!r}: give a number of steps, 'end', or one of Every, End, "
        "Averages, Extremes, Crossings"
    )


def watch(save: Save, equations: Equations, steps: int) -> Watch:
    """Translate a choice for a kernel, and check it.

    Raises
    ------
    ValueError
        If the distance of the looks does not divide the number of steps, or a function
        contains unknown symbols.
    """
    every = {Every: "steps", Averages: "every", Extremes: "every"}.get(type(save))
    distance = 1 if every is None else getattr(save, every)
    if not (isinstance(distance, Integral) and distance > 0) or steps % distance:
        raise ValueError(
            f"steps = {steps} and save every {distance} steps: both must be positive "
            "integers, and the second must divide the first"
        )
    if not equations.internal and not isinstance(save, Every | End):
        raise ValueError(
            "the formulas of a system of array functions are not known: keep its "
            "states, with save=Every(...) or 'end'"
        )
    match save:
        case Every():
            return Watch("every", distance)
        case End():
            return Watch("end", steps)
        case Averages(functions):
            return Watch("averages", distance, _functions(functions, equations))
        case Extremes(functions):
            return Watch("extremes", distance, _functions(functions, equations))
        case Crossings(function, direction, limit):
            if any(flow.noise for flow in equations.flows.values()):
                raise ValueError(
                    "a path with noise has no points between its steps, where a "
                    "surface could be crossed: keep states, with save=Every(...)"
                )
            if direction not in (-1, 0, 1) or limit < 1:
                raise ValueError(
                    f"direction = {direction} must be -1, 0 or 1, and limit = {limit} "
                    "at least one"
                )
            return Watch(
                "crossings", 1, equations.program([function]), direction, limit
            )


def _functions(functions: Sequence[sp.Expr], equations: Equations) -> Program:
    if functions:
        return equations.program(tuple(functions))
    if equations.energy is None:
        raise ValueError("this system has no energy: say which functions to save")
    return equations.energy
