"""Integrals along a separatrix: on the real line, and by residues."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import sympy as sp

from mechanics.symbolic import HamiltonianSystem, is_zero

LARGEST = 200.0  # half of the longest interval, in units of the given width


def melnikov_integrand(
    system: HamiltonianSystem,
    perturbation: Sequence[sp.Expr],
    orbit: Mapping[sp.Symbol, sp.Expr],
    t: sp.Symbol,
) -> sp.Expr:
    r"""Write the integrand of Melnikov's function.

    .. math::
        M(t_0)=\int_{-\infty}^\infty\Bigl(\frac{\partial H}{\partial q}g_q
        +\frac{\partial H}{\partial p}g_p\Bigr)\Big|_{z_0(t),\,t+t_0}\mathrm dt

    for :math:`\dot q=\partial H/\partial p+\epsilon g_q`,
    :math:`\dot p=-\partial H/\partial q+\epsilon g_p`: the energy that the perturbation
    feeds in along the unperturbed separatrix :math:`z_0(t)`. Where :math:`M` has a
    simple zero, the stable and the unstable manifold cross.

    Parameters
    ----------
    system
        The unperturbed system; its separatrix must solve its equations.
    perturbation
        The rates :math:`g_q,\dots,g_p,\dots`. Write :math:`t+t_0` for the time.
    orbit
        Each variable on the separatrix as a function of ``t``.
    t
        The time along the separatrix.

    Returns
    -------
    Expr

    Raises
    ------
    ValueError
        If ``orbit`` does not solve the equations of motion.

    Examples
    --------
    The separatrix of the double well, under friction:

    >>> t, q, p, delta = sp.symbols("t q p delta", real=True)
    >>> well = HamiltonianSystem(p**2/2 - q**2/2 + q**4/4, (q,), (p,))
    >>> q_0 = sp.sqrt(2) / sp.cosh(t)
    >>> melnikov_integrand(well, (0, -delta*p), {q: q_0, p: sp.diff(q_0, t)}, t)
    -2*delta*sinh(t)**2/cosh(t)**4
    """
    z = (*system.q, *system.p)
    for variable, rate in zip(z, system.vector_field, strict=True):
        if not is_zero(
            (sp.diff(orbit[variable], t) - rate.subs(orbit)).rewrite(sp.exp)
        ):
            raise ValueError(
                f"{variable} = {orbit[variable]} does not solve {variable}' = {rate}"
            )
    fed = sum(sp.diff(system.H, x) * g for x, g in zip(z, perturbation, strict=True))
    return sp.sympify(fed).subs(orbit)


def separatrix_integral(
    f: Callable[[np.ndarray], np.ndarray],
    *,
    width: float = 1.0,
    tolerance: float = 1e-13,
) -> np.ndarray:
    r"""Integrate a smooth, exponentially decaying function over the real line.

    The sum :math:`h\sum_nf(nh)` over equally spaced points has an error of
    :math:`e^{-2\pi a/h}`, if the nearest singularity of :math:`f` in the complex plane
    is at the distance :math:`a` from the line. No rule is better here. The step is
    halved until the sum no longer changes.

    Parameters
    ----------
    f
        From times of shape ``(n,)`` to values of shape ``(..., n)``.
    width
        The scale on which ``f`` varies.
    tolerance
        The largest last change, in units of the integral of ``|f|``.

    Returns
    -------
    ndarray
        The integrals, shape ``(...)``.

    Raises
    ------
    ValueError
        If ``f`` does not decay, or the sums do not settle.

    Examples
    --------
    >>> value = separatrix_integral(lambda t: np.cos(3*t) / np.cosh(t))
    >>> bool(abs(value - np.pi / np.cosh(3*np.pi/2)) < 1e-14)
    True
    """
    half, last = 8.0 * width, None
    while half < LARGEST * width:
        end = np.linspace(0.9 * half, half, 16)
        ends = np.abs(f(np.concatenate([end, -end]))).max()
        middle = np.abs(f(np.linspace(-4 * width, 4 * width, 65))).max()
        if ends <= 1e-18 * middle:
            break
        half *= 1.3
    else:
        raise ValueError(
            f"the function has not decayed at t = {half:g}: it is not integrable, or "
            f"width = {width:g} is too small"
        )
    step = width / 4
    for _ in range(12):
        n = np.arange(-int(half / step), int(half / step) + 1)
        values = np.asarray(f(step * n))
        total, size = step * values.sum(axis=-1), step * np.abs(values).sum(axis=-1)
        if last is not None and np.all(np.abs(total - last) <= tolerance * size):
            return total
        last, step = total, step / 2
    raise ValueError(
        f"the sums have not settled at a step of {step:.1e}: the function is not smooth"
    )


def fourier_integral(
    r: sp.Expr,
    t: sp.Symbol,
    omega: sp.Expr,
    *,
    period: sp.Expr,
    poles: Sequence[sp.Expr],
) -> sp.Expr:
    r"""The exact :math:`\int_{-\infty}^\infty r(t)\,e^{i\omega t}\,\mathrm dt`.

    If :math:`r(t+iP)=\sigma r(t)`, the integral along the line :math:`\mathrm{Im}\,t=P`
    is the one along the real line times :math:`\sigma e^{-\omega P}`, and the residue
    theorem says what their difference is:

    .. math::
        \int_{-\infty}^\infty r\,e^{i\omega t}\,\mathrm dt=
        \frac{2\pi i}{1-\sigma e^{-\omega P}}\sum_{\text{poles}}
        \operatorname{Res}\bigl(r\,e^{i\omega t}\bigr)

    Parameters
    ----------
    r
        A function of ``t`` that decays on both sides, with poles as its only
        singularities.
    t, omega
        The time, and the real frequency.
    period
        The :math:`P>0`.
    poles
        The poles with :math:`0<\mathrm{Im}\,t<P`.

    Returns
    -------
    Expr

    Raises
    ------
    ValueError
        If :math:`r(t+iP)/r(t)` is not a number, or a pole lies outside the strip.

    Examples
    --------
    >>> t, omega = sp.symbols("t omega", positive=True)
    >>> I = fourier_integral(1/sp.cosh(t), t, omega, period=sp.pi, poles=[sp.I*sp.pi/2])
    >>> bool(abs(I.subs(omega, 3).evalf() - (sp.pi/sp.cosh(3*sp.pi/2)).evalf()) < 1e-14)
    True
    """
    r = sp.sympify(r)
    shifted = r.subs(t, t + sp.I * period)
    sigma = _constant_ratio(shifted, r, t)
    for pole in poles:
        height = sp.im(pole)
        if not (height > 0) or not (height < period):
            raise ValueError(
                f"the pole {pole} is not between the lines 0 and i*{period}"
            )
    exponential = r.rewrite(sp.exp) * sp.exp(sp.I * omega * t)
    total = sum(_residue(exponential, t, pole) for pole in poles)
    return 2 * sp.pi * sp.I * total / (1 - sigma * sp.exp(-omega * period))


def _constant_ratio(shifted: sp.Expr, r: sp.Expr, t: sp.Symbol) -> sp.Expr:
    for sigma in (sp.Integer(1), sp.Integer(-1)):
        if is_zero((shifted - sigma * r).rewrite(sp.exp).expand()):
            return sigma
    raise ValueError(
        f"{r} does not repeat up to a sign after the imaginary period: choose another"
    )


def _residue(f: sp.Expr, t: sp.Symbol, pole: sp.Expr) -> sp.Expr:
    s = sp.Dummy("s")
    return sp.residue(f.subs(t, pole + s), s, 0)
