"""The pendulum's force: nanoseconds for a sine, by NumPy, Numba and in our lanes."""

import sys

import numba
import numpy as np
from side_by_side import on_one_processor, race, record, table

from mechanics.numerics import elementary

SIZE, REPEAT = 4096, 500
OURS = "mechanics, in lanes"
TARGET = 3.0 / 9.4  # of Numba's np.sin


def main() -> int:
    """Print the table and record it."""
    on_one_processor()
    x = np.random.default_rng(1).uniform(-10, 10, SIZE)
    y = np.empty_like(x)
    sine = elementary.sin

    def loop(function):
        @numba.njit(error_model="numpy", fastmath={"contract"})
        def run(x, y):
            for _ in range(REPEAT):
                for i in range(x.size):
                    y[i] = -function(x[i])

        def work():
            run(x, y)
            return SIZE * REPEAT

        return work

    @numba.njit
    def system_sine(x):
        return np.sin(x)

    def with_numpy():
        for _ in range(REPEAT):
            np.negative(np.sin(x), out=y)
        return SIZE * REPEAT

    rates = race(
        {OURS: loop(sine), "Numba, np.sin": loop(system_sine), "NumPy": with_numpy}
    )
    table("a sine", "forces per processor second; ratio", rates, OURS)
    print("  " + ", ".join(f"{n} {1e9 / r:.2f} ns" for n, r in rates.items()))
    loop(sine)()
    error = np.abs(y + np.sin(x)).max()
    print(f"  largest difference from the system's sine: {error:.1e}")
    record("sine", [{"system": "sine", "rates": rates, "difference": float(error)}])
    return rates["Numba, np.sin"] > TARGET * rates[OURS]


if __name__ == "__main__":
    sys.exit(main())
