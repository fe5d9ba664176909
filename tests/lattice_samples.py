"""Random crystals and potentials that the tests of the lattice share."""

import numpy as np
from hypothesis import strategies as st

from mechanics.lattice import Crystal, neighbours
from mechanics.potentials import lennard_jones, morse

LJ = lennard_jones()
MORSES = [
    morse(D=D, a=a, r_0=r_0) for D, a, r_0 in [(1, 3, 1), (2, 2.5, 1.1), (0.5, 4, 0.9)]
]
SPECIES = ("A", "B")


@st.composite
def crystals(draw, most_atoms=3):
    """Skewed cells with atoms that keep apart, of random masses and species."""
    seed = draw(st.integers(0, 2**32 - 1))
    s = draw(st.integers(1, most_atoms))
    rng = np.random.default_rng(seed)
    cell = s ** (1 / 3) * (np.eye(3) + rng.uniform(-0.25, 0.25, (3, 3)))
    while True:
        crystal = Crystal(
            cell,
            rng.uniform(-0.5, 1.5, (s, 3)),
            rng.uniform(0.5, 4.0, s),
            tuple(SPECIES[k] for k in rng.integers(0, 2, s)),
        )
        if neighbours(crystal, 2.5).distances.min() > 0.45:
            return crystal


@st.composite
def potentials(draw):
    """A Morse potential for each pair of species."""
    names = [(a, b) for a in SPECIES for b in SPECIES if a <= b]
    return {pair: draw(st.sampled_from(MORSES)) for pair in names}


def wavevectors(n, seed=0):
    """Wavevectors in and outside of the first zone."""
    return np.random.default_rng(seed).uniform(-6, 6, (n, 3))
