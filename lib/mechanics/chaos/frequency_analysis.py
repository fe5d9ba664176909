"""The frequencies of a quasiperiodic motion, far sharper than a Fourier transform."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq


@dataclass(frozen=True)
class Spectrum:
    r"""A signal as a sum of few oscillations, :math:`\sum_kc_ke^{i\omega_kt}`.

    Attributes
    ----------
    frequencies
        The :math:`\omega_k` in the order in which they were found, shape ``(number,)``.
    amplitudes
        The complex :math:`c_k`.
    remainder
        Root mean square of what is left of the signal.

    Examples
    --------
    >>> one = Spectrum(np.array([2.0]), np.array([0.5j]), 0.0)
    >>> one.signal(np.array([0.0]))
    array([0.+0.5j])
    """

    frequencies: np.ndarray
    amplitudes: np.ndarray
    remainder: float

    def signal(self, t: np.ndarray) -> np.ndarray:
        """The sum at times of shape ``(...)``, counted from the first sample."""
        waves = np.exp(1j * np.multiply.outer(np.asarray(t), self.frequencies))
        return waves @ self.amplitudes


def frequency_analysis(
    signal: np.ndarray, dt: float, *, number: int = 1, window: int = 1
) -> Spectrum:
    r"""Find the leading frequencies of a signal.

    .. math::
        \phi(\omega)=\frac1T\int_0^Tf(t)\,e^{-i\omega t}\,\chi(t)\,\mathrm dt,
        \qquad\chi\propto\sin^{2n}\frac{\pi t}T

    The frequency is where :math:`|\phi|` has its maximum; the wave is subtracted, all
    amplitudes are fitted again, and the search goes on. For a quasiperiodic signal the
    error of a frequency falls like :math:`T^{-2n-2}`, against :math:`T^{-1}` for the
    grid of a Fourier transform (Laskar 1993).

    Parameters
    ----------
    signal
        Equally spaced samples, real or complex, shape ``(samples,)``. From
        :math:`q+ip` the frequencies come with their signs; a real signal has each with
        both.
    dt
        The distance of the samples. Frequencies beyond :math:`\pi/\mathrm dt` appear
        as others.
    number
        How many frequencies to find.
    window
        The :math:`n` of the window; 0 for none. A larger one separates far lines
        better and near ones worse.

    Returns
    -------
    Spectrum

    Raises
    ------
    ValueError
        If the signal is not finite or has fewer than 16 samples.

    Examples
    --------
    Two waves over 16 periods, and not over a whole number of them:

    >>> t = 0.1 * np.arange(1000)
    >>> found = frequency_analysis(np.exp(1j*t) + 0.1*np.exp(2.6j*t), 0.1, number=2)
    >>> found.frequencies.round(5)
    array([1. , 2.6])
    >>> found.amplitudes.real.round(3)
    array([1. , 0.1])
    """
    f = np.asarray(signal)
    if f.ndim != 1 or len(f) < 16 or not np.isfinite(f).all():
        raise ValueError(
            f"a signal of shape {f.shape}: give at least 16 finite samples of one "
            "variable"
        )
    t = dt * np.arange(len(f))
    chi = np.sin(np.pi * (np.arange(len(f)) + 0.5) / len(f)) ** (2 * window)
    chi /= chi.sum()
    frequencies: list[float] = []
    rest = f.astype(complex)
    for _ in range(number):
        frequencies.append(_strongest(rest, t, chi))
        waves = np.exp(1j * np.multiply.outer(t, frequencies))
        overlaps = waves.conj().T @ (chi[:, None] * waves)
        amplitudes = np.linalg.solve(overlaps, waves.conj().T @ (chi * f))
        rest = f - waves @ amplitudes
    scatter = float(np.sqrt(np.mean(np.abs(rest) ** 2)))
    return Spectrum(np.array(frequencies), amplitudes, scatter)


def _strongest(f: np.ndarray, t: np.ndarray, chi: np.ndarray) -> float:
    """Return where the windowed transform is largest."""
    padded = 4 * len(f)  # so that the maximum is inside the interval
    grid = 2 * np.pi * np.fft.fftfreq(padded, t[1])
    best = grid[np.argmax(np.abs(np.fft.fft(chi * f, padded)))]
    spacing = 2 * np.pi / (padded * t[1])
    weighted, centred = chi * f, t - t.mean()

    def slope(omega):
        wave = weighted * np.exp(-1j * omega * centred)
        return (wave.sum().conj() * (-1j * centred * wave).sum()).real

    return brentq(slope, best - spacing, best + spacing, xtol=1e-15, rtol=1e-15)
