"""Ensembles: trajectory-steps per processor second, against NumPy, Numba and JAX.

Every contestant integrates the same 10,240 trajectories in double precision by the same
method, in turn, in one process that is bound to one processor. The peers' formulas are
written by hand, with the kicks of successive steps joined; ours are generated from the
symbolic system. ``--quick`` makes shorter runs. See requirements.txt beside this file.
"""

import sys
from time import process_time

import jax
import jax.numpy as jnp
import numba
import numpy as np
import sympy as sp
from side_by_side import on_one_processor, race, record, table

from mechanics import models
from mechanics.numerics import RUNGE_KUTTA_4, STORMER_VERLET, integrate
from mechanics.symbolic import HamiltonianSystem, implicit_legendre, legendre

jax.config.update("jax_enable_x64", True)
TRAJECTORIES = 10_240
STEPS = 500 if "--quick" in sys.argv else 10_000
DT = 0.01
AGAINST_JAX, AGAINST_NUMPY, COMPILATION = 2.0, 10.0, 3.0  # targets
OURS = "mechanics, compiled"


# The systems: symbolic for us, forces written by hand for the peers -------------------


def henon_heiles_force(xp, x, y):
    """Force of the galactic potential of Hénon and Heiles."""
    return -x - 2 * x * y, -y - x * x + y * y


def kepler_force(xp, x, y):
    """Force of the fixed star."""
    r2 = x * x + y * y
    factor = -1 / (r2 * xp.sqrt(r2))
    return factor * x, factor * y


def pendulum_force(xp, theta):
    """Torque of the weight."""
    return (-xp.sin(theta),)


def kepler_system():
    """The planet in Cartesian coordinates."""
    x, y, p_x, p_y = sp.symbols("x y p_x p_y", real=True)
    H = (p_x**2 + p_y**2) / 2 - 1 / sp.sqrt(x**2 + y**2)
    return HamiltonianSystem(H, (x, y), (p_x, p_y))


def initial(name: str):
    """Coordinates and momenta of the ensemble."""
    rng = np.random.default_rng(1)
    small = rng.uniform(-0.2, 0.2, (4, TRAJECTORIES))
    match name:
        case "pendulum":
            return small[:1] * 10, small[1:2]
        case "Kepler":
            along, across = np.eye(2)[:, :, None]  # a circle of radius one
            return along + small[:2], across + small[2:]
        case "double pendulum":
            return small[:2] * 5, small[2:]
    return small[:2], small[2:]


SPLIT = {
    "Hénon-Heiles": (legendre(models.henon_heiles()), {}, henon_heiles_force),
    "pendulum": (
        legendre(models.pendulum()),
        {"m": 1, "g": 1, "l": 1},
        pendulum_force,
    ),
    "Kepler": (kepler_system(), {}, kepler_force),
}

# The peers' leapfrogs -----------------------------------------------------------------


def numpy_naive(force, q, p, steps):
    """Whole arrays, as one writes it first: two forces a step."""
    q, p = list(q), list(p)
    for _ in range(steps):
        p = [a + DT / 2 * f for a, f in zip(p, force(np, *q), strict=True)]
        q = [a + DT * b for a, b in zip(q, p, strict=True)]
        p = [a + DT / 2 * f for a, f in zip(p, force(np, *q), strict=True)]
    return q


def numba_alone(force):
    """One trajectory after the other, compiled."""
    compiled = numba.njit(error_model="numpy")(
        {
            henon_heiles_force: lambda z: (
                -z[0] - 2 * z[0] * z[1],
                -z[1] - z[0] * z[0] + z[1] * z[1],
            ),
            kepler_force: lambda z: (
                -z[0] / (z[0] * z[0] + z[1] * z[1]) ** 1.5,
                -z[1] / (z[0] * z[0] + z[1] * z[1]) ** 1.5,
            ),
            pendulum_force: lambda z: (-np.sin(z[0]),),
        }[force]
    )

    @numba.njit(error_model="numpy")
    def run(q, p, steps):
        n = len(q)
        z, w = np.empty(n), np.empty(n)
        for k in range(q.shape[1]):
            z[:], w[:] = q[:, k], p[:, k]
            f = compiled(z)
            for i in range(n):
                w[i] += DT / 2 * f[i]
            for step in range(steps):
                for i in range(n):
                    z[i] += DT * w[i]
                f = compiled(z)
                part = DT / 2 if step == steps - 1 else DT
                for i in range(n):
                    w[i] += part * f[i]
            q[:, k], p[:, k] = z, w

    return run


def jax_step(force):
    """A kick and a drift, kicks joined."""

    def step(_, z):
        q, p = z
        p = [a + DT * f for a, f in zip(p, force(jnp, *q), strict=True)]
        q = [a + DT * b for a, b in zip(q, p, strict=True)]
        return q, p

    return step


def jax_forms(force) -> dict:
    """Three ways to write the loop for JAX."""
    step = jax_step(force)

    def whole(z, steps):
        return jax.lax.fori_loop(0, steps, step, z)

    def unrolled(z, steps):
        def eight(_, z):
            for _ in range(8):
                z = step(0, z)
            return z

        return jax.lax.fori_loop(0, steps // 8, eight, z)

    def blocks(z, steps):
        cut = jax.tree.map(lambda a: a.reshape(-1, 512), z)
        done = jax.lax.map(lambda z: jax.lax.fori_loop(0, steps, step, z), cut)
        return jax.tree.map(lambda a: a.reshape(-1), done)

    def blocks_unrolled(z, steps):
        cut = jax.tree.map(lambda a: a.reshape(-1, 512), z)
        done = jax.lax.map(lambda z: unrolled(z, steps), cut)
        return jax.tree.map(lambda a: a.reshape(-1), done)

    forms = {
        "JAX, whole arrays": whole,
        "JAX, 8 steps unrolled": unrolled,
        "JAX, blocks of 512": blocks,
        "JAX, blocks, 8 steps unrolled": blocks_unrolled,
    }
    return {name: jax.jit(f, static_argnums=1) for name, f in forms.items()}


def leapfrogs(name: str) -> dict:
    """All contestants for one separable system."""
    system, params, force = SPLIT[name]
    q, p = initial(name)
    work = TRAJECTORIES * STEPS
    alone = numba_alone(force)

    def ours():
        integrate(
            system, (q, p), dt=DT, steps=STEPS, params=params, save="end",
            method=STORMER_VERLET, backend="numba", threads=1,
        )  # fmt: skip
        return work

    def naive():
        numpy_naive(force, q, p, STEPS // 20)
        return work / 20

    def one_by_one():
        alone(q.copy(), p.copy(), STEPS // 4)
        return TRAJECTORIES * (STEPS // 4)

    contestants = {OURS: ours, "NumPy, naive": naive, "Numba, one by one": one_by_one}
    z = ([jnp.asarray(x) for x in q], [jnp.asarray(x) for x in p])
    for form, run in jax_forms(force).items():

        def with_jax(run=run):
            jax.block_until_ready(run(z, STEPS))
            return work

        contestants[form] = with_jax
    return contestants


# The double pendulum: a mass matrix, hence Runge-Kutta --------------------------------


def double_pendulum_field(xp, a, b, p, r):
    """Hamilton's equations of two equal links, the mass matrix solved by hand."""
    c, s = xp.cos(a - b), xp.sin(a - b)
    D = 2 - c * c
    u, v = (p - c * r) / D, (2 * r - c * p) / D
    w = u * v * s
    return u, v, -w - 2 * xp.sin(a), w - xp.sin(b)


def runge_kutta(xp, z):
    """The classical step."""

    def add(h, k):
        return [x + h * y for x, y in zip(z, k, strict=True)]

    k1 = double_pendulum_field(xp, *z)
    k2 = double_pendulum_field(xp, *add(DT / 2, k1))
    k3 = double_pendulum_field(xp, *add(DT / 2, k2))
    k4 = double_pendulum_field(xp, *add(DT, k3))
    return [
        x + DT / 6 * (a + 2 * b + 2 * c + d)
        for x, a, b, c, d in zip(z, k1, k2, k3, k4, strict=True)
    ]


def double_pendulums() -> dict:
    """All contestants for the double pendulum."""
    system = implicit_legendre(models.double_pendulum())
    params = dict.fromkeys(("m_1", "m_2", "l_1", "l_2", "g"), 1.0)
    q, p = initial("double pendulum")
    steps = STEPS // 8

    def ours():
        integrate(
            system, (q, p), dt=DT, steps=steps, params=params, save="end",
            method=RUNGE_KUTTA_4, backend="numba", threads=1,
        )  # fmt: skip
        return TRAJECTORIES * steps

    def naive():
        z = [*q, *p]
        for _ in range(steps // 10):
            z = runge_kutta(np, z)
        return TRAJECTORIES * (steps // 10)

    contestants = {OURS: ours, "NumPy, naive": naive}
    z = [jnp.asarray(x) for x in (*q, *p)]
    cut = [x.reshape(-1, 512) for x in z]

    @jax.jit
    def whole(z):
        return jax.lax.fori_loop(0, steps, lambda _, z: runge_kutta(jnp, z), z)

    @jax.jit
    def blocks(z):
        return jax.lax.map(whole, z)

    for form, run, start in (
        ("JAX, whole arrays", whole, z),
        ("JAX, blocks of 512", blocks, cut),
    ):

        def with_jax(run=run, start=start):
            jax.block_until_ready(run(start))
            return TRAJECTORIES * steps

        contestants[form] = with_jax
    return contestants


def compile_time(name: str) -> float:
    """Processor seconds of the first short run beyond those of the second."""
    if name == "double pendulum":
        system, method = implicit_legendre(models.double_pendulum()), RUNGE_KUTTA_4
        params = dict.fromkeys(("m_1", "m_2", "l_1", "l_2", "g"), 1.0)
    else:
        (system, params, _), method = SPLIT[name], STORMER_VERLET
    times = []
    for _ in range(2):
        start = process_time()
        integrate(
            system, initial(name), dt=DT, steps=1, params=params, save="end",
            method=method, backend="numba",
        )  # fmt: skip
        times.append(process_time() - start)
    return times[0] - times[1]


def main() -> int:
    """Print the tables, record them, and say whether the targets are met."""
    on_one_processor()
    rows, missed = [], []
    integrate(  # load the compiler
        SPLIT["pendulum"][0], ([1.0], [0.0]), dt=DT, steps=1, backend="numba",
        params=SPLIT["pendulum"][1],
    )  # fmt: skip
    for name in (*SPLIT, "double pendulum"):
        seconds = compile_time(name)
        contest = double_pendulums() if name == "double pendulum" else leapfrogs(name)
        rates = race(contest)
        table(name, "trajectory-steps per processor second; ratio", rates, OURS)
        fastest = max(rate for form, rate in rates.items() if form.startswith("JAX"))
        ratios = (rates[OURS] / fastest, rates[OURS] / rates["NumPy, naive"])
        print(f"  compiled in {seconds:.1f} s")
        if ratios[0] < AGAINST_JAX or ratios[1] < AGAINST_NUMPY:
            missed.append(name)
        if seconds > COMPILATION:
            missed.append(f"{name} (compilation)")
        rows.append({"system": name, "compile_s": round(seconds, 2), "rates": rates})
    record("ensembles", rows)
    print("\nmissed:", ", ".join(missed) or "nothing")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
