"""The chain of Fermi, Pasta, Ulam and Tsingou: microseconds for a step of 1024 masses.

Ours is generated from the potential of one bond; the peers are written by hand.
"""

import sys

import numba
import numpy as np
import sympy as sp
from side_by_side import on_one_processor, race, record, table

from mechanics.numerics import ParticleChain, integrate

N, BETA, DT, STEPS = 1024, 0.3, 0.05, 100_000
OURS = "mechanics, compiled"
TARGET = 1.2  # microseconds where Numba by hand takes 1.1 and NumPy in place 10


def numpy_cubes(steps):
    """Array expressions with a power."""
    u, p = start()
    for _ in range(steps):
        d = np.diff(u)
        f = d + BETA * d**3
        p += DT * np.diff(f)
        u[1:-1] += DT * p


def numpy_in_place(steps):
    """Products instead of powers, no temporary arrays."""
    u, p = start()
    d, f, g = np.empty(N + 1), np.empty(N + 1), np.empty(N)
    for _ in range(steps):
        np.subtract(u[1:], u[:-1], out=d)
        np.multiply(d, d, out=f)
        f *= BETA
        f += 1
        f *= d
        np.subtract(f[1:], f[:-1], out=g)
        g *= DT
        p += g
        np.multiply(p, DT, out=g)
        u[1:-1] += g


@numba.njit(error_model="numpy")
def _numba_loops(u, p, steps):
    f = np.empty(N + 1)
    for _ in range(steps):
        for i in range(N + 1):
            d = u[i + 1] - u[i]
            f[i] = d + BETA * d * d * d
        for i in range(N):
            p[i] += DT * (f[i + 1] - f[i])
            u[i + 1] += DT * p[i]


def start():
    """First mode, at rest."""
    u = np.zeros(N + 2)
    u[1:-1] = 4 * np.sin(np.pi * np.arange(1, N + 1) / (N + 1))
    return u, np.zeros(N)


def main() -> int:
    """Print the table and record it."""
    on_one_processor()
    x, beta = sp.symbols("x beta", real=True)
    chain = ParticleChain(N, x**2 / 2 + beta * x**4 / 4, x, params={"beta": BETA})
    u, p = start()

    def ours():
        integrate(chain, (u[1:-1], p), dt=DT, steps=STEPS, save="end")
        return STEPS

    def by_hand():
        _numba_loops(*start(), STEPS)
        return STEPS

    def cubes():
        numpy_cubes(STEPS // 100)
        return STEPS // 100

    def in_place():
        numpy_in_place(STEPS // 50)
        return STEPS // 50

    rates = race(
        {
            OURS: ours,
            "Numba, loops by hand": by_hand,
            "NumPy, in place": in_place,
            "NumPy, d**3": cubes,
        }
    )
    table(f"FPUT-beta, {N} masses", "steps per processor second; ratio", rates, OURS)
    print(f"  {1e6 / rates[OURS]:.2f} microseconds a step")
    record("fput", [{"system": "FPUT-beta, N = 1024", "rates": rates}])
    return rates[OURS] < rates["Numba, loops by hand"] * 1.1 / TARGET


if __name__ == "__main__":
    sys.exit(main())
