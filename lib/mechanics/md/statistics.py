"""Tests of ensembles that a wrong width cannot pass."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from mechanics.md.observables import block_average


@dataclass(frozen=True)
class Deviation:
    """How far a run is from theory, in standard errors.

    Attributes
    ----------
    mean, width
        Deviations of the mean and of the variance, in sigma.
    ratio
        The variance, divided by what it should be.

    Examples
    --------
    >>> Deviation(mean=1.2, width=-0.3, ratio=0.99).passed
    True
    """

    mean: float
    width: float
    ratio: float

    @property
    def passed(self) -> bool:
        """Whether both are below three sigma."""
        return abs(self.mean) < 3 and abs(self.width) < 3


def kinetic_energy_deviation(
    kinetic: np.ndarray, dof: int, kT: float, correlated: bool = True
) -> Deviation:
    r"""Compare kinetic energies with the canonical distribution: mean *and* width.

    .. math:: \langle K\rangle=\tfrac12N_fkT,\qquad
        \operatorname{var}K=\tfrac12N_f(kT)^2

    Parameters
    ----------
    kinetic
        Shape ``(n,)``, or ``(runs, n)`` for independent runs of equal length. The
        errors of several runs follow from the differences between them, whatever is
        correlated within each; a deviation is that of a normal distribution which is
        as improbable as Student's :math:`t` of the means of the runs.
    dof
        The degrees of freedom :math:`N_f`.
    kT
        The temperature.
    correlated
        Whether one series is one in time (errors by blocks), or of independent values.

    Raises
    ------
    ValueError
        For no degree of freedom, a temperature that is not positive, or a single run
        of shape ``(1, n)``.

    Notes
    -----
    Source: Merz and Shirts (2018).

    Examples
    --------
    Gamma-distributed values pass; with the right mean and half of the width they fail:

    >>> K = np.random.default_rng(0).gamma(5.0, 1.0, size=10_000)
    >>> kinetic_energy_deviation(K, 10, 1.0, correlated=False).passed
    True
    >>> kinetic_energy_deviation(5 + (K - 5)/2, 10, 1.0, correlated=False).passed
    False

    Twenty runs, each value of which comes five times:

    >>> runs = np.repeat(K.reshape(20, 500), 5, axis=1)
    >>> kinetic_energy_deviation(runs, 10, 1.0).passed
    True
    """
    if dof <= 0:
        raise ValueError("there are no degrees of freedom, and no temperature")
    if not kT > 0:
        raise ValueError(f"the temperature kT = {kT} is not positive")
    K = np.asarray(kinetic, float)
    if K.ndim not in (1, 2) or (K.ndim == 2 and len(K) < 2):
        raise ValueError(f"{K.shape} values: give (n,), or (runs, n) of several runs")
    expected, variance = dof * kT / 2, dof * kT**2 / 2
    square = (K - expected) ** 2
    if np.ptp(K) <= 1e-12 * expected:  # no fluctuation at all
        off = K.flat[0] - expected
        return Deviation(0.0 if abs(off) < 1e-9 * expected else np.inf, -np.inf, 0.0)
    return Deviation(
        _sigmas(K, expected, correlated),
        _sigmas(square, variance, correlated),
        float(square.mean() / variance),
    )


def ensemble_pair_deviation(
    U_1: np.ndarray, U_2: np.ndarray, kT_1: float, kT_2: float
) -> float:
    r"""Compare energies at two temperatures with Boltzmann's factor, in sigma.

    The unknown density of states drops out of the ratio of the two distributions,

    .. math:: \ln\frac{P_2(U)}{P_1(U)}=\text{const}
        -\left(\frac1{kT_2}-\frac1{kT_1}\right)U

    Its slope follows by maximum likelihood from all values, without histograms. The
    error is that of independent values.

    Parameters
    ----------
    U_1, U_2
        Independent energies at the two temperatures, as many of each.
    kT_1, kT_2
        The temperatures; their distributions must overlap.

    Raises
    ------
    ValueError
        If the distributions do not overlap.

    Notes
    -----
    Source: Shirts (2013).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> low, high = rng.gamma(10, 1.0, 5000), rng.gamma(10, 1.2, 5000)
    >>> abs(ensemble_pair_deviation(low, high, 1.0, 1.2)) < 3
    True
    >>> abs(ensemble_pair_deviation(low, high, 1.0, 1.4)) > 8
    True
    """
    U_1, U_2 = (np.asarray(U, float).ravel() for U in (U_1, U_2))
    if U_1.max() < U_2.min() or U_2.max() < U_1.min():
        raise ValueError(
            "the two distributions do not overlap: take temperatures that are closer"
        )
    U = np.concatenate([U_1, U_2])
    label = np.repeat([0.0, 1.0], [len(U_1), len(U_2)])
    centre, scale = U.mean(), U.std()
    x = np.stack([np.ones_like(U), (U - centre) / scale])
    w = np.zeros(2)
    for _ in range(100):
        p = 1 / (1 + np.exp(-w @ x))
        information = (x * (p * (1 - p))) @ x.T
        change = np.linalg.solve(information, x @ (label - p))
        w += change
        if np.abs(change).max() < 1e-12:
            break
    slope, error = w[1] / scale, np.sqrt(np.linalg.inv(information)[1, 1]) / scale
    return float((slope - (1 / kT_1 - 1 / kT_2)) / error)


def equipartition_deviations(
    momenta: np.ndarray, masses: np.ndarray, kT: float
) -> np.ndarray:
    r"""The mean of :math:`p_k^2/m_k` of each degree of freedom against kT, in sigma.

    Parameters
    ----------
    momenta
        Independent samples of shape ``(n, degrees)``.
    masses
        Shape ``(degrees,)``.

    Returns
    -------
    ndarray
        Shape ``(degrees,)``. Of many degrees a few per mille lie beyond three.

    Examples
    --------
    Energy that has not reached the last degree of freedom is seen, though the total
    kinetic energy may be right:

    >>> p = np.random.default_rng(0).normal(size=(4000, 3)) * [1.1, 1.1, 0.7]
    >>> abs(equipartition_deviations(p, np.ones(3), 1.0)) > 3
    array([ True,  True,  True])
    """
    twice = np.asarray(momenta, float) ** 2 / np.asarray(masses)
    return (twice.mean(axis=0) - kT) / (np.sqrt(2 / len(twice)) * kT)


def ergodicity_deviation(values: np.ndarray) -> float:
    r"""Compare the time averages of different trajectories, in standard errors.

    .. math:: \sqrt{\frac1{n-1}\sum_{i=1}^n\frac{(m_i-\bar m)^2}{e_i^2}}

    with the time averages :math:`m_i`, their errors :math:`e_i` by blocks, and the
    average :math:`\bar m` weighted with :math:`1/e_i^2`. It is about one if all
    trajectories see the same part of phase space, and grows with the length of the run
    if each stays in its own.

    Parameters
    ----------
    values
        An observable along several trajectories, shape ``(times, trajectories)``.

    Raises
    ------
    ValueError
        If there are less than two trajectories, or correlations are as long as a run.

    Examples
    --------
    Oscillators of different energies never exchange it:

    >>> t = np.linspace(0, 1000, 4096)[:, None]
    >>> swing = np.array([0.5, 1.0, 2.0]) * np.cos(t)
    >>> ergodicity_deviation(swing**2) > 8
    True
    """
    x = np.asarray(values, float)
    if x.ndim != 2 or x.shape[1] < 2:
        raise ValueError(f"{x.shape} values: give (times, trajectories), two at least")
    averages = [block_average(series) for series in x.T]
    mean = np.array([average.mean for average in averages])
    weight = np.array([average.error for average in averages]) ** -2.0
    centre = (weight * mean).sum() / weight.sum()
    return float(np.sqrt((weight * (mean - centre) ** 2).sum() / (len(mean) - 1)))


def _sigmas(values: np.ndarray, expected: float, correlated: bool) -> float:
    """How far the mean is from what it should be, in standard errors."""
    if values.ndim == 2:
        return _student(values.mean(axis=1) - expected)
    if correlated:
        error = block_average(values).error
    else:
        error = np.sqrt(values.var() / (len(values) - 1))
    return float((values.mean() - expected) / error)


def _student(deviations: np.ndarray) -> float:
    """Sigmas of a normal distribution that are as improbable as Student's t."""
    n = len(deviations)
    t = deviations.mean() / (deviations.std(ddof=1) / np.sqrt(n))
    return float(np.sign(t) * stats.norm.isf(stats.t.sf(abs(t), n - 1)))
