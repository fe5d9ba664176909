"""The chain of Fermi, Pasta, Ulam and Tsingou: 1024 masses, and the super-recurrence.

A step of 1024 masses with cubic forces in microseconds; and 32 springs with quadratic
forces until mode 1 has its energy back for the second time, 4.2 million steps. Ours is
generated from the potential of one bond; the peers are written by hand. All do the same
steps, and their final states are compared first. ``--quick`` makes shorter runs.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numba
import numpy as np
from side_by_side import on_one_processor, race, record, table

from mechanics.lattice import fput_alpha, fput_beta, mode_energies, mode_frequencies
from mechanics.numerics import integrate

QUICK = "--quick" in sys.argv
OURS = "mechanics, compiled"
TARGET = 1.2  # microseconds for 1024 masses where Numba by hand takes 1.1
DT = 0.05
SUPER = 3312.7 * 2 * np.pi / mode_frequencies(32)[0]  # the notebook's time of return
RETURNED = 0.997  # of the energy is in mode 1 then


@dataclass(frozen=True)
class Task:
    """A chain with the force d + alpha d^2 + beta d^3 at the stretch d, in mode 1."""

    name: str
    springs: int
    amplitude: float
    alpha: float
    beta: float
    steps: int

    @cached_property
    def chain(self):
        """Ours."""
        if self.beta:
            return fput_beta(self.springs, self.beta)
        return fput_alpha(self.springs, self.alpha)

    def start(self) -> tuple[np.ndarray, np.ndarray]:
        """Displacements with both walls, and momenta half a step before the start."""
        N = self.springs
        u = self.amplitude * np.sin(np.pi * np.arange(N + 1) / N)
        u[[0, -1]] = 0.0
        return u, -DT / 2 * self.chain.force(u[1:-1])


TASKS = (
    Task("FPUT-beta, N = 1024", 1025, 4.0, 0.0, 0.3, 20_000 if QUICK else 100_000),
    Task(
        "FPUT-alpha, N = 32, super-recurrence",
        *(32, 1.0, 0.25, 0.0, 100_000 if QUICK else round(SUPER / DT)),
    ),
)


def numpy_powers(task: Task, steps: int) -> np.ndarray:
    """Array expressions with powers."""
    u, p = task.start()
    for _ in range(steps):
        d = np.diff(u)
        f = d + task.alpha * d**2 + task.beta * d**3
        p += DT * np.diff(f)
        u[1:-1] += DT * p
    return u[1:-1]


def numpy_in_place(task: Task, steps: int) -> np.ndarray:
    """Products instead of powers, no temporary arrays."""
    u, p = task.start()
    d, f, g = np.empty(task.springs), np.empty(task.springs), np.empty_like(p)
    for _ in range(steps):
        np.subtract(u[1:], u[:-1], out=d)
        np.multiply(d, task.beta or task.alpha, out=f)
        if task.beta:
            f *= d
        f += 1
        f *= d
        np.subtract(f[1:], f[:-1], out=g)
        g *= DT
        p += g
        np.multiply(p, DT, out=g)
        u[1:-1] += g
    return u[1:-1]


@numba.njit(error_model="numpy")
def _numba_loops(u, p, alpha, beta, steps):
    n = len(p)
    f = np.empty(n + 1)
    for _ in range(steps):
        for i in range(n + 1):
            d = u[i + 1] - u[i]
            f[i] = d * (1 + d * (alpha + beta * d))
        for i in range(n):
            p[i] += DT * (f[i + 1] - f[i])
            u[i + 1] += DT * p[i]


def numba_loops(task: Task, steps: int) -> np.ndarray:
    """Compiled loops over the masses."""
    u, p = task.start()
    _numba_loops(u, p, task.alpha, task.beta, steps)
    return u[1:-1]


def ours(task: Task, steps: int):
    """Integrate from rest."""
    u = task.start()[0][1:-1]
    return integrate(task.chain, (u, 0 * u), dt=DT, steps=steps, save="end")


PEERS = {
    "Numba, loops by hand": (numba_loops, 1),
    "NumPy, in place": (numpy_in_place, 50),
    "NumPy, powers": (numpy_powers, 100),
}


def contestants(task: Task) -> dict[str, Callable[[], int]]:
    """Functions that return how many steps they did; slow ones do a part."""
    few = 2000
    q = ours(task, few).q[-1]
    for name, (peer, _) in PEERS.items():
        assert np.allclose(peer(task, few), q, rtol=0, atol=1e-10), name

    def counted(work, steps):
        def run():
            work(task, steps)
            return steps

        return run

    found = {OURS: counted(ours, task.steps)}
    for name, (peer, part) in PEERS.items():
        found[name] = counted(peer, task.steps // part)
    return found


def main() -> int:
    """Print the tables, record them, and say whether the targets are met."""
    on_one_processor()
    rows, missed = [], []
    for task in TASKS:
        rates = race(contestants(task), rounds=3 if task.springs == 32 else 5)
        table(task.name, "steps per processor second; ratio", rates, OURS)
        print(f"  {1e6 / rates[OURS]:.3f} microseconds a step")
        by_hand = rates["Numba, loops by hand"]
        if rates[OURS] < by_hand * 1.1 / TARGET:
            missed.append(task.name)
        row = {"system": task.name, "rates": rates}
        if task.springs == 32:
            row["seconds"] = {who: SUPER / DT / rate for who, rate in rates.items()}
            for who, seconds in row["seconds"].items():
                print(f"  {who:34}{seconds:8.2f} s until the super-recurrence")
        rows.append(row)
    if not QUICK:
        end = ours(TASKS[1], TASKS[1].steps)
        back = float(mode_energies(end.q[-1], end.p[-1])[0] / end.energy[-1])
        print(f"  mode 1 has {100 * back:.2f} % of the energy at the end")
        assert back > RETURNED
        record("fput", rows)
    print("\nmissed:", ", ".join(missed) or "nothing")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
