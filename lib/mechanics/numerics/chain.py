"""Long chains of particles with equal bonds: one formula for all of them."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

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
        self._values()

    @property
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
        phi = self._function(self.bond)(bonds).sum(axis=0)
        U = self._function(self.pinning)(q).sum(axis=0)
        return (p**2).sum(axis=0) / (2 * self.mass) + phi + U

    def force(self, q: np.ndarray) -> np.ndarray:
        r"""The forces :math:`\phi'(u_{i+1}-u_i)-\phi'(u_i-u_{i-1})-U'(u_i)`."""
        tension = self._function(self.bond.diff(self.x))(self._stretches(q))
        return np.diff(tension, axis=0) - self._function(self.pinning.diff(self.x))(q)

    def stepper(self, method: SplittingMethod) -> Callable:
        """Return the function that advances states by kicks and drifts."""
        kernel = _compiled(self._source(kicks_and_drifts(method)))
        values, periodic = np.array(self._values(), float), self.ends == "periodic"

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

    def _symbols(self) -> tuple[sp.Symbol, ...]:
        return other_symbols((self.bond, self.pinning), (self.x,))

    def _values(self) -> list[float]:
        given = {str(key): value for key, value in self.params.items()}
        needed = [s.name for s in self._symbols()]
        if set(given) != set(needed):
            raise ValueError(
                f"params has {', '.join(given) or 'nothing'}; the potentials need "
                f"{', '.join(needed) or 'nothing'}"
            )
        return [given[name] for name in needed]

    def _program(self, potential: sp.Expr) -> Program:
        symbols = self._symbols()
        internal = dict(zip(symbols, param_symbols(len(symbols)), strict=True))
        expression = sp.sympify(potential).xreplace({**internal, self.x: DISPLACEMENT})
        return Program.of((DISPLACEMENT, TIME), [expression])

    def _function(self, potential: sp.Expr) -> Callable:
        symbols = param_symbols(len(self._symbols()))
        function = array_function(self._program(potential), symbols)
        return lambda x: function([x], 0.0, self._values())[0]

    def _source(self, stages: tuple[tuple[str, float], ...]) -> str:
        tension = self._program(self.bond.diff(self.x))
        restoring = self._program(self.pinning.diff(self.x))
        text = NumbaText()
        lines = []

        def line(depth, content):
            lines.append("    " * depth + content)

        def evaluate(depth, program, at, name):
            line(depth, f"{DISPLACEMENT} = {at}")
            for statement in program.assignments:
                line(depth, f"{statement.target} = {text.doprint(statement.value)}")
            line(depth, f"{name} = {text.doprint(program.outputs[0])}")

        def flow(depth, kind, coefficient):
            line(depth, f"tau = {coefficient} * h")
            line(depth, "for i in range(n):")
            if kind == "kick":
                evaluate(depth + 1, tension, "u[i + 1] - u[i]", "left")
                evaluate(depth + 1, tension, "u[i + 2] - u[i + 1]", "right")
                evaluate(depth + 1, restoring, "u[i + 1]", "pinned")
                line(depth + 1, "p[i] += tau * (right - left - pinned)")
            else:
                line(depth + 1, "u[i + 1] += tau * inverse_mass * p[i]")
                line(depth, "if periodic:")
                line(depth + 1, "u[0] = u[n]")
                line(depth + 1, "u[n + 1] = u[1]")

        line(0, "def kernel(all_u, all_p, values, h, steps, inverse_mass, periodic):")
        line(1, "n = all_p.shape[1]")
        for j, symbol in enumerate(param_symbols(len(self._symbols()))):
            line(1, f"{symbol} = values[{j}]")
        line(1, "for trajectory in range(len(all_p)):")
        line(2, "u, p = all_u[trajectory], all_p[trajectory]")
        line(2, "if periodic:")
        line(3, "u[0] = u[n]")
        line(3, "u[n + 1] = u[1]")
        (opening, alpha), (closing, beta) = stages[0], stages[-1]
        line(2, "for step in range(steps):")
        if opening == closing:  # the last stage of a step and the first of the next
            flow(3, opening, f"({alpha!r} if step == 0 else {alpha + beta!r})")
            stages = stages[1:-1]
        for kind, coefficient in stages:
            flow(3, kind, repr(coefficient))
        if opening == closing:
            flow(2, closing, repr(beta))
        return "\n".join(lines) + "\n"


@lru_cache(maxsize=32)
def _compiled(source: str) -> Callable:
    import numba

    from mechanics.numerics.elementary import IN_LANES

    space = {"math": math, **IN_LANES}
    exec(compile(source, "<chain>", "exec"), space)
    return numba.njit(
        "void(f8[:,::1], f8[:,::1], f8[::1], f8, i8, f8, b1)",
        nogil=True,
        error_model="numpy",
        fastmath={"contract"},
    )(space["kernel"])
