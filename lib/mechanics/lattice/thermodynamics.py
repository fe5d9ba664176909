"""Densities of states and thermodynamics of harmonic crystals."""

import numba
import numpy as np
from scipy.constants import hbar as HBAR
from scipy.constants import k as K_B
from scipy.optimize import brentq

from mechanics.lattice.chains import UnstableCrystalError
from mechanics.lattice.phonons import Model, modes
from mechanics.lattice.wavevectors import QMesh

# Six tetrahedra around the diagonal from corner 000 to corner 111 of a cell of the mesh
PATHS = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))


def density_of_states(mesh: QMesh, values: np.ndarray, at: np.ndarray) -> np.ndarray:
    r"""How many modes there are per unit of frequency, by linear tetrahedra.

    .. math::
        g(\omega)=\sum_\nu\int_{\text{zone}}\frac{\mathrm d^3q}{V_{\text{zone}}}\,
        \delta\bigl(\omega-\omega_\nu(\boldsymbol q)\bigr),\qquad
        \int g\,\mathrm d\omega=3s

    Each cell of the mesh is cut into six tetrahedra, in which the frequencies are
    interpolated linearly and the integral is done exactly.

    Parameters
    ----------
    mesh
        The wavevectors.
    values
        Frequencies, or anything else, at ``mesh.q``; shape ``(n, branches)``.
    at
        Where the density is wanted, rising, shape ``(m,)``.

    Returns
    -------
    ndarray
        Shape ``(m,)``.

    Raises
    ------
    UnstableCrystalError
        If frequencies are imaginary.

    Notes
    -----
    Source: Lehmann and Taut 1972.

    Examples
    --------
    >>> from mechanics.lattice import ForceConstants, fcc, frequencies, q_mesh
    >>> mesh = q_mesh(fcc(2.0), 12)
    >>> omega = frequencies(ForceConstants.from_springs(fcc(2.0), [1.0]), mesh.q)
    >>> at = np.linspace(0, 3, 301)
    >>> bool(abs(np.trapezoid(density_of_states(mesh, omega, at), at) - 3) < 1e-3)
    True
    """
    return _tetrahedra(mesh, values, at)[0]


def count_of_states(mesh: QMesh, values: np.ndarray, at: np.ndarray) -> np.ndarray:
    r"""How many modes lie below: :math:`\int_{-\infty}^\omega g\,\mathrm d\omega'`.

    Parameters, returns and errors as for :func:`density_of_states`.

    Examples
    --------
    >>> from mechanics.lattice import ForceConstants, fcc, frequencies, q_mesh
    >>> mesh = q_mesh(fcc(2.0), 12)
    >>> omega = frequencies(ForceConstants.from_springs(fcc(2.0), [1.0]), mesh.q)
    >>> count_of_states(mesh, omega, [-1.0, 3.0]).round(12)
    array([0., 3.])
    """
    return _tetrahedra(mesh, values, at)[1]


def _tetrahedra(mesh, values, at):
    values, at = _real(values), np.asarray(at, dtype=float)
    if values.ndim != 2 or len(values) != len(mesh.q):
        raise ValueError(
            f"values of shape {values.shape} for {len(mesh.q)} wavevectors: the shape "
            "must be (wavevectors, branches)"
        )
    if at.ndim != 1 or not (np.diff(at) > 0).all():
        raise ValueError("the frequencies to look at must rise")
    # take the shortest diagonal of the cells: mirror the mesh until it is 000 to 111
    steps = mesh.crystal.reciprocal / np.reshape(mesh.index.shape, (3, 1))
    mirrors = [(1, 1, 1), (-1, 1, 1), (1, -1, 1), (1, 1, -1)]
    mirror = min(mirrors, key=lambda signs: np.linalg.norm(signs @ steps))
    full = values[mesh.index][tuple(slice(None, None, sign) for sign in mirror)]
    return _integrate(np.ascontiguousarray(full), at, np.array(PATHS))


@numba.njit(cache=True)
def _integrate(full, at, paths):  # pragma: no cover
    """Density and count of states of values (n1, n2, n3, branches)."""
    n1, n2, n3, branches = full.shape
    weight = 1.0 / (6.0 * n1 * n2 * n3)
    last = len(at)
    g, count, below = np.zeros(last), np.zeros(last), np.zeros(last + 1)
    for i in range(n1):
        for j in range(n2):
            for k in range(n3):
                i2, j2, k2 = (i + 1) % n1, (j + 1) % n2, (k + 1) % n3
                for path in range(len(paths)):
                    first, second = paths[path, 0], paths[path, 1]
                    i1 = i2 if first == 0 else i
                    j1 = j2 if first == 1 else j
                    k1 = k2 if first == 2 else k
                    i12 = i2 if second == 0 else i1
                    j12 = j2 if second == 1 else j1
                    k12 = k2 if second == 2 else k1
                    for nu in range(branches):
                        a, b = full[i, j, k, nu], full[i1, j1, k1, nu]
                        c, d = full[i12, j12, k12, nu], full[i2, j2, k2, nu]
                        a, b = min(a, b), max(a, b)
                        c, d = min(c, d), max(c, d)
                        a, c = min(a, c), max(a, c)
                        b, d = min(b, d), max(b, d)
                        b, c = min(b, c), max(b, c)
                        m = np.searchsorted(at, a, side="right")
                        while m < last and at[m] < d:
                            x = at[m]
                            if x < b:
                                p = (b - a) * (c - a) * (d - a)
                                g[m] += weight * 3 * (x - a) ** 2 / p
                                count[m] += weight * (x - a) ** 3 / p
                            elif x < c:
                                y, p = x - b, (c - a) * (d - a)
                                r = (c - a + d - b) / ((c - b) * (d - b))
                                slope = 3 * (b - a) + 6 * y - 3 * r * y**2
                                g[m] += weight * slope / p
                                cubic = (b - a) ** 2 + 3 * (b - a) * y + 3 * y**2
                                count[m] += weight * (cubic - r * y**3) / p
                            else:
                                p = (d - a) * (d - b) * (d - c)
                                g[m] += weight * 3 * (d - x) ** 2 / p
                                count[m] += weight * (1 - (d - x) ** 3 / p)
                            m += 1
                        below[m] += weight
    return g, count + np.cumsum(below[:last])


def heat_capacity(
    omega: np.ndarray,
    T: np.ndarray,
    weights: np.ndarray | None = None,
    *,
    hbar: float = HBAR,
    k_B: float = K_B,
) -> np.ndarray:
    r"""Heat capacity of a cell at constant volume.

    .. math::
        C_V=k_B\sum_{\boldsymbol q\nu}w_{\boldsymbol q}\,
        \Bigl(\frac{x/2}{\sinh(x/2)}\Bigr)^2,\qquad x=\frac{\hbar\omega}{k_BT}

    Parameters
    ----------
    omega
        Frequencies, shape ``(n, branches)``. Those of shifts, :math:`\omega=0`, count
        as :math:`k_B` each: take a mesh that avoids them.
    T
        Temperatures, any shape.
    weights
        Of the wavevectors, with sum one; all alike by default. Densities of states
        may stand here too: frequencies of shape ``(n, 1)``, and
        :math:`g\,\Delta\omega`.
    hbar, k_B
        In the units of the other arguments; SI by default. ``hbar=0`` is the classical
        limit.

    Returns
    -------
    ndarray
        The shape of ``T``.

    Raises
    ------
    UnstableCrystalError
        If a frequency is imaginary.
    ValueError
        For temperatures that are not positive.

    Examples
    --------
    Dulong and Petit's limit:

    >>> float(heat_capacity(np.ones((5, 3)), 100.0, hbar=1.0, k_B=1.0).round(4))
    3.0
    """
    omega, T = _real(omega), _temperatures(T)
    weights = np.full(len(omega), 1 / len(omega)) if weights is None else weights
    flat = T.reshape(-1)
    out = np.empty(len(flat))
    for m, temperature in enumerate(flat):
        half = hbar * omega / (2 * k_B * temperature)
        share = np.minimum(half, 350.0)  # beyond, the ratio underflows to zero anyway
        ratio = np.where(half > 0, share / np.sinh(np.maximum(share, 1e-8)), 1.0)
        out[m] = k_B * (np.asarray(weights) @ ratio**2).sum()
    return out.reshape(T.shape)


def debye_heat_capacity(
    theta: float, T: np.ndarray, *, modes: int = 3, k_B: float = K_B
) -> np.ndarray:
    r"""Debye's heat capacity.

    .. math::
        C=3k_B\,t^3\int_0^{1/t}\frac{3x^4e^x}{(e^x-1)^2}\,\mathrm dx\times
        \frac{\text{modes}}3,\qquad t=\frac T\Theta

    Parameters
    ----------
    theta
        Debye's temperature :math:`\Theta`.
    T
        Temperatures, any shape.
    modes
        How many, three for each atom.
    k_B
        Boltzmann's constant.

    Examples
    --------
    >>> debye_heat_capacity(300.0, [3000.0, 3.0], k_B=1.0).round(6)
    array([2.998501e+00, 2.340000e-04])
    """
    T = _temperatures(T)
    nodes, gauss = np.polynomial.legendre.leggauss(120)
    top = np.minimum(theta / T, 80.0)  # the integrand is 1e-28 there
    x = top[..., None] * (nodes + 1) / 2
    integrand = 3 * x**4 * np.exp(-x) / np.expm1(-x) ** 2
    integral = (integrand @ gauss) * top / 2
    return modes * k_B * (T / theta) ** 3 * integral


def debye_temperature(T: float, C: float, *, modes: int = 3, k_B: float = K_B) -> float:
    r"""The :math:`\Theta_D(T)` with which Debye's formula has this heat capacity.

    Parameters
    ----------
    T
        Temperature.
    C
        Heat capacity, above zero and below ``modes * k_B``.
    modes
        How many modes have it.
    k_B
        Boltzmann's constant.

    Raises
    ------
    ValueError
        If no Debye temperature has this heat capacity.

    Examples
    --------
    >>> C = debye_heat_capacity(92.0, 30.0)
    >>> round(debye_temperature(30.0, float(C)), 9)
    92.0
    """
    if not 0 < C < modes * k_B:
        raise ValueError(
            f"no Debye temperature has the heat capacity {C:.4g}: it must lie between "
            f"0 and {modes} k_B = {modes * k_B:.4g}"
        )

    def difference(log_ratio):
        theta = T * np.exp(log_ratio)
        return float(np.log(debye_heat_capacity(theta, T, modes=modes, k_B=k_B) / C))

    return float(T * np.exp(brentq(difference, np.log(1e-6), np.log(1e6), xtol=1e-13)))


def mean_square_displacements(
    model: Model,
    mesh: QMesh,
    T: float,
    *,
    hbar: float = HBAR,
    k_B: float = K_B,
) -> np.ndarray:
    r"""How far the atoms move from their places, in all directions.

    .. math::
        \langle u_{a,i}u_{a,j}\rangle=\sum_{\boldsymbol q\nu}w_{\boldsymbol q}\,
        \frac{\hbar}{2M_a\omega}\coth\frac{\hbar\omega}{2k_BT}\;
        \mathrm{Re}\,e_{a,i}\,e_{a,j}^*

    Parameters
    ----------
    model
        The force constants.
    mesh
        Wavevectors of the *full* zone. The three shifts at :math:`\boldsymbol q=0` are
        left out: this is a crystal of as many cells as the mesh has points, with its
        centre of mass at rest.
    T
        Temperature.
    hbar, k_B
        In the units of the other arguments; SI by default. ``hbar=0`` is the classical
        limit, :math:`k_BT/M_a\omega^2`.

    Returns
    -------
    ndarray
        Shape ``(s, 3, 3)``.

    Raises
    ------
    UnstableCrystalError
        If another :math:`\omega^2` is not positive.
    ValueError
        If the mesh is not full: reduced wavevectors have turned polarizations.

    Examples
    --------
    >>> from mechanics.lattice import ForceConstants, fcc, q_mesh
    >>> copper = ForceConstants.from_springs(fcc(2.0), [1.0])
    >>> u2 = mean_square_displacements(
    ...     copper, q_mesh(fcc(2.0), 8), 1.0, hbar=0.0, k_B=1.0)
    >>> bool(np.allclose(u2[0], u2[0, 0, 0] * np.eye(3)))
    True
    """
    if len(mesh.q) != mesh.index.size:
        raise ValueError(
            f"{len(mesh.q)} wavevectors stand for {mesh.index.size}: polarizations "
            "need the full mesh, symmetry=False"
        )
    squared, e = modes(model, mesh.q)
    turns = mesh.q @ mesh.crystal.cell.T / (2 * np.pi)
    uniform = np.abs(turns - np.rint(turns)).max(axis=1) < 1e-9
    squared[uniform, :3] = np.inf  # no displacement
    if squared.min() <= 1e-10 * squared[np.isfinite(squared)].max():
        worst = squared.min(axis=1).argmin()
        raise UnstableCrystalError(
            f"omega^2 = {squared.min():.3g} at q = {mesh.q[worst].round(6).tolist()}: "
            "the atoms do not stay near their places"
        )
    T = float(_temperatures(T))
    omega = np.sqrt(squared)
    if hbar == 0:
        spread = k_B * T / squared
    else:
        spread = hbar / (2 * omega * np.tanh(hbar * omega / (2 * k_B * T)))
    spread = spread * mesh.weights[:, None]
    s = model.crystal.atoms
    e = e.reshape(len(mesh.q), s, 3, -1)
    u2 = np.einsum("qn,qain,qajn->aij", spread, e, e.conj(), optimize=True).real
    return u2 / model.crystal.masses[:, None, None]


def _real(omega) -> np.ndarray:
    omega = np.asarray(omega)
    if np.iscomplexobj(omega) and (omega.imag != 0).any():
        raise UnstableCrystalError(
            f"{np.count_nonzero(omega.imag)} of {omega.size} frequencies are "
            f"imaginary, the worst {omega.imag.max():.4g} i: a crystal that falls "
            "apart has no thermodynamics"
        )
    return omega.real


def _temperatures(T) -> np.ndarray:
    T = np.asarray(T, dtype=float)
    if not ((T > 0) & np.isfinite(T)).all():
        raise ValueError(f"temperatures must be positive and finite, not {T}")
    return T
