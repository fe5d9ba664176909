"""Long chains of particles with equal bonds: one formula for all of them."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
import sympy as sp

from mechanics.numerics.array_systems import ArraySystem, kicks_and_drifts
from mechanics.numerics.equations import TIME, other_symbols, param_symbols
from mechanics.numerics.kernels.arrays import array_function
from mechanics.numerics.languages import NumbaText
from mechanics.numerics.program import Program
from mechanics.numerics.splitting import SplittingMethod

DISPLACEMENT = sp.Symbol("z_0", real=True)


@dataclass(frozen=True, eq=False)
class ParticleChain(ArraySystem):
    r"""Equal particles in a row, each bound to its neighbours by the same bond.

    .. math::
        H=\sum_{i=1}^n\frac{p_i^2}{2m}+\sum_i\phi(u_{i+1}-u_i)+\sum_iU(u_i)

    With ``"fixed"`` ends there are :math:`n+1` bonds, and :math:`u_0=u_{n+1}=0`; with
    ``"periodic"`` ones there are :math:`n`, and :math:`u_{n+1}=u_1`. The formulas of a
    single bond become a compiled loop over the chain, so that a chain of thousands is
    as easy as one of three.

    Attributes
    ----------
    n
        Number of particles that move.
    bond
        The potential :math:`\phi` as an expression in ``x``.
    x
        The symbol of the stretch of a bond and of a displacement.
    pinning
        The potential :math:`U` as an expression in ``x``.
    ends
        ``"fixed"`` or ``"periodic"``.
    mass
        The mass :math:`m`.
    params
        Numbers for the other symbols of the potentials, by symbol or by name.

    Raises
    ------
    ValueError
        For less than one particle, a mass that is not positive, unknown ends, or a
        parameter without a value; the message names it.

    Notes
    -----
    Sources: AMM-24, AMM-37.

    Examples
    --------
    Fermi, Pasta, Ulam and Tsingou's chain with cubic forces, and what is left of the
    first mode's energy:

    >>> from mechanics.numerics import integrate
    >>> x, beta = sp.symbols("x beta", real=True)
    >>> chain = ParticleChain(31, x**2/2 + beta*x**4/4, x, params={"beta": 0.3})
    >>> u = 4 * np.sin(np.pi * np.arange(1, 32) / 32)
    >>> run = integrate(chain, (u, 0*u), dt=0.05, steps=20_000, save=100)
    >>> bool(np.ptp(run.energy) < 1e-3 * run.energy[0])
    True
    """

    n: int
    bond: sp.Expr
    x: sp.Symbol
    pinning: sp.Expr = sp.S.Zero
    ends: str = "fixed"
    mass: float = 1.0
    params: Mapping[sp.Symbol | str, float] = field(default_factory=dict)

    def __post_init__(self):
        if self.n < 1:
            raise ValueError(f"a chain of n = {self.n} particles: give at least one")
        if not (np.isfinite(self.mass) and self.mass > 0):
            raise ValueError(f"the mass {self.mass} is not positive")
        if self.ends not in ("fixed", "periodic"):
            raise ValueError(f"ends = {self.ends!r}: use 'fixed' or 'periodic'")
        self._values  # noqa: B018 (names a parameter that is missing)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the displacements."""
        return tuple(f"u_{i}" for i in range(1, self.n + 1))

    @property
    def stable_step(self) -> None:
        """Not known: it depends on how far the bonds are stretched."""
        return

    def energy(self, q: np.ndarray, p: np.ndarray, t: float = 0.0) -> np.ndarray:
        """The Hamiltonian of states of shape ``(n, ...)``, shape ``(...)``."""
        q, p = np.asarray(q), np.asarray(p)
        bonds = self._stretches(q)
        if self.ends == "periodic":
            bonds = bonds[1:]  # the first and the last are the same one
        potential = self._at("bond", bonds).sum(axis=0) + self._at("pinning", q).sum(
            axis=0
        )
        return (p**2).sum(axis=0) / (2 * self.mass) + potential

    def force(self, q: np.ndarray) -> np.ndarray:
        r"""The forces on the particles, from their bonds and their sites.

        .. math:: f_i=\phi'(u_{i+1}-u_i)-\phi'(u_i-u_{i-1})-U'(u_i)
        """
        tension = self._at("tension", self._stretches(q))
        return np.diff(tension, axis=0) - self._at("restoring", q)

    def stepper(self, method: SplittingMethod, shape: tuple[int, ...]) -> Callable:
        """Return the function that advances states by kicks and drifts."""
        stages = kicks_and_drifts(method)
        text = _ChainText(self._functions, len(self._symbols), stages)
        kernel = _compiled(text.source)
        values, periodic = np.array(self._values, float), self.ends == "periodic"

        def advance(z, c, t0, h, begin, steps, seed, trajectory, failed):
            z = np.array(z)
            u = np.zeros((z.shape[1], self.n + 2))
            u[:, 1:-1] = z[: self.n].T
            p = np.ascontiguousarray(z[self.n :].T)
            kernel(u, p, values, h, steps, 1 / self.mass, periodic)
            return np.concatenate([u[:, 1:-1].T, p.T])

        return advance

    def _stretches(self, u: np.ndarray) -> np.ndarray:
        """Stretches of all bonds, the one on the left of the first particle first."""
        left, right = u[-1:], u[:1]
        if self.ends == "fixed":
            left, right = 0 * left, 0 * right
        return np.diff(np.concatenate([left, u, right]), axis=0)

    @cached_property
    def _symbols(self) -> tuple[sp.Symbol, ...]:
        return other_symbols((self.bond, self.pinning), (self.x,))

    @cached_property
    def _values(self) -> list[float]:
        given = {str(key): value for key, value in self.params.items()}
        needed = [s.name for s in self._symbols]
        if set(given) != set(needed):
            raise ValueError(
                f"params has {', '.join(given) or 'nothing'}; the potentials need "
                f"{', '.join(needed) or 'nothing'}"
            )
        return [given[name] for name in needed]

    def _program(self, expression: sp.Expr) -> Program:
        symbols = self._symbols
        internal = dict(zip(symbols, param_symbols(len(symbols)), strict=True))
        expression = sp.sympify(expression).xreplace({**internal, self.x: DISPLACEMENT})
        return Program.of((DISPLACEMENT, TIME), [expression])

    @cached_property
    def _functions(self) -> dict[str, Program]:
        """Potentials and forces of a bond and of a site."""
        bond, pinning = sp.sympify(self.bond), sp.sympify(self.pinning)
        formulas = {
            "bond": bond,
            "tension": bond.diff(self.x),
            "pinning": pinning,
            "restoring": pinning.diff(self.x),
        }
        return {name: self._program(formula) for name, formula in formulas.items()}

    def _at(self, name: str, x: np.ndarray) -> np.ndarray:
        symbols = param_symbols(len(self._symbols))
        return array_function(self._functions[name], symbols)([x], 0.0, self._values)[0]


class _ChainText:
    """Source of a kernel for one chain after the other."""

    def __init__(self, functions, params, stages):
        self.lines: list[str] = []
        self.printer = NumbaText()
        self.functions = functions
        self.line(
            0, "def kernel(all_u, all_p, values, h, steps, inverse_mass, periodic):"
        )
        self.line(1, "n = all_p.shape[1]")
        self.line(1, "f = np.empty(n + 1)")
        for j, symbol in enumerate(param_symbols(params)):
            self.line(1, f"{symbol} = values[{j}]")
        self.line(1, "for trajectory in range(len(all_p)):")
        self.line(2, "u, p = all_u[trajectory], all_p[trajectory]")
        self.ends(2)
        (opening, alpha), (closing, beta) = stages[0], stages[-1]
        flows = [(kind, repr(coefficient)) for kind, coefficient in stages]
        joined = opening == closing  # the last flow of a step and the first of the next
        if joined:
            first = f"({alpha!r} if step == 0 else {alpha + beta!r})"
            flows = [(opening, first), *flows[1:-1]]
        self.line(2, "for step in range(steps):")
        self.flows(3, flows)
        if joined:
            self.flows(2, [(closing, repr(beta))])

    @property
    def source(self) -> str:
        return "\n".join(self.lines) + "\n"

    def line(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def flows(self, depth: int, flows: list[tuple[str, str]]) -> None:
        """Write kicks and drifts; a drift shares the loop of the kick before it."""
        shared = False
        for kind, coefficient in flows:
            if kind == "kick":
                self.line(depth, f"tau = {coefficient} * h")
                self.line(depth, "for i in range(n + 1):")
                self.evaluate(depth + 1, "tension", "u[i + 1] - u[i]", "f[i]")
                self.line(depth, "for i in range(n):")
                self.evaluate(depth + 1, "restoring", "u[i + 1]", "pinned")
                self.line(
                    depth + 1, "momentum = p[i] + tau * (f[i + 1] - f[i] - pinned)"
                )
                self.line(depth + 1, "p[i] = momentum")
                shared = True
                continue
            if not shared:
                self.line(depth, "for i in range(n):")
                self.line(depth + 1, "momentum = p[i]")
            self.line(
                depth + 1, f"u[i + 1] += {coefficient} * h * inverse_mass * momentum"
            )
            self.ends(depth)
            shared = False

    def ends(self, depth: int) -> None:
        self.line(depth, "if periodic:")
        self.line(depth + 1, "u[0] = u[n]")
        self.line(depth + 1, "u[n + 1] = u[1]")

    def evaluate(self, depth: int, name: str, at: str, result: str) -> None:
        program = self.functions[name]
        self.line(depth, f"{DISPLACEMENT} = {at}")
        for statement in program.assignments:
            value = self.printer.doprint(statement.value)
            self.line(depth, f"{statement.target} = {value}")
        self.line(depth, f"{result} = {self.printer.doprint(program.outputs[0])}")


@lru_cache(maxsize=32)
def _compiled(source: str) -> Callable:
    import numba

    from mechanics.numerics.elementary import IN_LANES, fma

    space = {"math": math, "np": np, "fma": fma, **IN_LANES}
    exec(compile(source, "<chain>", "exec"), space)
    return numba.njit(
        "void(f8[:,::1], f8[:,::1], f8[::1], f8, i8, f8, b1)",
        nogil=True,
        error_model="numpy",
        fastmath={"contract"},
    )(space["kernel"])
