"""Branches of a crystal over a path through the Brillouin zone."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from mechanics.figures.style import COLOURS

if TYPE_CHECKING:
    from mechanics.lattice import QPath


def dispersion_plot(
    axes: Axes,
    path: "QPath",
    omega: np.ndarray,
    *,
    colour: str = COLOURS["blue"],
    linestyle: str = "-",
    label: str | None = None,
) -> list[Line2D]:
    r"""Draw frequencies over a path, imaginary ones below the axis.

    An unstable mode, :math:`\omega=i\,|\omega|`, is drawn dotted at :math:`-|\omega|`,
    and never as zero; the half-plane below is then shaded and named.

    Parameters
    ----------
    axes
        Where to draw.
    path
        The wavevectors.
    omega
        Frequencies at each, in any unit, shape ``(n, branches)``, real or complex.
    colour, linestyle
        Of the branches.
    label
        For a legend.

    Returns
    -------
    list of Line2D
        The branches.

    Raises
    ------
    ValueError
        If frequencies and path do not belong together.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from mechanics.lattice import ForceConstants, fcc, frequencies, q_path
    >>> path = q_path(fcc(2.0), "GXU,KGL")
    >>> copper = ForceConstants.from_springs(fcc(2.0), [1.0])
    >>> figure, axes = plt.subplots()
    >>> branches = dispersion_plot(axes, path, frequencies(copper, path.q))
    >>> len(branches), [tick.get_text() for tick in axes.get_xticklabels()]
    (3, ['Γ', 'X', 'U,K', 'Γ', 'L'])
    >>> plt.close(figure)
    """
    omega = np.asarray(omega)
    if omega.ndim != 2 or len(omega) != len(path.x):
        raise ValueError(
            f"frequencies of shape {omega.shape} over {len(path.x)} wavevectors: the "
            "shape must be (wavevectors, branches)"
        )
    imaginary = np.abs(omega.imag) if np.iscomplexobj(omega) else np.zeros(omega.shape)
    unstable = imaginary > 0
    lines = axes.plot(
        path.x, np.where(unstable, np.nan, omega.real), linestyle, color=colour
    )
    lines[0].set_label(label)
    if unstable.any():
        axes.plot(path.x, np.where(unstable, -imaginary, np.nan), ":", color=colour)
        bottom = -1.15 * imaginary.max()
        if not axes.get_ylim()[0] < bottom:
            axes.set_ylim(bottom=bottom)
        axes.axhspan(axes.get_ylim()[0], 0, color="0.92", zorder=0)
        axes.text(
            path.x[-1], bottom, "imaginary", ha="right", va="bottom", fontsize="small"
        )
    elif not axes.patches:  # no branches below from a drawing before
        axes.set_ylim(bottom=0)
    positions, names = zip(*path.ticks, strict=True)
    axes.set_xticks(positions, [name.replace("G", "Γ") for name in names])
    axes.grid(axis="x", color="0.8", linewidth=0.8)
    axes.set_xlim(path.x[0], path.x[-1])
    return lines
