"""Periodic cells of any shape: images, widths, volume."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np


class CellError(ValueError):
    """A cell has no volume, or is too small for the range of the forces.

    Examples
    --------
    >>> Cell([[1, 2, 0], [1, 2, 0], [0, 0, 1]])
    Traceback (most recent call last):
        ...
    mechanics.md.cells.CellError: the cell has the volume 0: its three lattice vectors
    lie in a plane
    """


@dataclass(frozen=True, eq=False)
class Cell:
    r"""A parallelepiped that repeats itself in all three directions.

    Attributes
    ----------
    h
        The matrix whose *columns* are the lattice vectors, shape ``(3, 3)``: a point
        with the fractional coordinates :math:`s` lies at :math:`r=hs`.

    Raises
    ------
    CellError
        If the lattice vectors are not finite or lie in a plane.

    Notes
    -----
    Source: AMM-2.

    Examples
    --------
    >>> cell = Cell.cubic(4.0)
    >>> round(cell.volume, 12), cell.widths
    (64.0, array([4., 4., 4.]))
    >>> cell.minimum_image([3.0, 0.0, -2.5])
    array([-1. ,  0. ,  1.5])
    """

    h: np.ndarray

    def __post_init__(self):
        h = np.array(self.h, float)
        if h.shape != (3, 3) or not np.isfinite(h).all():
            raise CellError(
                f"a cell needs three finite lattice vectors as columns of a 3x3 "
                f"matrix, not {self.h!r}"
            )
        h.setflags(write=False)
        object.__setattr__(self, "h", h)
        if self.volume <= 1e-12 * np.prod(np.linalg.norm(h, axis=0)):
            raise CellError(
                f"the cell has the volume {self.volume:g}: its three lattice vectors "
                "lie in a plane"
            )

    @classmethod
    def cubic(cls, length: float) -> "Cell":
        """Return a cube."""
        return cls(length * np.eye(3))

    @cached_property
    def inverse(self) -> np.ndarray:
        """The inverse of ``h``."""
        return np.linalg.inv(self.h)

    @cached_property
    def volume(self) -> float:
        r"""The volume :math:`|\det h|`."""
        return float(abs(np.linalg.det(self.h)))

    @cached_property
    def widths(self) -> np.ndarray:
        r"""Distances between opposite faces, :math:`w_k=1/|(h^{-1})_{k\cdot}|`.

        Forces may reach half of the smallest width, so that no atom meets two images
        of another. In a skewed cell that is less than half of a lattice vector.
        """
        return 1 / np.linalg.norm(self.inverse, axis=1)

    def fractional(self, r: np.ndarray) -> np.ndarray:
        """Fractional coordinates of points of shape ``(..., 3)``."""
        return np.asarray(r) @ self.inverse.T

    def wrap(self, r: np.ndarray) -> np.ndarray:
        """Images of points in the cell, fractional coordinates in ``[0, 1)``."""
        r = np.asarray(r, float)
        return r - np.floor(self.fractional(r)) @ self.h.T

    def minimum_image(self, d: np.ndarray) -> np.ndarray:
        r"""The shortest of all images of displacements, shape ``(..., 3)``.

        Rounding the fractional coordinates finds every image that is shorter than half
        of the smallest width: :math:`|s_k|\le|d|/w_k<\tfrac12`. Longer ones are
        searched for among the neighbouring images as well, as far as the shape of the
        cell demands.
        """
        d = np.array(d, float)
        d -= np.rint(self.fractional(d)) @ self.h.T
        length = np.linalg.norm(d, axis=-1)
        long = length > self.widths.min() / 2
        if long.any():
            # a shorter image has |s_k| <= length / w_k, and ours has |s_k| <= 1/2
            reach = np.floor(length[long].max() / self.widths + 0.5).astype(int)
            steps = product(*(range(-n, n + 1) for n in reach))
            images = np.array(list(steps)) @ self.h.T
            chosen = d[long]
            for image in images:
                other = d[long] + image
                closer = (other**2).sum(-1) < (chosen**2).sum(-1)
                chosen = np.where(closer[:, None], other, chosen)
            d[long] = chosen
        return d

    def require_range(self, cutoff: float) -> None:
        """Refuse forces that reach beyond half of the smallest width.

        Raises
        ------
        CellError
            The message names the widths.
        """
        if cutoff > self.widths.min() / 2:
            raise CellError(
                f"the cut-off {cutoff:g} is above half of the smallest width "
                f"{self.widths.min():g} of the cell (widths between faces: "
                f"{', '.join(f'{w:g}' for w in self.widths)}); take a larger cell, "
                "or a shorter cut-off"
            )
