"""Analytical mechanics, from a Lagrangian to a fast integrator.

The road through the library follows the road through the course::

    symbolic  Lagrangians, Legendre transforms, Hamiltonians, symmetries (SymPy)
    models    the textbook systems, each a few lines that return a symbolic system
    numerics  symbolic systems compiled to fast kernels, and integrators
    chaos     exponents, periodic orbits, twist maps, separatrices
    potentials  what acts between two atoms
    lattice   crystals and chains of atoms
    md        molecular dynamics: thermostats, barostats, constraints, spins
    figures   the book's plots, still and live

``symbolic`` and ``models`` know nothing of numerics; nothing imports ``figures``.
"""
