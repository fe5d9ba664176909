"""What is measured on a run: temperature, structure, motion, and honest errors."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mechanics.md.forces import pair_interaction
from mechanics.md.neighbours import neighbour_pairs
from mechanics.md.states import State
from mechanics.potentials import PairPotential


def configurational_temperature(state: State, potential: PairPotential) -> float:
    r"""The temperature that the positions alone tell.

    .. math:: kT=\frac{\sum_i|F_i|^2}{\sum_i\nabla_i^2U},\qquad
        \nabla_i^2U=\sum_{j\ne i}\left(\phi''+\frac{2\phi'}r\right)

    True on average; a single configuration has a deviation of the order
    :math:`1/\sqrt N`. The cut must be smooth, or its jump is left out.

    Notes
    -----
    Source: Rugh (1997).

    Examples
    --------
    >>> from mechanics.md import fcc
    >>> from mechanics.potentials import lennard_jones
    >>> phi = lennard_jones(2.5, "force-shifted")
    >>> abs(configurational_temperature(fcc(0.8442, 4), phi)) < 1e-25
    True
    """
    _, _, d = neighbour_pairs(state.positions, state.cell, potential.cutoff)
    forces = pair_interaction(potential, state.positions, state.cell).forces
    r = np.linalg.norm(d, axis=1)
    laplacian = 2 * (potential.curvature(r) + 2 * potential.slope(r) / r).sum()
    return float((forces**2).sum() / laplacian)


def radial_distribution(
    states: Iterable[State], r_max: float, bins: int = 100
) -> tuple[np.ndarray, np.ndarray]:
    r"""The radial distribution function :math:`g(r)`, an average over states.

    .. math:: g(r)=\frac{V}{N(N-1)/2}\,\frac{n(r)}{\tfrac43\pi(r_+^3-r_-^3)}

    with the number :math:`n(r)` of pairs in a shell.

    Parameters
    ----------
    states
        States with a cell.
    r_max
        At most half of the smallest width of the cell.
    bins
        Number of shells.

    Returns
    -------
    r, g
        Middles of the shells, and the function there, shape ``(bins,)``.

    Raises
    ------
    CellError
        If ``r_max`` is too large for the cell.

    Examples
    --------
    In a crystal the first shell is that of the nearest neighbours:

    >>> from mechanics.md import fcc
    >>> r, g = radial_distribution([fcc(1.0, 4)], r_max=3.0, bins=60)
    >>> print(f"{r[g > 0][0]:.3f} {4**(1/3) / 2**0.5:.3f}")
    1.125 1.122
    """
    edges = np.linspace(0, r_max, bins + 1)
    shells = 4 / 3 * np.pi * np.diff(edges**3)
    g, count = np.zeros(bins), 0
    for state in states:
        if state.cell is None:
            raise ValueError("g(r) needs a density: give the states a cell")
        state.cell.require_range(r_max)
        _, _, d = neighbour_pairs(state.positions, state.cell, r_max)
        found, _ = np.histogram(np.linalg.norm(d, axis=1), edges)
        pairs = state.atoms * (state.atoms - 1) / 2
        g += found * state.cell.volume / (pairs * shells)
        count += 1
    if count == 0:
        raise ValueError("g(r) of no states")
    return (edges[1:] + edges[:-1]) / 2, g / count


def coordination_numbers(state: State, r_max: float) -> np.ndarray:
    """How many neighbours each atom has within a distance, shape ``(N,)``.

    Examples
    --------
    >>> from mechanics.md import fcc
    >>> set(coordination_numbers(fcc(1.0, 4), 1.3).tolist())
    {12}
    """
    i, j, _ = neighbour_pairs(state.positions, state.cell, r_max)
    return np.bincount(np.concatenate([i, j]), minlength=state.atoms)


def mean_square_displacement(positions: np.ndarray) -> np.ndarray:
    r"""Mean square displacement, averaged over atoms and over origins in time.

    .. math:: \left\langle|r_i(t_0+t)-r_i(t_0)|^2\right\rangle_{i,t_0}

    Parameters
    ----------
    positions
        Not folded into the cell, at equal distances in time, shape ``(times, N, 3)``.

    Returns
    -------
    ndarray
        Shape ``(times,)``; the last ones are averages over few origins.

    Examples
    --------
    >>> t = np.arange(6.0)
    >>> mean_square_displacement(2.0 * t[:, None, None] * np.array([[[1, 0, 0]]]))
    array([  0.,   4.,  16.,  36.,  64., 100.])
    """
    r = np.asarray(positions, float)
    T = len(r)
    r = r - r.mean(axis=0)  # less to be lost in rounding
    square = (r**2).sum(axis=-1)
    both = _correlation(r).sum(axis=-1)
    ahead, behind = np.cumsum(square, axis=0), np.cumsum(square[::-1], axis=0)
    number = np.arange(T, 0, -1)[:, None]
    # sum over origins of |r(t_0 + t)|^2 + |r(t_0)|^2, and twice their product
    sums = ahead[::-1] + behind[::-1]
    msd = (sums / number - 2 * both).mean(axis=1)
    msd[0] = 0.0
    return msd


def velocity_autocorrelation(velocities: np.ndarray) -> np.ndarray:
    r"""The function :math:`\langle v_i(t_0+t)\cdot v_i(t_0)\rangle` of time.

    Averaged over atoms and over origins in time.

    Parameters
    ----------
    velocities
        At equal distances in time, shape ``(times, N, 3)``.

    Returns
    -------
    ndarray
        Shape ``(times,)``.

    Examples
    --------
    >>> t = np.linspace(0, 20*np.pi, 2001)
    >>> swing = np.cos(t)[:, None, None] * np.array([[[1.0, 0, 0]]])
    >>> velocity_autocorrelation(swing)[[0, 100]].round(2)
    array([ 0.5, -0.5])
    """
    return _correlation(np.asarray(velocities, float)).sum(axis=-1).mean(axis=1)


def velocity_spectrum(
    velocities: np.ndarray, dt: float, masses: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    r"""Kinetic energy by frequency: the density of vibrational states of a crystal.

    With a Hann window, normalized to :math:`\int_0^\infty g\,d\omega=1`.

    Parameters
    ----------
    velocities
        Shape ``(times, N, 3)``, at distances ``dt``.
    masses
        Weights of the atoms, shape ``(N,)``; one if left out.

    Returns
    -------
    omega, g
        Angular frequencies and the spectrum, shape ``(frequencies,)``.

    Examples
    --------
    >>> t = 0.1 * np.arange(2000)
    >>> swing = np.cos(3*t)[:, None, None] * np.ones((1, 4, 3))
    >>> omega, g = velocity_spectrum(swing, 0.1)
    >>> print(f"{omega[g.argmax()]:.2f}")
    2.98
    """
    v = np.asarray(velocities, float)
    weights = np.ones(v.shape[1]) if masses is None else np.asarray(masses, float)
    window = np.hanning(len(v))[:, None, None]
    power = np.abs(np.fft.rfft(v * window, axis=0)) ** 2
    omega = 2 * np.pi * np.fft.rfftfreq(len(v), dt)
    g = (power.sum(axis=-1) * weights).sum(axis=1)
    return omega, g / (g.sum() * omega[1])


def _correlation(x: np.ndarray) -> np.ndarray:
    """Autocorrelations along the first axis, averaged over the origins."""
    T = len(x)
    if T < 2:
        raise ValueError("a correlation in time needs at least two times")
    power = np.abs(np.fft.rfft(x, 2 * T, axis=0)) ** 2
    sums = np.fft.irfft(power, axis=0)[:T]
    return sums / np.arange(T, 0, -1).reshape(-1, *[1] * (x.ndim - 1))


@dataclass(frozen=True)
class Average:
    """A mean with its standard error.

    Attributes
    ----------
    mean, error
        The error allows for correlations in time.
    independent
        How many independent values the series is worth.

    Examples
    --------
    >>> block_average(np.random.default_rng(0).normal(size=4096)).independent > 1000
    True
    """

    mean: float
    error: float
    independent: float


def block_average(values: np.ndarray) -> Average:
    r"""The mean of a series whose values are correlated, and its error.

    Values are joined in pairs again and again. The error that the blocks suggest grows
    until blocks are longer than the correlations; the first length is taken from which
    on it does not grow by more than its own uncertainty
    :math:`1/\sqrt{2(n-1)}`.

    Parameters
    ----------
    values
        Shape ``(n,)``, at least 64.

    Raises
    ------
    ValueError
        If the error grows up to the last length: the series is too short to know.

    Notes
    -----
    Source: Flyvbjerg and Petersen (1989).

    Examples
    --------
    >>> x = np.repeat(np.random.default_rng(1).normal(size=1000), 8)
    >>> average = block_average(x)  # eight times fewer values than it seems
    >>> bool(0.8 < average.error * np.sqrt(1000) < 1.2)
    True
    """
    x = np.asarray(values, float)
    if x.ndim != 1 or len(x) < 64:
        raise ValueError(f"{x.shape} values: give a series of at least 64")
    if not np.isfinite(x).all():
        raise ValueError("the series holds values that are not finite")
    mean, naive = x.mean(), x.var() / (len(x) - 1)
    errors, doubts = [], []
    blocks = x
    while len(blocks) >= 16:
        error = np.sqrt(blocks.var() / (len(blocks) - 1))
        errors.append(error)
        doubts.append(error / np.sqrt(2 * (len(blocks) - 1)))
        blocks = blocks[: len(blocks) // 2 * 2].reshape(-1, 2).mean(axis=1)
    errors, doubts = np.array(errors), np.array(doubts)
    for level in range(len(errors)):
        later = errors[level + 1 :]
        if (later <= errors[level] + 2 * doubts[level + 1 :]).all():
            break
    if level > len(errors) - 3 and naive > 0:
        raise ValueError(
            "the correlations last as long as the series: its error is not known; "
            "make the run longer"
        )
    error = float(errors[level])
    return Average(float(mean), error, float(x.var() / error**2) if error else np.inf)


def pressure(recording) -> np.ndarray:
    """A third of the trace of the pressure tensor, shape ``(records,)``.

    Examples
    --------
    >>> from mechanics.md import PairForces, fcc, run
    >>> from mechanics.potentials import lennard_jones
    >>> still = run(fcc(0.8442, 4), PairForces(lennard_jones(2.5)), dt=1e-9, steps=1)
    >>> pressure(still).shape
    (2,)
    """
    return np.trace(recording.pressure, axis1=1, axis2=2) / 3
