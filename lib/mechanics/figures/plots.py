"""Pictures that recur through the book."""

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from matplotlib.contour import QuadContourSet

from mechanics.figures.style import COLOURS
from mechanics.numerics import CompiledHamiltonian


def phase_portrait(
    axes: Axes,
    system: CompiledHamiltonian,
    q: np.ndarray,
    p: np.ndarray,
    levels: np.ndarray,
) -> QuadContourSet:
    r"""Draw curves of constant energy with arrows that show the sense of the motion.

    Parameters
    ----------
    axes
        Where to draw.
    system
        A system with one degree of freedom and a Hamiltonian without time.
    q, p
        The grid, shapes ``(nq,)`` and ``(np,)``.
    levels
        Energies of the curves, rising.

    Returns
    -------
    QuadContourSet
        Matplotlib's contours, for labels or a change of style.
    """
    if len(system.names) != 1:
        raise ValueError(
            f"a phase portrait needs one degree of freedom, not {len(system.names)}"
        )
    Q, P = np.meshgrid(q, p)
    curves = axes.contour(
        q,
        p,
        system.energy(Q[None], P[None], 0.0),
        levels=levels,
        colors=COLOURS["blue"],
        linestyles="solid",
        linewidths=1.3,
    )
    coarse = np.ix_(
        np.linspace(0, len(p) - 1, 13).astype(int)[1:-1],
        np.linspace(0, len(q) - 1, 19).astype(int)[1:-1],
    )
    at = Q[coarse], P[coarse]
    flow = (
        system.velocity(at[0][None], at[1][None], 0.0)[0],
        system.force(at[0][None], at[1][None], 0.0)[0],
    )
    length = np.maximum(np.hypot(*flow), np.finfo(float).tiny)
    axes.quiver(
        *at,
        *(f / length for f in flow),
        angles="xy",  # along the curves, whatever the shape of the frame
        color="0.55",
        width=0.0035,
        scale=32,
        zorder=0,
    )
    axes.set(xlabel=f"${_tex(system.names[0])}$", ylabel="$p$")
    return curves


def _tex(name: str) -> str:
    return sp.latex(sp.Symbol(name))
