r"""Thermostats, each stated once: as flows in symbols.

A rule says what becomes of the momentum :math:`p` of one degree of freedom with the
mass :math:`m` and the force :math:`F`, and of the thermostat's own variables, during a
time :math:`\tau`. It may know sums over all degrees of freedom and random numbers. From
the same rules come

* array functions for many atoms (:func:`mechanics.md.run`), and
* a :class:`~mechanics.numerics.SplitSystem` for an oscillator or a molecule, with all
  that :func:`mechanics.numerics.integrate` can do (:meth:`Thermostat.split_system`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sympy as sp

from mechanics.numerics import Flow, SplitSystem, SplittingMethod

TAU = sp.Symbol("tau", real=True)
MOMENTUM, FORCE = sp.symbols("p F", real=True)
MASS = sp.Symbol("m", positive=True)
DOF = sp.Symbol("N_f", positive=True)  # degrees of freedom
P2 = sp.Symbol("P2", positive=True)  # sum of p^2/m: twice the kinetic energy
FV = sp.Symbol("FV", real=True)  # sum of F p/m: the power of the forces
FF = sp.Symbol("FF", positive=True)  # sum of F^2/m
NOISE = sp.symbols("R_1:4", real=True)  # standard normal, own ones for each degree
SHARED = sp.Symbol("G", real=True)  # standard normal, the same for all degrees
CHI_SQUARE = sp.Symbol("C", nonnegative=True)  # sum of N_f - 1 other squares
POTENTIAL, HEAT = sp.symbols("U Q_heat", real=True)
SMALLEST = 1e-200


@dataclass(frozen=True, eq=False)
class Rule:
    r"""What becomes of momenta and variables during a time :math:`\tau`.

    Attributes
    ----------
    p
        The new momentum of each degree of freedom.
    variables
        New values of the thermostat's own variables.

    Examples
    --------
    Friction without noise:

    >>> gamma = sp.Symbol("gamma", positive=True)
    >>> Rule(MOMENTUM * sp.exp(-gamma * TAU)).symbols == {gamma, MOMENTUM, TAU}
    True
    """

    p: sp.Expr = MOMENTUM
    variables: Mapping[sp.Symbol, sp.Expr] = field(default_factory=dict)

    @property
    def symbols(self) -> set[sp.Symbol]:
        """All symbols that occur."""
        formulas = (self.p, *self.variables.values())
        return {s for e in formulas for s in sp.sympify(e).free_symbols}

    @property
    def is_random(self) -> bool:
        """Whether random numbers occur."""
        return bool(self.symbols & {*NOISE, SHARED, CHI_SQUARE})


KICK = Rule(MOMENTUM + TAU * FORCE)


@dataclass(frozen=True, eq=False)
class Thermostat:
    r"""Rules by name, and the order in which a step applies them.

    Attributes
    ----------
    name
        As it is called.
    rules
        The flows of the thermostat by name. ``"B"`` (the kick) and ``"A"`` (the drift
        :math:`\dot q=p/m`) need not be given.
    method
        The order of the flows.
    variables
        The thermostat's own variables, all zero at the beginning.
    conserved
        What the exact motion keeps, in the potential energy ``U``, ``P2``, the heat
        ``Q_heat`` that the rules brought in, and the variables.
    kT
        The temperature, or ``None``.
    keeps_momentum
        Whether the total momentum is constant: three degrees of freedom less.

    Examples
    --------
    >>> bath = langevin(kT=1.0, friction=0.5)
    >>> bath.method.name, bath.keeps_momentum
    ('BAOAB', False)
    """

    name: str
    rules: Mapping[str, Rule]
    method: SplittingMethod
    variables: tuple[sp.Symbol, ...] = ()
    conserved: sp.Expr = POTENTIAL + P2 / 2 - HEAT
    kT: float | sp.Expr | None = None
    keeps_momentum: bool = True

    @property
    def all_rules(self) -> dict[str, Rule]:
        """The rules with the plain kick, where there is no other."""
        return {"B": KICK, **self.rules}

    def split_system(
        self,
        V: sp.Expr,
        q: Sequence[sp.Symbol],
        p: Sequence[sp.Symbol],
        masses: Sequence[sp.Expr] | sp.Expr = 1,
    ) -> SplitSystem:
        r"""The thermostat on a small system :math:`H=\sum_ip_i^2/2m_i+V(q)`.

        Integrate it with ``method=thermostat.method``. Its energy is that of the
        extended system if the thermostat has variables, and :math:`H` otherwise.

        Parameters
        ----------
        V, q, p
            Potential, coordinates and momenta.
        masses
            One, or one for each coordinate.

        Examples
        --------
        A chain of two thermostats on one oscillator:

        >>> import numpy as np
        >>> from mechanics.numerics import integrate
        >>> x, y = sp.symbols("x p_x", real=True)
        >>> chain = nose_hoover(kT=1, masses=(1, 1))
        >>> system = chain.split_system(x**2/2, (x,), (y,))
        >>> run = integrate(system, ([1.0], [1.0], np.zeros(4)), dt=0.05, steps=2000,
        ...                 method=chain.method)
        >>> bool(abs(run.energy - run.energy[0]).max() < 0.1)
        True
        """
        q, p = tuple(q), tuple(p)
        masses = masses if isinstance(masses, Sequence) else (masses,) * len(q)
        V = sp.sympify(V)
        forces = [-sp.diff(V, x) for x in q]
        sums = {
            P2: sum(a**2 / m for a, m in zip(p, masses, strict=True)),
            FV: sum(f * a / m for f, a, m in zip(forces, p, masses, strict=True)),
            FF: sum(f**2 / m for f, m in zip(forces, masses, strict=True)),
            DOF: sp.Integer(len(q)),
        }
        flows = {
            name: _flow(rule, p, masses, forces, sums)
            for name, rule in self.all_rules.items()
        }
        drift = {x: x + TAU * a / m for x, a, m in zip(q, p, masses, strict=True)}
        flows["A"] = Flow(drift, TAU)
        known = self.variables or not self.conserved.has(HEAT)
        energy = self.conserved if known else POTENTIAL + P2 / 2
        groups = {"q": q, "p": p}
        if self.variables:
            groups["xi"] = self.variables
        return SplitSystem(
            groups,
            flows,
            energy=energy.xreplace({POTENTIAL: V, **sums}),
            energy_is_constant=bool(known),
        )


def _flow(rule: Rule, p, masses, forces, sums) -> Flow:
    """Write a rule for each of a few degrees of freedom."""
    n, used = len(p), rule.symbols
    own = [[sp.Symbol(f"{R}_{i}", real=True) for R in NOISE] for i in range(n)]
    noise = [own[i][k] for k, R in enumerate(NOISE) if R in used for i in range(n)]
    sums = dict(sums)
    if SHARED in used or CHI_SQUARE in used:
        first, *others = noise = sp.symbols(f"G_0:{n}", real=True)
        sums |= {SHARED: first, CHI_SQUARE: sum(g**2 for g in others)}
    after = {}
    for i in range(n):
        where = {MOMENTUM: p[i], MASS: sp.sympify(masses[i]), FORCE: forces[i], **sums}
        where |= dict(zip(NOISE, own[i], strict=True))
        new = sp.sympify(rule.p).xreplace(where)
        if new != p[i]:
            after[p[i]] = new
    after |= {x: sp.sympify(e).xreplace(sums) for x, e in rule.variables.items()}
    return Flow(after, TAU, noise=tuple(noise))


def in_turn(*names: str) -> SplittingMethod:
    """Apply flows in the given order; a name that returns shares its time equally.

    Examples
    --------
    >>> in_turn(*"BAOAB").stages
    (('B', 0.5), ('A', 0.5), ('O', 1.0), ('A', 0.5), ('B', 0.5))
    """
    stages = tuple((name, 1 / names.count(name)) for name in names)
    order = 2 if names == names[::-1] else 1
    label = "".join(names) if all(len(n) == 1 for n in names) else "-".join(names)
    return SplittingMethod(label, order, stages, "strang_construction_1968")


def _there_and_back(*names: str) -> SplittingMethod:
    return in_turn(*names, *names[-2::-1])


def _positive(**values) -> None:
    for name, value in values.items():
        number = sp.sympify(value)
        if number.is_number and not number > 0:
            raise ValueError(f"{name} = {value} must be positive")


def newton() -> Thermostat:
    """No thermostat: velocity Verlet, kick, drift, kick.

    Examples
    --------
    >>> newton().method.stages
    (('B', 0.5), ('A', 1.0), ('B', 0.5))
    """
    return Thermostat("Newton", {}, in_turn(*"BAB"))


def velocity_rescaling(kT) -> Thermostat:
    r"""All momenta times one factor, so that :math:`2K=N_fkT` after every step.

    Not canonical: the kinetic energy does not fluctuate.

    Examples
    --------
    >>> velocity_rescaling(1).rules["O"].p
    sqrt(N_f)*p/sqrt(P2)
    """
    _positive(kT=kT)
    rule = Rule(MOMENTUM * sp.sqrt(DOF * _exact(kT) / P2))
    return Thermostat("velocity rescaling", {"O": rule}, in_turn(*"BABO"), kT=kT)


def berendsen(kT, relaxation) -> Thermostat:
    r"""Weak coupling: :math:`\dot K=(N_fkT/2-K)/\tau_T`, all momenta times one factor.

    Not canonical: the kinetic energy fluctuates too little.

    Notes
    -----
    Source: Berendsen et al. (1984).

    Examples
    --------
    >>> berendsen(1.0, relaxation=2.0).method.name
    'BAOAB'
    """
    _positive(kT=kT, relaxation=relaxation)
    kT, relaxation = map(_exact, (kT, relaxation))
    gain = 1 - sp.exp(-TAU / relaxation)
    rule = Rule(MOMENTUM * sp.sqrt(1 + gain * (DOF * kT / P2 - 1)))
    return Thermostat("Berendsen", {"O": rule}, in_turn(*"BAOAB"), kT=kT)


def andersen(kT, rate, order: str = "BAOAB") -> Thermostat:
    r"""Collisions with a bath: momenta are drawn anew at a rate.

    Each component of each momentum has its own collisions. Whether there was one during
    :math:`\tau`, which has the probability :math:`1-e^{-\nu\tau}`, is decided by two
    normal numbers, for :math:`e^{-(R_2^2+R_3^2)/2}` is uniform.

    Notes
    -----
    Source: Andersen (1980).

    Examples
    --------
    >>> andersen(1.0, rate=0.1).keeps_momentum
    False
    """
    _positive(kT=kT, rate=rate)
    kT, rate = map(_exact, (kT, rate))
    draw, *pair = NOISE
    hit = pair[0] ** 2 + pair[1] ** 2 < 2 * rate * TAU
    rule = Rule(sp.Piecewise((sp.sqrt(MASS * kT) * draw, hit), (MOMENTUM, True)))
    return Thermostat(
        "Andersen", {"O": rule}, in_turn(*order), kT=kT, keeps_momentum=False
    )


def langevin(kT, friction, order: str = "BAOAB") -> Thermostat:
    r"""Friction and noise in balance.

    .. math:: \dot p=F-\gamma p+\sqrt{2\gamma mkT}\,\eta(t)

    The bath ``O`` is solved exactly. In the order BAOAB averages over positions have
    the smallest error; OBABO, ABOBA and others are worth a comparison.

    Notes
    -----
    Source: Leimkuhler and Matthews (2013).

    Examples
    --------
    >>> langevin(1.0, friction=1.0, order="OBABO").method.stages[0]
    ('O', 0.5)
    """
    _positive(kT=kT, friction=friction)
    kT, friction = map(_exact, (kT, friction))
    decay = sp.exp(-friction * TAU)
    rule = Rule(decay * MOMENTUM + sp.sqrt((1 - decay**2) * MASS * kT) * NOISE[0])
    return Thermostat(
        "Langevin", {"O": rule}, in_turn(*order), kT=kT, keeps_momentum=False
    )


def stochastic_rescaling(kT, relaxation, order: str = "BAOAB") -> Thermostat:
    r"""All momenta times one random factor, so that :math:`K` is canonical.

    .. math::
        \alpha^2=c+\frac{kT}{2K}(1-c)\Bigl(R_1^2+\sum_{i=2}^{N_f}R_i^2\Bigr)
        +2R_1\sqrt{c(1-c)\frac{kT}{2K}},\qquad c=e^{-\tau/\tau_T}

    The factor is negative if :math:`R_1+\sqrt{2Kc/((1-c)kT)}` is.

    Notes
    -----
    Sources: Bussi, Donadio and Parrinello (2007); Bussi and Parrinello (2008).

    Examples
    --------
    >>> stochastic_rescaling(1.0, relaxation=0.1).keeps_momentum
    True
    """
    _positive(kT=kT, relaxation=relaxation)
    kT, relaxation = map(_exact, (kT, relaxation))
    c = sp.exp(-TAU / relaxation)
    # alpha^2 as a sum of squares, which rounding cannot make negative
    along = sp.sqrt(c) + sp.sqrt((1 - c) * kT / P2) * SHARED
    alpha = sp.sqrt(along**2 + (1 - c) * kT / P2 * CHI_SQUARE)
    sign = sp.Piecewise((1, along >= 0), (-1, True))
    return Thermostat(
        "stochastic rescaling",
        {"O": Rule(sign * alpha * MOMENTUM)},
        in_turn(*order),
        kT=kT,
    )


def isokinetic() -> Thermostat:
    r"""Gauss's thermostat, which holds the kinetic energy: :math:`\dot p=F-\alpha p`.

    With :math:`\alpha=\sum Fp/m\,/\sum p^2/m` the kick can be solved exactly for a
    force that stands still,

    .. math::
        p\to\frac{p+F\,s(\tau)}{\dot s(\tau)},\qquad
        s=\frac ab(\cosh\sqrt b\,\tau-1)+\frac{\sinh\sqrt b\,\tau}{\sqrt b},\qquad
        a=\frac{\sum Fp/m}{2K},\quad b=\frac{\sum F^2/m}{2K}

    Positions are canonical at :math:`kT=2K/(N_f-1)`, where :math:`N_f` counts no
    constraint but a resting centre of mass; momenta are not.

    Notes
    -----
    Sources: AMM-9, AMM-34; Zhang (1997); Minary, Martyna and Tuckerman (2003).

    Examples
    --------
    >>> isokinetic().conserved
    P2/2
    """
    a, b = FV / P2, FF / P2 + SMALLEST
    root = sp.sqrt(b)
    s = 2 * a / b * sp.sinh(root * TAU / 2) ** 2 + sp.sinh(root * TAU) / root
    rate = a / root * sp.sinh(root * TAU) + sp.cosh(root * TAU)
    rule = Rule((MOMENTUM + FORCE * s) / rate)
    return Thermostat("isokinetic", {"B": rule}, in_turn(*"BAB"), conserved=P2 / 2)


def nose_hoover(kT, masses: Sequence) -> Thermostat:
    r"""The thermostat of Nosé and Hoover, or a chain of several.

    .. math::
        \dot p&=F-\frac{\xi_1}{Q_1}p,\qquad
        \dot\xi_1=2K-N_fkT-\frac{\xi_2}{Q_2}\xi_1,\\
        \dot\xi_j&=\frac{\xi_{j-1}^2}{Q_{j-1}}-kT-\frac{\xi_{j+1}}{Q_{j+1}}\xi_j,\qquad
        \dot\eta_j=\frac{\xi_j}{Q_j}

    .. math::
        H'=H+\sum_j\frac{\xi_j^2}{2Q_j}+N_fkT\,\eta_1+kT\sum_{j\ge2}\eta_j

    Every flow is exact: ``X_j`` pushes :math:`\xi_j`, and ``S_j`` is the friction that
    it exerts. One thermostat alone is not canonical for an oscillator.

    Parameters
    ----------
    kT
        Temperature.
    masses
        The masses :math:`Q_1`, :math:`Q_2`, ... of the chain;
        :math:`Q_1=N_fkT\tau_T^2` and :math:`Q_j=kT\tau_T^2` answer within the time
        :math:`\tau_T`.

    Notes
    -----
    Sources: AMM-35; Martyna, Klein and Tuckerman (1992); Martyna et al. (1996).

    Examples
    --------
    >>> nose_hoover(1, masses=(1, 1)).variables
    (xi_1, xi_2, eta_1, eta_2)
    """
    Q = [_exact(mass) for mass in masses]
    if not Q:
        raise ValueError("a Nosé-Hoover thermostat needs at least one mass")
    _positive(kT=kT, **{f"Q_{j}": mass for j, mass in enumerate(Q, 1)})
    kT, M = _exact(kT), len(Q)
    xi = sp.symbols(f"xi_1:{M + 1}", real=True)
    eta = sp.symbols(f"eta_1:{M + 1}", real=True)
    rules, order = {}, []
    for j in reversed(range(M)):
        pull = P2 - DOF * kT if j == 0 else xi[j - 1] ** 2 / Q[j - 1] - kT
        rules[f"X_{j + 1}"] = Rule(variables={xi[j]: xi[j] + TAU * pull})
        slower = sp.exp(-TAU * xi[j] / Q[j])
        phase = {eta[j]: eta[j] + TAU * xi[j] / Q[j]}
        friction = (
            Rule(MOMENTUM * slower, phase)
            if j == 0
            else Rule(variables={xi[j - 1]: xi[j - 1] * slower, **phase})
        )
        rules[f"S_{j + 1}"] = friction
        order += [f"X_{j + 1}", f"S_{j + 1}"]
    conserved = POTENTIAL + P2 / 2 + DOF * kT * eta[0] + kT * sum(eta[1:])
    conserved += sum(x**2 / (2 * mass) for x, mass in zip(xi, Q, strict=True))
    return Thermostat(
        f"Nosé-Hoover chain of {M}" if M > 1 else "Nosé-Hoover",
        rules,
        _there_and_back(*order, "B", "A"),
        (*xi, *eta),
        conserved,
        kT,
    )


def _exact(value) -> sp.Expr:
    """Numbers as numbers of SymPy, integers exactly."""
    return sp.sympify(value)
