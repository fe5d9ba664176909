"""Hénon-Heiles normal form to degree 8: polynomial ring against ``sympy.expand``.

Both run the same Lie series in the same complex variables; only the arithmetic
differs. Prints the processor seconds of each and their ratio.
"""

from time import process_time

import sympy as sp

from mechanics.symbolic.hamiltonian import HamiltonianSystem
from mechanics.symbolic.perturbation.lie_series import normalize
from mechanics.symbolic.perturbation.normal_form import normal_form

DEGREE = 8
LIMIT = 3.0  # seconds


def with_ring(degree: int) -> dict[int, sp.Expr]:
    """Normalize with the library."""
    x, y, u, v = sp.symbols("x y u v", real=True)
    H = (x**2 + y**2 + u**2 + v**2) / 2 + x**2 * y - y**3 / 3
    form = normal_form(HamiltonianSystem(H, (x, y), (u, v)), degree, [(1, -1)])
    return form.terms


def with_expand(degree: int) -> list[sp.Expr]:
    """Normalize expressions, expanded after each bracket."""
    z = sp.symbols("z_1 z_2")
    w = sp.symbols("w_1 w_2")
    x, y = ((a + b) / 2 for a, b in zip(z, w, strict=True))
    quadratic = (z[0] * w[0] + z[1] * w[1]) / 2
    H = [sp.expand(h) for h in (quadratic, x**2 * y - y**3 / 3)]
    H += [sp.Integer(0)] * (degree - 3)

    def bracket(f, chi):
        pairs = zip(z, w, strict=True)
        return sp.expand(
            2 * sum(f.diff(a) * chi.diff(b) - f.diff(b) * chi.diff(a) for a, b in pairs)
        )

    def solve(_, f):
        kernel = chi = sp.Integer(0)
        for (a, b, d, e), c in sp.Poly(f, *z, *w).terms():
            term = c * z[0] ** a * z[1] ** b * w[0] ** d * w[1] ** e
            if k := a + b - d - e:
                chi += term / k
            else:
                kernel += term
        return kernel, chi

    return normalize(H, bracket, solve)[0]


def main() -> None:
    """Time both, check that they agree, and hold the library to its limit."""
    seconds, results = {}, {}
    for run in (with_ring, with_expand):
        run(4)  # fill the caches
        start = process_time()
        results[run] = run(DEGREE)
        seconds[run] = process_time() - start
    x, y, u, v = sp.symbols("x y u v", real=True)
    z = {"z_1": x + sp.I * u, "z_2": y + sp.I * v}
    z |= {"w_1": x - sp.I * u, "w_2": y - sp.I * v}
    plain = sp.Poly(results[with_expand][-1].subs(z), x, y, u, v).as_expr()
    assert sp.expand(plain - results[with_ring][DEGREE]) == 0
    ring, expand = seconds[with_ring], seconds[with_expand]
    print(f"Hénon-Heiles to degree {DEGREE}: {ring:.3f} s (limit {LIMIT:g} s)")
    print(f"the same with sympy.expand: {expand:.2f} s, {expand / ring:.0f} times")
    assert ring < LIMIT


if __name__ == "__main__":
    main()
