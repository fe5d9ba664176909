"""Pendulum of n links: from the Lagrangian to accelerations, against SymPy's own way.

The peer is ``sympy.physics.mechanics.LagrangesMethod``. Both start from the same
Lagrangian, derive a mass matrix and a right side (the library also proves that the
matrix is regular), and solve them with NumPy at one state. Two Lagrangians are tried:
the sum of the bobs' energies as it comes from their velocities, and the compact form
of the models. Both sides evaluate what ``lambdify`` makes of their matrices. The
library shares subexpressions, the peer's default does not: that alone makes the ratio
of the evaluations, and the last column shows the peer with sharing. Caches are emptied
before each derivation, the runs alternate, and the table gives the shortest processor
times, which other work on the machine disturbs least.
"""

from time import process_time

import numpy as np
import sympy as sp
from sympy.core.cache import clear_cache
from sympy.physics.mechanics import LagrangesMethod, dynamicsymbols

from mechanics.models import n_link_pendulum
from mechanics.symbolic.lagrangian import LagrangianSystem

LINKS = range(1, 7)
ROUNDS, EVALUATIONS = 5, 300
DERIVE_LIMIT, EVALUATE_LIMIT = 2, 5  # ratios for six links, from the velocities
TIE = 0.9  # for one link both generate the same code: the times differ by noise


def energies_of_the_bobs(model):
    """The Lagrangian from Cartesian velocities, nothing expanded."""
    n = len(model.q)
    g, *rest = model.params
    l, m = rest[:n], rest[n:]
    L = x_dot = y_dot = y = sp.S.Zero
    for i, (q, v) in enumerate(zip(model.q, model.v, strict=True)):
        x_dot += l[i] * v * sp.cos(q)
        y_dot += l[i] * v * sp.sin(q)
        y -= l[i] * sp.cos(q)
        L += m[i] * (x_dot**2 + y_dot**2) / 2 - m[i] * g * y
    return L


def with_library(L, q, v):
    """Matrix and right side of the equations of motion; regularity is proved too."""
    system = LagrangianSystem(L, q, v)
    system.require_regular()
    return system.linear_system


def with_sympy(L, q):
    """The same by SymPy's mechanics."""
    method = LagrangesMethod(L, q)
    method.form_lagranges_equations()
    return method.mass_matrix, method.forcing


def solver(arguments, matrix, right, cse):
    """Accelerations as a function of the state and the parameters."""
    n = matrix.rows
    entries = sp.lambdify(arguments, [*matrix, *right], modules="numpy", cse=cse)

    def accelerations(*values):
        numbers = np.array(entries(*values))
        return np.linalg.solve(numbers[: n * n].reshape(n, n), numbers[n * n :])

    return accelerations


def seconds(function, *arguments):
    """Processor time of one call, and its result."""
    start = process_time()
    result = function(*arguments)
    return process_time() - start, result


def repeat(function, values):
    """Evaluate many times and return the last result."""
    for _ in range(EVALUATIONS):
        result = function(*values)
    return result


def compare(model, L):
    """Derivation and evaluation times in seconds, by name."""
    q, v, params = model.q, model.v, model.params
    paths = dynamicsymbols([s.name for s in q])
    rates = [path.diff() for path in paths]
    moving = L.xreplace(dict(zip((*q, *v), (*paths, *rates), strict=True)))
    derive = {"library": [], "sympy": []}
    for _ in range(ROUNDS):
        clear_cache()
        time, ours = seconds(with_library, L, q, v)
        derive["library"].append(time)
        clear_cache()
        time, theirs = seconds(with_sympy, moving, paths)
        derive["sympy"].append(time)
    solvers = {
        "library": solver((*q, *v, *params), *ours, cse=True),
        "sympy": solver((*paths, *rates, *params), *theirs, cse=False),
        "shared": solver((*paths, *rates, *params), *theirs, cse=True),
    }
    values = np.random.default_rng(len(q)).uniform(0.5, 1.5, 2 * len(q) + len(params))
    expected = solvers["library"](*values)
    evaluate = {name: [] for name in solvers}
    for _ in range(ROUNDS):
        for name, accelerations in solvers.items():
            time, result = seconds(repeat, accelerations, values)
            evaluate[name].append(time / EVALUATIONS)
            np.testing.assert_allclose(result, expected, rtol=1e-8)
    return (
        {name: min(times) for name, times in derive.items()},
        {name: min(times) for name, times in evaluate.items()},
    )


def table(title, lagrangian):
    """Print the times of one Lagrangian; return the ratios for the longest chain."""
    print(f"{title}\n      derive / ms              evaluate / us")
    print(" n  library   sympy  ratio   library   sympy  ratio  (shared)")
    for n in LINKS:
        model = n_link_pendulum(n)
        derive, evaluate = compare(model, lagrangian(model))
        ratios = [times["sympy"] / times["library"] for times in (derive, evaluate)]
        print(
            f"{n:2}{1e3 * derive['library']:9.1f}{1e3 * derive['sympy']:8.0f}"
            f"{ratios[0]:7.1f}{1e6 * evaluate['library']:10.1f}"
            f"{1e6 * evaluate['sympy']:8.0f}{ratios[1]:7.1f}"
            f"{1e6 * evaluate['shared']:10.1f}"
        )
        assert ratios[0] >= 1
        assert ratios[1] >= TIE
    return ratios


def main():
    """Print both tables and hold the library to its limits."""
    table("compact Lagrangian", lambda model: model.L)
    derive, evaluate = table("energies of the bobs", energies_of_the_bobs)
    assert derive >= DERIVE_LIMIT
    assert evaluate >= EVALUATE_LIMIT


if __name__ == "__main__":
    main()
