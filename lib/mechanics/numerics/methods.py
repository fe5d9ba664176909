"""The methods: coefficients as data, with their sources."""

from itertools import pairwise

import numpy as np

from mechanics.numerics.runge_kutta import RungeKutta
from mechanics.numerics.splitting import SplittingMethod, compose

# Orders one and two -------------------------------------------------------------------

SYMPLECTIC_EULER = SplittingMethod(
    "symplectic Euler", 1, (("kick", 1.0), ("drift", 1.0)), "hairer_geometric_2006"
)
SYMPLECTIC_EULER_B = SplittingMethod(
    "symplectic Euler, drift first",
    1,
    (("drift", 1.0), ("kick", 1.0)),
    "hairer_geometric_2006",
)
STORMER_VERLET = SplittingMethod(
    "Störmer-Verlet",
    2,
    (("kick", 0.5), ("drift", 1.0), ("kick", 0.5)),
    "hairer_geometric_2006",
)
POSITION_VERLET = SplittingMethod(
    "position Verlet",
    2,
    (("drift", 0.5), ("kick", 1.0), ("drift", 0.5)),
    "hairer_geometric_2006",
)


# Compositions of a symmetric method of order two --------------------------------------


def mirrored(*gamma: float) -> tuple[float, ...]:
    """A symmetric list from its first half; the middle is what is missing to one."""
    return (*gamma, 1 - 2 * sum(gamma), *reversed(gamma))


TRIPLE_JUMP = mirrored(1 / (2 - 2 ** (1 / 3)))
SUZUKI = mirrored(1 / (4 - 4 ** (1 / 3)), 1 / (4 - 4 ** (1 / 3)))
YOSHIDA_7 = mirrored(
    0.78451361047755726382, 0.23557321335935813368, -1.17767998417887100695
)
KAHAN_LI_9 = mirrored(
    0.39216144400731413928,
    0.33259913678935943860,
    -0.70624617255763935981,
    0.08221359629355080023,
)
SUZUKI_UMENO_15 = mirrored(
    0.74167036435061295345,
    -0.40910082580003159400,
    0.19075471029623837995,
    -0.57386247111608226666,
    0.29906418130365592384,
    0.33462491824529818378,
    0.31529309239676659663,
)
KAHAN_LI_17 = mirrored(
    0.13020248308889008088,
    0.56116298177510838456,
    -0.38947496264484728641,
    0.15884190655515560090,
    -0.39590389413323757734,
    0.18453964097831570709,
    0.25837438768632204729,
    0.29501172360931029887,
)

FOREST_RUTH = compose(
    POSITION_VERLET, TRIPLE_JUMP, "Forest-Ruth", 4, "yoshida_construction_1990"
)
YOSHIDA_4 = compose(
    STORMER_VERLET, TRIPLE_JUMP, "Yoshida 4", 4, "yoshida_construction_1990"
)
SUZUKI_4 = compose(STORMER_VERLET, SUZUKI, "Suzuki 4", 4, "suzuki_fractal_1990")
YOSHIDA_6 = compose(
    STORMER_VERLET, YOSHIDA_7, "Yoshida 6", 6, "yoshida_construction_1990"
)
KAHAN_LI_6 = compose(
    STORMER_VERLET, KAHAN_LI_9, "Kahan-Li 6", 6, "kahan_composition_1997"
)
SUZUKI_UMENO_8 = compose(
    STORMER_VERLET, SUZUKI_UMENO_15, "Suzuki-Umeno 8", 8, "hairer_geometric_2006"
)
KAHAN_LI_8 = compose(
    STORMER_VERLET, KAHAN_LI_17, "Kahan-Li 8", 8, "kahan_composition_1997"
)

# Splittings that are no compositions --------------------------------------------------


def alternating(
    a: tuple[float, ...],
    b: tuple[float, ...],
    flows: tuple[str, str],
    name: str,
    order: int,
    source: str,
) -> SplittingMethod:
    """Alternate two flows, the first of which begins."""
    stages = []
    for i, coefficient in enumerate(a):
        stages.append((flows[0], coefficient))
        if i < len(b):
            stages.append((flows[1], b[i]))
    return SplittingMethod(name, order, tuple(stages), source)


# for H = p^2/2 + V(q) alone: uses that {V,{V,{V,T}}} = 0
MCLACHLAN_ATELA_4 = alternating(
    (
        0.1344961992774310892,
        -0.2248198030794208058,
        0.7563200005156682911,
        0.3340036032863214255,
    ),
    (
        0.5153528374311229364,
        -0.085782019412973646,
        0.4415830236164665242,
        0.1288461583653841854,
    ),
    ("kick", "drift"),
    "McLachlan-Atela 4",
    4,
    "mclachlan_accuracy_1992",
)


def saba(
    n: int, integrable: str = "integrable", perturbation: str = "perturbation"
) -> SplittingMethod:
    r"""Laskar and Robutel's splittings for :math:`H=H_0+\varepsilon H_1`.

    The error is of the order
    :math:`\varepsilon h^{2n}+\varepsilon^2h^2`: each perturbation is averaged along the
    integrable motion by Gauss's quadrature with ``n`` nodes.

    Parameters
    ----------
    n
        Evaluations of the perturbation in a step, at least one.
    integrable, perturbation
        The names of the flows of :math:`H_0` and :math:`\varepsilon H_1`.

    Examples
    --------
    >>> for name, coefficient in saba(2).stages:
    ...     print(f"{name:13}{coefficient:.4f}")
    integrable   0.2113
    perturbation 0.5000
    integrable   0.5774
    perturbation 0.5000
    integrable   0.2113
    """
    if n < 1:
        raise ValueError(f"SABA{n}: the number of evaluations must be at least one")
    nodes, weights = np.polynomial.legendre.leggauss(n)
    ends = (0.0, *((1 + nodes) / 2), 1.0)
    return alternating(
        tuple(float(right - left) for left, right in pairwise(ends)),
        tuple(map(float, weights / 2)),
        (integrable, perturbation),
        f"SABA{n}",
        2,
        "laskar_high_2001",
    )


def aba_864(
    integrable: str = "integrable", perturbation: str = "perturbation"
) -> SplittingMethod:
    r"""Blanes' and others' splitting of orders (8, 6, 4).

    For :math:`H=H_0+\varepsilon H_1` the error is of the order
    :math:`\varepsilon h^8+\varepsilon^2h^6+\varepsilon^3h^4`.

    Parameters
    ----------
    integrable, perturbation
        The names of the flows of :math:`H_0` and :math:`\varepsilon H_1`.

    Examples
    --------
    >>> aba_864().order, len(aba_864().stages)
    (4, 15)
    """
    a = (
        0.0711334264982231177779387300061549964174,
        0.241153427956640098736487795326289649618,
        0.521411761772814789212136078067994229991,
        -0.333698616227678005726562603400438876027,
    )
    b = (
        0.183083687472197221961703757166430291072,
        0.310782859898574869507522291054262796375,
        -0.0265646185119588006972121379164987592663,
    )
    return alternating(
        (*a, *reversed(a)),
        mirrored(*b),
        (integrable, perturbation),
        "ABA(8,6,4)",
        4,
        "blanes_new_2013",
    )


# Runge-Kutta methods ------------------------------------------------------------------

EXPLICIT_EULER = RungeKutta(
    "explicit Euler", 1, ((0.0,),), (1.0,), (0.0,), "hairer_geometric_2006"
)
RUNGE_KUTTA_4 = RungeKutta(
    "Runge-Kutta 4",
    4,
    ((0.0,) * 4, (0.5, 0, 0, 0), (0, 0.5, 0, 0), (0, 0, 1.0, 0)),
    (1 / 6, 1 / 3, 1 / 3, 1 / 6),
    (0.0, 0.5, 0.5, 1.0),
    "hairer_geometric_2006",
)


def gauss_legendre(stages: int, name: str) -> RungeKutta:
    r"""Gauss's method: collocation at the zeros of a Legendre polynomial.

    Symplectic, symmetric and of order ``2 * stages``, the highest there is.

    Parameters
    ----------
    stages
        Their number.
    name
        The method's name.

    Examples
    --------
    >>> gauss_legendre(1, "midpoint").A, gauss_legendre(1, "midpoint").b
    (((0.5,),), (1.0,))
    """
    nodes, weights = np.polynomial.legendre.leggauss(stages)
    c = (1 + nodes) / 2
    powers = np.arange(stages)
    # integrals of the Lagrange polynomials, exact on monomials c^k
    vandermonde = c[:, None] ** powers
    moments = c[:, None] ** (powers + 1) / (powers + 1)
    A = np.linalg.solve(vandermonde.T, moments.T).T
    return RungeKutta(
        name,
        2 * stages,
        tuple(tuple(map(float, row)) for row in A),
        tuple(map(float, weights / 2)),
        tuple(map(float, c)),
        "hairer_geometric_2006",
    )


IMPLICIT_MIDPOINT = gauss_legendre(1, "implicit midpoint")
GAUSS_LEGENDRE_4 = gauss_legendre(2, "Gauss-Legendre 4")
GAUSS_LEGENDRE_6 = gauss_legendre(3, "Gauss-Legendre 6")
