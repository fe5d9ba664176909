"""Exact rotations of spins and rigid bodies, as flows that a splitting composes."""

from collections.abc import Sequence

import sympy as sp

from mechanics.numerics.equations import Flow, SplitSystem

DURATION = sp.Dummy("tau", real=True)  # no parameter of H is this one
SMALLEST = 1e-200  # square of an angular velocity at which nothing turns


def spin_rotations(
    spins: Sequence[Sequence[sp.Symbol]], H: sp.Expr, t: sp.Symbol | None = None
) -> SplitSystem:
    r"""Spins that rotate about their effective fields, sublattice by sublattice.

    With :math:`\{S^a,S^b\}=\epsilon_{abc}S^c` a spin moves by

    .. math::
        \dot{\boldsymbol S}_i=\boldsymbol B_i\times\boldsymbol S_i,\qquad
        \boldsymbol B_i=\frac{\partial H}{\partial\boldsymbol S_i}

    If :math:`H` is linear in each spin, :math:`\boldsymbol B_i` stands still while only
    spins turn that do not act on :math:`\boldsymbol S_i`. Each flow is the exact
    rotation of all spins of a sublattice, whose members do not act on each other. It
    keeps the length of every spin, the energy :math:`\boldsymbol B_i\cdot\boldsymbol
    S_i` of each turning one and so :math:`H`, and the volume of phase space, and so
    does every composition. It is no Poisson map, for the spins that stand still do not
    feel the others turn.

    Parameters
    ----------
    spins
        Three symbols for each spin.
    H
        The Hamiltonian: fields, Heisenberg, Dzyaloshinskii-Moriya and other couplings
        of different spins, with any parameters.
    t
        The symbol of time, if ``H`` contains it. The flow ``time``, in which nothing
        turns, is its clock.

    Returns
    -------
    SplitSystem
        The flows are ``sublattice_1``, ``sublattice_2``, ...; integrate it with
        ``palindrome(*system.flows)``.

    Raises
    ------
    ValueError
        If a spin has not three components, or a term of ``H`` is not linear in a spin;
        the message names it.

    Notes
    -----
    Sources: Frank, Huang and Leimkuhler (1997); Krech, Bunker and Landau (1998).

    Examples
    --------
    Two spins precess about their sum; their energy is kept at any step:

    >>> from mechanics.numerics import integrate, palindrome
    >>> S = sp.symbols("S_x S_y S_z", real=True)
    >>> Z = sp.symbols("Z_x Z_y Z_z", real=True)
    >>> J = sp.Symbol("J", positive=True)
    >>> pair = spin_rotations([S, Z], -J*sum(a*b for a, b in zip(S, Z)))
    >>> list(pair.flows)
    ['sublattice_1', 'sublattice_2']
    >>> run = integrate(pair, [1.0, 0, 0, 0.6, 0, 0.8], dt=0.5, steps=1000,
    ...                 method=palindrome(*pair.flows), params={"J": 1})
    >>> bool(abs(run.energy + 0.6).max() < 1e-13)
    True
    """
    spins = [tuple(spin) for spin in spins]
    H = sp.sympify(H)
    for spin in spins:
        if len(spin) != 3:
            raise ValueError(
                f"a spin has three components, not the {len(spin)} of {spin}; give "
                "several spins as [S_1, S_2]"
            )
        _require_linear(H, spin)
    fields = [sp.Matrix([sp.diff(H, s) for s in spin]) for spin in spins]
    colours = _colours(spins, fields)
    clock = None if t is None else "time"
    flows = {}
    for colour in range(max(colours) + 1):
        after = {}
        for spin, B, own in zip(spins, fields, colours, strict=True):
            if own == colour:
                after |= dict(zip(spin, rotated(spin, B, DURATION), strict=True))
        flows[f"sublattice_{colour + 1}"] = Flow(after, DURATION, clock)
    if t is not None:
        flows["time"] = Flow({}, DURATION)
    components = tuple(s for spin in spins for s in spin)
    return SplitSystem({"S": components}, flows, energy=H, t=t)


def _require_linear(H: sp.Expr, spin: tuple[sp.Symbol, ...]) -> None:
    for term in sp.Add.make_args(sp.expand(H)):
        for s in set(spin) & term.free_symbols:
            if sp.diff(term, s).has(*spin):
                raise ValueError(
                    f"the term {term} of H is not linear in the spin "
                    f"({', '.join(map(str, spin))}), whose own field would turn with "
                    "it; use poisson_system with IMPLICIT_MIDPOINT, or give a flow for "
                    "the term in a SplitSystem of your own"
                )


def _colours(spins: list, fields: list[sp.Matrix]) -> list[int]:
    """Number the spins so that those of equal number do not act on each other."""
    colours: list[int] = []
    for i, spin in enumerate(spins):
        taken = {
            colours[j]
            for j in range(i)
            if fields[j].has(*spin) or fields[i].has(*spins[j])
        }
        colours.append(next(c for c in range(i + 1) if c not in taken))
    return colours


def rotated(
    S: Sequence[sp.Expr], omega: Sequence[sp.Expr], tau: sp.Expr
) -> tuple[sp.Expr, ...]:
    r"""Rotate a vector with a constant angular velocity for a time (Rodrigues).

    .. math::
        \boldsymbol S
        +\frac{\sin\omega\tau}{\omega}\,\boldsymbol\omega\times\boldsymbol S
        +\frac{1-\cos\omega\tau}{\omega^2}\,
        \boldsymbol\omega\times(\boldsymbol\omega\times\boldsymbol S)

    The fractions are written with the sine and cosine of half the angle, and
    :math:`\omega^2+10^{-200}` for :math:`\omega^2`: right to rounding errors for every
    :math:`\omega`, zero included.
    """
    S, omega = sp.Matrix(list(S)), sp.Matrix(list(omega))
    speed = sp.sqrt(omega.dot(omega) + SMALLEST)
    half = sp.sin(speed * tau / 2) / speed
    turn = omega.cross(S)
    return tuple(
        S + 2 * half * sp.cos(speed * tau / 2) * turn + 2 * half**2 * omega.cross(turn)
    )


def rigid_body_rotations(I_1: sp.Expr, I_2: sp.Expr, I_3: sp.Expr) -> SplitSystem:
    r"""Free rigid body: turns about its three principal axes, each of them exact.

    .. math::
        H=\frac{L_1^2}{2I_1}+\frac{L_2^2}{2I_2}+\frac{L_3^2}{2I_3},\qquad
        \dot{\boldsymbol L}=\boldsymbol L\times\boldsymbol\omega,\qquad
        \omega_k=\frac{L_k}{I_k}

    with the angular momentum along the body axes. The attitude is carried along as a
    unit quaternion, :math:`\dot q=\tfrac12q\otimes(0,\boldsymbol\omega)`; its rotation
    takes body to space components
    (:func:`~mechanics.symbolic.quaternion_rotation`). Each term of :math:`H` is a turn
    at the constant rate :math:`L_k/I_k`; any composition of them keeps
    :math:`|\boldsymbol L|`, :math:`|q|` and the angular momentum in space.

    Parameters
    ----------
    I_1, I_2, I_3
        The principal moments of inertia (kg m²), symbols or numbers.

    Returns
    -------
    SplitSystem
        Groups ``q`` (``q_0`` to ``q_3``) and ``L`` (``L_1`` to ``L_3``), flows
        ``axis_1``, ``axis_2``, ``axis_3``; integrate it with
        ``palindrome(*system.flows)``.

    Notes
    -----
    Sources: Reich (1994); Dullweber, Leimkuhler and McLachlan (1997).

    Examples
    --------
    A racket thrown about its middle axis turns over:

    >>> from mechanics.numerics import integrate, palindrome
    >>> racket = rigid_body_rotations(1, 2, 3)
    >>> flight = integrate(racket, ([1.0, 0, 0, 0], [0.001, 1.0, 0.0]), dt=0.01,
    ...                    steps=5000, method=palindrome(*racket.flows))
    >>> print(f"{flight['L_2'].min():.3f}")
    -1.000
    """
    moments = (I_1, I_2, I_3)
    L, q = sp.symbols("L_1:4", real=True), sp.symbols("q_0:4", real=True)
    flows = {}
    for k, inertia in enumerate(moments):
        i, j = (k + 1) % 3, (k + 2) % 3
        angle = DURATION * L[k] / inertia
        cos, sin = sp.cos(angle), sp.sin(angle)
        after = {L[i]: cos * L[i] + sin * L[j], L[j]: cos * L[j] - sin * L[i]}
        half_cos, half_sin = sp.cos(angle / 2), sp.sin(angle / 2)
        scalar, x, y, z = q[0], *(q[1 + axis] for axis in (k, i, j))
        after |= {
            scalar: half_cos * scalar - half_sin * x,
            x: half_cos * x + half_sin * scalar,
            y: half_cos * y + half_sin * z,
            z: half_cos * z - half_sin * y,
        }
        flows[f"axis_{k + 1}"] = Flow(after, DURATION)
    H = sum(l**2 / (2 * inertia) for l, inertia in zip(L, moments, strict=True))
    return SplitSystem({"q": q, "L": L}, flows, energy=H)
