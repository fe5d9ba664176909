"""Poisson structures: canonical, Lie-Poisson, spins, and products of them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement
from itertools import product as indices

import sympy as sp

from mechanics.symbolic.symbols import check_symbols, coerce
from mechanics.symbolic.zero import is_zero


@dataclass(frozen=True)
class PoissonStructure:
    r"""A Poisson bracket on the variables :math:`x`, given by a matrix :math:`B(x)`.

    .. math::
        \{x_i,x_j\}=B_{ij}(x),\qquad
        \{f,g\}=\sum_{ij}\frac{\partial f}{\partial x_i}B_{ij}
        \frac{\partial g}{\partial x_j},\qquad \dot x_i=\{x_i,H\}

    Mechanics with :math:`x=(q,p)` is the special case of a constant, regular
    :math:`B`. If :math:`B` is degenerate, functions :math:`C` with
    :math:`\{x_i,C\}=0` are constant whatever the Hamiltonian: the Casimirs.

    Parameters
    ----------
    x
        The variables.
    B
        The antisymmetric matrix of their brackets, of as many rows. The Jacobi
        identity is not assumed: see :meth:`jacobiator`.

    Raises
    ------
    ValueError
        If ``B`` has another shape or is not antisymmetric; the message names the pair.

    Notes
    -----
    Sources: AMM-19 to 22, HM-eq-3.3.12 to 3.3.19.

    Examples
    --------
    A spin in a field :math:`h` precesses; its length is a Casimir.

    >>> import sympy as sp
    >>> S = sp.symbols("S_x S_y S_z", real=True)
    >>> h = sp.Symbol("h", real=True)
    >>> spin = PoissonStructure.spins(S)
    >>> spin.vector_field(h*S[2])
    (-S_y*h, S_x*h, 0)
    >>> spin.casimir_defect(sum(s**2 for s in S)), spin.rank()
    ((0, 0, 0), 2)
    """

    x: tuple[sp.Symbol, ...]
    B: sp.ImmutableMatrix

    def __post_init__(self):
        coerce(self, x=tuple, B=sp.ImmutableMatrix)
        n = len(self.x)
        if self.B.shape != (n, n):
            raise ValueError(
                f"{n} variables but a matrix of shape {self.B.shape}: B holds one "
                "bracket for each pair of variables"
            )
        check_symbols("B", tuple(self.B), self.x)
        for i, j in combinations_with_replacement(range(n), 2):
            if not is_zero(self.B[i, j] + self.B[j, i]):
                raise ValueError(
                    f"B is not antisymmetric: {{{self.x[i]}, {self.x[j]}}} = "
                    f"{self.B[i, j]} but {{{self.x[j]}, {self.x[i]}}} = {self.B[j, i]}"
                )

    @classmethod
    def canonical(
        cls, q: Sequence[sp.Symbol], p: Sequence[sp.Symbol]
    ) -> "PoissonStructure":
        r"""The bracket of mechanics, :math:`\{q_i,p_j\}=\delta_{ij}`.

        The variables are ordered :math:`x=(q_1,\dots,q_n,p_1,\dots,p_n)`.
        """
        if len(q) != len(p):
            raise ValueError(
                f"{len(q)} coordinates but {len(p)} momenta: give one momentum per "
                "coordinate"
            )
        n = len(q)
        J = sp.Matrix(2 * n, 2 * n, lambda i, j: int(j == i + n) - int(i == j + n))
        return cls((*q, *p), J)

    @classmethod
    def lie_poisson(cls, x: Sequence[sp.Symbol], c: Sequence) -> "PoissonStructure":
        r"""The bracket linear in the variables that belongs to a Lie algebra.

        .. math:: \{x_i,x_j\}=\sum_kc_{ij}^kx_k

        Parameters
        ----------
        x
            The :math:`n` variables.
        c
            The structure constants :math:`c_{ij}^k` as ``c[i][j][k]``, an
            :math:`n\times n\times n` array or nested list.

        Raises
        ------
        ValueError
            If :math:`c_{ij}^k\ne-c_{ji}^k`, or if the Jacobi identity
            :math:`\sum_l(c_{ij}^lc_{lk}^m+c_{jk}^lc_{li}^m+c_{ki}^lc_{lj}^m)=0`
            fails; the message names the three variables.
        """
        c, n = sp.Array(c), len(x)
        if c.shape != (n, n, n):
            raise ValueError(
                f"structure constants of shape {c.shape} for {n} variables: "
                f"c[i][j][k] needs the shape {(n, n, n)}"
            )
        for i, j, k in indices(range(n), repeat=3):
            if not is_zero(c[i, j, k] + c[j, i, k]):
                raise ValueError(
                    f"the structure constants are not antisymmetric at "
                    f"({x[i]}, {x[j]}, {x[k]}): c[{i}][{j}][{k}] = {c[i, j, k]} but "
                    f"c[{j}][{i}][{k}] = {c[j, i, k]}"
                )
        B = sp.Matrix(n, n, lambda i, j: sum(c[i, j, k] * x[k] for k in range(n)))
        structure = cls(x, B)
        for triple, defect in structure.jacobiator().items():
            if not is_zero(defect):
                names = ", ".join(map(str, triple))
                raise ValueError(
                    f"the structure constants violate the Jacobi identity at "
                    f"({names}), by {defect}: they belong to no Lie algebra"
                )
        return structure

    @classmethod
    def spins(cls, *S: Sequence[sp.Symbol]) -> "PoissonStructure":
        r"""Classical spins, :math:`\{S^a,S^b\}=\sum_c\epsilon_{abc}S^c` for each.

        Different spins commute. Hamilton's equations of every spin are

        .. math:: \dot{\mathbf S}=\frac{\partial H}{\partial\mathbf S}\times\mathbf S

        Parameters
        ----------
        *S
            One vector of three symbols per spin.
        """
        for vector in S:
            if len(vector) != 3:
                raise ValueError(
                    f"a spin has three components, not the {len(vector)} of {vector}; "
                    "give several spins as spins(S1, S2)"
                )
        epsilon = [
            [[sp.LeviCivita(a, b, c) for c in range(3)] for b in range(3)]
            for a in range(3)
        ]
        return cls.product(*(cls.lie_poisson(tuple(vector), epsilon) for vector in S))

    @classmethod
    def product(cls, *factors: "PoissonStructure") -> "PoissonStructure":
        r"""Put systems side by side: variables of different factors commute.

        A spin-lattice system (AMM-22) is ``product(canonical(q, p), spins(S1, S2))``.
        """
        return cls(
            tuple(x for factor in factors for x in factor.x),
            sp.diag(*(factor.B for factor in factors)),
        )

    def bracket(self, f: sp.Expr, g: sp.Expr) -> sp.Expr:
        r"""The bracket :math:`\{f,g\}=\sum_{ij}\partial_if\,B_{ij}\,\partial_jg`."""
        f, g = sp.sympify(f), sp.sympify(g)
        check_symbols("the bracket", (f, g), self.x)
        df, dg = self._gradient(f), self._gradient(g)
        return sum(
            self.B[i, j] * (df[i] * dg[j] - df[j] * dg[i])
            for i, j in combinations(range(len(self.x)), 2)
        )

    def vector_field(self, H: sp.Expr) -> tuple[sp.Expr, ...]:
        r"""The velocities :math:`\dot x_i=\{x_i,H\}=\sum_jB_{ij}\,\partial_jH`."""
        H = sp.sympify(H)
        check_symbols("H", (H,), self.x)
        return tuple(self.B * sp.Matrix(self._gradient(H)))

    def time_derivative(
        self, f: sp.Expr, H: sp.Expr, t: sp.Symbol | None = None
    ) -> sp.Expr:
        r"""The rate :math:`df/dt=\{f,H\}+\partial f/\partial t` along the motion."""
        return self.bracket(f, H) + (0 if t is None else sp.diff(f, t))

    def jacobiator(self) -> dict[tuple[sp.Symbol, sp.Symbol, sp.Symbol], sp.Expr]:
        r"""The defect of the Jacobi identity, for every three variables.

        .. math::
            \{x_i,\{x_j,x_k\}\}+\{x_j,\{x_k,x_i\}\}+\{x_k,\{x_i,x_j\}\},\quad i<j<k

        As the bracket is a derivation in each slot, the identity holds for all
        functions if it holds for these.

        Returns
        -------
        dict
            From :math:`(x_i,x_j,x_k)` to the defect; empty for two variables or fewer,
            where the identity holds by antisymmetry.

        Examples
        --------
        A charge in a field :math:`\mathbf B` has
        :math:`\{v_i,v_j\}=\epsilon_{ijk}B_k`: the identity holds if
        :math:`\nabla\cdot\mathbf B=0`, and a magnetic monopole density breaks it.

        >>> import sympy as sp
        >>> x, y, z, u, v, w, b = sp.symbols("x y z u v w b", real=True)
        >>> B = [b*x, b*y, b*z]
        >>> cross = sp.Matrix([[0, B[2], -B[1]], [-B[2], 0, B[0]], [B[1], -B[0], 0]])
        >>> one = sp.eye(3)
        >>> matrix = sp.Matrix(sp.BlockMatrix([[0*one, one], [-one, cross]]))
        >>> PoissonStructure((x, y, z, u, v, w), matrix).jacobiator()[u, v, w]
        -3*b
        """
        x, B, n = self.x, self.B, len(self.x)
        dB = {
            (i, j): self._gradient(B[i, j]) if B[i, j] else (0,) * n
            for i, j in indices(range(n), repeat=2)
        }
        return {
            (x[i], x[j], x[k]): sp.expand(
                sum(
                    B[a, m] * dB[b, c][m]
                    for a, b, c in ((i, j, k), (j, k, i), (k, i, j))
                    for m in range(n)
                    if dB[b, c][m] != 0
                )
            )
            for i, j, k in combinations(range(n), 3)
        }

    @property
    def is_poisson(self) -> bool:
        """Whether the Jacobi identity holds."""
        return all(is_zero(defect) for defect in self.jacobiator().values())

    def casimir_defect(self, C: sp.Expr) -> tuple[sp.Expr, ...]:
        r"""The brackets :math:`\{x_i,C\}`, all zero if :math:`C` is a Casimir."""
        return tuple(sp.expand(defect) for defect in self.vector_field(C))

    def rank(self) -> int:
        r"""Rank of :math:`B` at a generic point: the dimension of its leaves.

        The number of variables minus the rank is the number of independent Casimirs
        near such a point. The rank is lower on special points only (a spin of length
        zero), so the largest one found at a few random rational points is returned.
        """
        draw, symbols = random.Random(0), sorted(self.B.free_symbols, key=str)
        points = [
            {s: sp.Rational(draw.randint(100, 900), 1009) for s in symbols}
            for _ in range(3)
        ]
        return max(self.B.subs(point).rank() for point in points)

    def _gradient(self, f: sp.Expr) -> tuple[sp.Expr, ...]:
        return tuple(sp.diff(f, x) for x in self.x)


def divergence(
    vector_field: Sequence[sp.Expr], variables: Sequence[sp.Symbol]
) -> sp.Expr:
    r"""The rate at which a flow :math:`\dot x=X(x)` expands volumes.

    .. math:: \nabla\cdot X=\sum_i\frac{\partial X_i}{\partial x_i}

    It vanishes for every Hamiltonian system in canonical variables (Liouville); for a
    thermostat it does not.

    Parameters
    ----------
    vector_field
        The velocities :math:`X_i`. A multiplier in them must be written out as a
        function of the variables: left as a symbol it counts as a constant.
    variables
        The symbols :math:`x_i`, in the same order.

    Raises
    ------
    ValueError
        If there are not as many velocities as variables.

    Notes
    -----
    Sources: HM-eq-3.3.10, AMM-33 to 35.

    Examples
    --------
    The isokinetic multiplier :math:`\alpha` of two momenta, with unit mass: the
    divergence is :math:`-(2-1)\alpha`.

    >>> import sympy as sp
    >>> x, y, p, r, F = sp.symbols("x y p r F", real=True)
    >>> alpha = F*p/(p**2 + r**2)
    >>> rate = divergence((p, r, F - alpha*p, -alpha*r), (x, y, p, r))
    >>> sp.cancel(rate/alpha)
    -1
    """
    if len(vector_field) != len(variables):
        raise ValueError(
            f"{len(vector_field)} velocities for {len(variables)} variables: give one "
            "velocity per variable"
        )
    X = [sp.sympify(velocity) for velocity in vector_field]
    check_symbols("the vector field", X, tuple(variables))
    return sum(sp.diff(velocity, x) for velocity, x in zip(X, variables, strict=True))
