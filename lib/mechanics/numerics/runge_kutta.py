"""Runge-Kutta methods: explicit ones as controls, Gauss's symplectic ones."""

from dataclasses import dataclass

import sympy as sp

from mechanics.numerics.equations import STEP, TIME, Equations
from mechanics.numerics.program import Block
from mechanics.numerics.step import Step, UnsuitableMethodError


@dataclass(frozen=True)
class RungeKutta:
    r"""A Runge-Kutta method for :math:`\dot z=f(z,t)`.

    .. math::
        k_i=f\Big(z_n+h\sum_ja_{ij}k_j,\;t_n+c_ih\Big),\qquad
        z_{n+1}=z_n+h\sum_ib_ik_i

    If :math:`a_{ij}\ne0` for some :math:`j\ge i` the stages are solved for by
    fixed-point iteration, which converges if :math:`h` times the Lipschitz constant
    of :math:`f` is well below one. The method is symplectic, and keeps every quadratic
    invariant, if :math:`b_ia_{ij}+b_ja_{ji}=b_ib_j`.

    Attributes
    ----------
    name, order
        The method's usual name and its order.
    A, b, c
        The coefficients.
    source
        Where they come from.

    Examples
    --------
    A charge in a magnetic field, whose Hamiltonian no kick and drift can split:

    >>> from mechanics.numerics import GAUSS_LEGENDRE_4, integrate
    >>> from mechanics.symbolic import HamiltonianSystem
    >>> x, y, p_x, p_y = sp.symbols("x y p_x p_y", real=True)
    >>> charge = HamiltonianSystem(p_x**2/2 + (p_y - x)**2/2, (x, y), (p_x, p_y))
    >>> run = integrate(charge, ([0, 0], [1, 0]), dt=0.1, steps=100,
    ...                 method=GAUSS_LEGENDRE_4)
    >>> bool(max(abs(run.energy - run.energy[0])) < 1e-13)
    True
    """

    name: str
    order: int
    A: tuple[tuple[float, ...], ...]
    b: tuple[float, ...]
    c: tuple[float, ...]
    source: str

    @property
    def explicit(self) -> bool:
        """Whether each stage needs the earlier ones only."""
        return all(a == 0 for i, row in enumerate(self.A) for a in row[i:])

    def step(self, equations: Equations) -> Step:
        """Write the stages for these equations."""
        if equations.field is None:
            raise UnsuitableMethodError(
                f"{self.name} needs the vector field, and this system is known by its "
                f"flows {', '.join(equations.flows)} only; use a splitting method"
            )
        block, z = Block(), equations.state
        if self.explicit:
            slopes: list[tuple] = []
            for row, c in zip(self.A, self.c, strict=True):
                at = _advanced(z, row, slopes)
                slopes.append(
                    tuple(
                        map(
                            block.let,
                            block.call(equations.field, (*at, TIME + c * STEP)),
                        )
                    )
                )
        else:
            slopes = [tuple(block.symbol() for _ in z) for _ in self.b]
            body, new = block.inner(), []
            for row, c in zip(self.A, self.c, strict=True):
                at = _advanced(z, row, slopes)
                new += body.call(equations.field, (*at, TIME + c * STEP))
            unknowns = [k for stage in slopes for k in stage]
            block.iterate(
                unknowns, [0] * len(unknowns), [x / STEP for x in z], body, new
            )
        block.set(dict(zip(z, _advanced(z, self.b, slopes), strict=True)))
        return Step(tuple(block.statements))


def _advanced(z, weights, slopes) -> list[sp.Expr]:
    r"""Return :math:`z+h\sum_jw_jk_j`."""
    used = [(w, k) for w, k in zip(weights, slopes, strict=False) if w != 0]
    return [
        x + STEP * sum((w * k[i] for w, k in used), sp.S.Zero) for i, x in enumerate(z)
    ]
