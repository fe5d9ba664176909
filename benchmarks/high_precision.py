"""High precision: Hénon-Heiles orbits to T = 100, against heyoka's Taylor series.

For each method the tolerance or the step is varied; error and speed of all settings
make a curve, and the speeds are compared at equal error. The error is the median over
the ensemble of the largest error of a coordinate or momentum at the end, against
heyoka in 80-bit arithmetic. Ours is an eighth-order composition in lanes, generated
from the symbolic system; heyoka integrates eight trajectories at a time. SciPy's DOP853
shows what a general-purpose integrator does.
"""

import sys
from time import process_time

import heyoka as hy
import numpy as np
from scipy.integrate import solve_ivp
from side_by_side import on_one_processor, record

from mechanics import models
from mechanics.numerics import KAHAN_LI_8, integrate
from mechanics.symbolic import legendre

T, TRAJECTORIES, BATCH, ROUNDS = 100.0, 10_240, 8, 3
STEPS = (240, 300, 380, 480, 600, 800, 1000, 1200, 1600)
TOLERANCES = (1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13, 1e-14)
TARGETS = {1e-9: 5.0, 1e-13: 2.0}


def equations():
    """The equations of motion for heyoka."""
    x, y, u, v = hy.make_vars("x", "y", "u", "v")
    return [(x, u), (y, v), (u, -x - 2 * x * y), (v, -y - x * x + y * y)]


def reference(z):
    """Final states in extended precision, of every sixteenth trajectory."""
    wide = np.longdouble
    taylor = hy.taylor_adaptive(
        equations(), np.zeros(4, wide), fp_type=wide, tol=wide(1e-19)
    )
    end = np.empty_like(z)
    for k, start in enumerate(z.T):
        taylor.time = wide(0)
        taylor.state[:] = start.astype(wide)
        taylor.propagate_until(wide(T))
        end[:, k] = taylor.state
    return end


def with_heyoka(z):
    """Return functions that integrate the ensemble, by tolerance."""

    def at(tolerance):
        taylor = hy.taylor_adaptive_batch(
            equations(), np.zeros((4, BATCH)), tol=tolerance
        )

        def run():
            end = np.empty_like(z)
            for k in range(0, z.shape[1], BATCH):
                taylor.set_time(0.0)
                taylor.state[:] = z[:, k : k + BATCH]
                taylor.propagate_until(T)
                end[:, k : k + BATCH] = taylor.state
            return end

        return run

    return {tolerance: at(tolerance) for tolerance in TOLERANCES}


def with_library(z):
    """Return functions that integrate the ensemble, by the number of steps."""
    system = legendre(models.henon_heiles())

    def at(steps):
        def run():
            return integrate(
                system, (z[:2], z[2:]), dt=T / steps, steps=steps, save="end",
                method=KAHAN_LI_8, backend="numba", threads=1,
            ).end  # fmt: skip

        return run

    return {steps: at(steps) for steps in STEPS}


def with_scipy(z):
    """DOP853 on one trajectory, as a function of nothing."""

    def field(t, s):
        return s[2], s[3], -s[0] - 2 * s[0] * s[1], -s[1] - s[0] ** 2 + s[1] ** 2

    def run():
        return solve_ivp(field, (0, T), z, method="DOP853", rtol=1e-11, atol=1e-11)

    return run


def speed_at(error: float, points: list[tuple[float, float]]) -> float:
    """Interpolate the speed of a method at an error, on a double-logarithmic scale."""
    points = sorted(points)
    errors, speeds = np.log([p[0] for p in points]), np.log([p[1] for p in points])
    if not errors[0] <= np.log(error) <= errors[-1]:
        raise ValueError(
            f"the settings reach errors from {points[0][0]:.0e} to {points[-1][0]:.0e}"
            f" only, not {error:.0e}"
        )
    return float(np.exp(np.interp(np.log(error), errors, speeds)))


def main() -> int:
    """Print both curves and the ratios at equal error; record them."""
    on_one_processor()
    z = np.random.default_rng(1).uniform(-0.15, 0.15, (4, TRAJECTORIES))
    exact = reference(z[:, ::16])
    contests = {"mechanics": with_library(z), "heyoka": with_heyoka(z)}
    times = {name: {s: [] for s in runs} for name, runs in contests.items()}
    errors = {name: {} for name in contests}
    for name, runs in contests.items():
        for setting, run in runs.items():
            distance = np.abs(run()[:, ::16] - exact).max(axis=0)
            errors[name][setting] = float(np.median(distance))
    for _ in range(ROUNDS):
        for name, runs in contests.items():
            for setting, run in runs.items():
                start = process_time()
                run()
                times[name][setting].append(process_time() - start)
    curves = {
        name: [
            (errors[name][s], TRAJECTORIES * T / float(np.median(times[name][s])))
            for s in runs
        ]
        for name, runs in contests.items()
    }
    for name, points in curves.items():
        print(f"\n{name}: error, trajectory time per processor second")
        for error, speed in points:
            print(f"  {error:8.1e} {speed:10.2e}")
    scipy = with_scipy(z[:, 0])
    start = process_time()
    scipy()
    print(f"\nSciPy's DOP853, one trajectory: {T / (process_time() - start):.1e}")
    rows, missed = [], False
    for error, target in TARGETS.items():
        rates = {name: speed_at(error, points) for name, points in curves.items()}
        ratio = rates["mechanics"] / rates["heyoka"]
        missed |= ratio < target
        print(f"at an error of {error:.0e}: {ratio:.1f} times heyoka (target {target})")
        rows.append({"system": f"Hénon-Heiles, error {error:.0e}", "rates": rates})
    record("high_precision", rows)
    return missed


if __name__ == "__main__":
    sys.exit(main())
