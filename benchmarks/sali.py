"""Order and chaos: a map of the alignment index, and the last torus to six digits.

The map: 10,240 starts on the section x = 0 of Hénon and Heiles' system at E = 1/8, with
two deviations each, by the leapfrog. All contestants do all steps; ours is generated
from the symbolic Hamiltonian, the others are written by hand. The torus: nine
thresholds of Greene's residue, from 8/13 to 377/610, by Newton's method on half of the
periodic orbit; a plain NumPy version solves its equations as a full matrix, a compiled
one by elimination. ``--quick`` makes shorter runs.
"""

import sys

import numba
import numpy as np
from scipy.optimize import brentq
from side_by_side import on_one_processor, race, record, table

from mechanics import models
from mechanics.chaos import residue_threshold, sali, standard_map
from mechanics.symbolic import legendre

QUICK = "--quick" in sys.argv
TRAJECTORIES, DT, PIECES = 10_240, 0.05, 10
STEPS = 1000 if QUICK else 20_000
ENERGY, ORDERED = 1 / 8, 1e-8
CONVERGENTS = ((8, 13), (13, 21), (21, 34), (34, 55), (55, 89), (89, 144), (144, 233))
if not QUICK:
    CONVERGENTS += ((233, 377), (377, 610))
BRACKET = 0.97, 0.973
OURS = "mechanics, compiled"


# The map ------------------------------------------------------------------------------


def section() -> np.ndarray:
    """Random states with x = 0 and p_x > 0, shape (4, trajectories)."""
    rng = np.random.default_rng(1)
    y, p_y = rng.uniform((-0.45, -0.5), (0.7, 0.5), (4 * TRAJECTORIES, 2)).T
    p_x2 = 2 * ENERGY - p_y**2 - y**2 + 2 * y**3 / 3
    inside = np.flatnonzero(p_x2 > 0)[:TRAJECTORIES]
    y, p_y, p_x = y[inside], p_y[inside], np.sqrt(p_x2[inside])
    return np.array([0 * y, y, p_x, p_y])


def kick(z, tau):
    """Change momenta and their deviations; z is (4, 3, ...), the motion first."""
    x, y = z[0, 0], z[1, 0]
    dx, dy = z[0, 1:], z[1, 1:]
    z[2, 0] -= tau * (x + 2 * x * y)
    z[3, 0] -= tau * (y + x * x - y * y)
    z[2, 1:] -= tau * ((1 + 2 * y) * dx + 2 * x * dy)
    z[3, 1:] -= tau * ((1 - 2 * y) * dy + 2 * x * dx)


def index(z) -> np.ndarray:
    """Normalize the deviations and return how far they are from parallel."""
    z[:, 1:] /= np.linalg.norm(z[:, 1:], axis=0)
    one, other = z[:, 1], z[:, 2]
    sums = [np.linalg.norm(one + sign * other, axis=0) for sign in (1, -1)]
    return np.minimum(*sums)


def with_deviations(start) -> np.ndarray:
    """Put two orthogonal deviations beside each state, shape (4, 3, trajectories)."""
    pair, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 2)))
    z = np.empty((4, 3, start.shape[1]))
    z[:, 0], z[:, 1:] = start, pair[:, :, None]
    return z


def by_numpy(start, steps) -> np.ndarray:
    """Whole arrays, kicks joined."""
    z = with_deviations(start)
    for _ in range(PIECES):
        kick(z, DT / 2)
        for step in range(steps // PIECES):
            z[:2] += DT * z[2:]
            kick(z, DT / 2 if step == steps // PIECES - 1 else DT)
        found = index(z)
    return found


@numba.njit(error_model="numpy")
def advance_one_by_one(z, steps, dt):
    """One trajectory after the other, as one writes it."""
    for k in range(z.shape[2]):
        s = z[:, :, k].copy()
        for step in range(steps + 1):
            tau = dt / 2 if step in (0, steps) else dt
            x, y = s[0, 0], s[1, 0]
            s[2, 0] -= tau * (x + 2 * x * y)
            s[3, 0] -= tau * (y + x * x - y * y)
            for j in (1, 2):
                s[2, j] -= tau * ((1 + 2 * y) * s[0, j] + 2 * x * s[1, j])
                s[3, j] -= tau * ((1 - 2 * y) * s[1, j] + 2 * x * s[0, j])
            if step < steps:
                for j in range(3):
                    s[0, j] += dt * s[2, j]
                    s[1, j] += dt * s[3, j]
        z[:, :, k] = s


def by_numba(start, steps) -> np.ndarray:
    """The compiled loop, piece by piece."""
    z = with_deviations(start)
    for _ in range(PIECES):
        advance_one_by_one(z, steps // PIECES, DT)
        found = index(z)
    return found


def maps() -> dict:
    """All contestants for the map; they must agree on what is regular."""
    system, start = legendre(models.henon_heiles()), section()

    def ours(steps=STEPS):
        return sali(
            system, (start[:2], start[2:]), dt=DT, steps=steps, pieces=PIECES,
            chaotic_below=-1.0, threads=1,
        ).value  # fmt: skip

    regular = ours() > ORDERED
    for other in (by_numpy, by_numba):
        few = other(start[:, :512], STEPS) > ORDERED
        disagree = np.mean(few != regular[:512])
        if disagree > 0.02:
            raise AssertionError(f"{other.__name__} disagrees on {disagree:.0%}")
    work = TRAJECTORIES * STEPS

    def run(function, part):
        function()
        return work / part

    return {
        OURS: lambda: run(ours, 1),
        "NumPy, naive": lambda: run(lambda: by_numpy(start, STEPS // 20), 20),
        "Numba, one by one": lambda: run(lambda: by_numba(start, STEPS // 10), 10),
    }


# The last torus -----------------------------------------------------------------------


def half_chain(K, p, q, x, solve):
    """Newton's method on half of the symmetric orbit through pi, then its residue."""
    far = np.pi * (1 + p)
    odd = q % 2
    for _ in range(30):
        beyond = 2 * far - x[-1] if odd else far
        chain = np.concatenate(([np.pi], x, [beyond]))
        force = chain[2:] - 2 * x + chain[:-2] - K * np.sin(x)
        diagonal = -2 - K * np.cos(x)
        diagonal[-1] -= odd
        step = solve(diagonal, -force)
        x = x + step
        if np.abs(step).max() < 1e-11 * far:
            break
    middle = [] if odd else [far]
    return x, np.concatenate(([np.pi], x, middle, 2 * far - x[::-1]))


def dense(diagonal, right):
    """Solve the tridiagonal equations as a full matrix."""
    n = len(diagonal)
    return np.linalg.solve(np.diag(diagonal) + np.eye(n, k=1) + np.eye(n, k=-1), right)


@numba.njit
def elimination(diagonal, right):
    """Solve the tridiagonal equations by Thomas's algorithm."""
    d, r = diagonal.copy(), right.copy()
    for i in range(1, len(d)):
        d[i] -= 1 / d[i - 1]
        r[i] -= r[i - 1] / d[i - 1]
    r[-1] /= d[-1]
    for i in range(len(d) - 2, -1, -1):
        r[i] = (r[i] - r[i + 1]) / d[i]
    return r


def trace_of(orbit, K):
    """Trace of the product of the derivatives, in a loop."""
    a, b, c, d = 1.0, 0.0, 0.0, 1.0
    for s in K * np.cos(orbit):
        c, d = c + s * a, d + s * b
        a, b = a + c, b + d
    return a + d


def by_hand(solve, trace):
    """Threshold of one convergent, written by hand."""

    def threshold(p, q):
        x = np.pi + 2 * np.pi * p / q * np.arange(1, (q - 1) // 2 + 1)
        for K in np.linspace(0, BRACKET[0], 40):  # fewer lose the way
            x, _ = half_chain(K, p, q, x, solve)
        path = {BRACKET[0]: x}

        def excess(K):
            nearest = path[min(path, key=lambda known: abs(known - K))]
            path[K], orbit = half_chain(K, p, q, nearest, solve)
            return (2 - trace(orbit, K)) / 4 - 0.25

        return brentq(excess, *BRACKET, xtol=1e-13, rtol=1e-14)

    return threshold


def tori() -> dict:
    """All contestants for the critical parameter; they must agree to six digits."""
    twist = standard_map()
    compiled = numba.njit(trace_of)
    ways = {
        "mechanics": lambda p, q: residue_threshold(twist, p, q, bracket=BRACKET),
        "NumPy, full matrices": by_hand(dense, trace_of),
        "Numba, elimination": by_hand(elimination, compiled),
    }

    def contestant(threshold):
        def run():
            K = [threshold(p, q) for p, q in CONVERGENTS]
            if not QUICK and abs(K[-1] - 0.971635) > 1e-6:
                raise AssertionError(f"K_c = {K[-1]}")
            return len(CONVERGENTS)

        return run

    return {name: contestant(way) for name, way in ways.items()}


def main() -> int:
    """Print the tables and record them."""
    on_one_processor()
    contests = {
        "Alignment index": ("trajectory-steps", maps(), OURS),
        "Greene's residue": ("thresholds", tori(), "mechanics"),
    }
    rows = []
    for name, (unit, contest, ours) in contests.items():
        rates = race(contest, rounds=2)
        table(name, f"{unit} per processor second; ratio", rates, ours)
        rows.append({"system": name, "unit": unit, "rates": rates})
    if not QUICK:
        record("sali", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
