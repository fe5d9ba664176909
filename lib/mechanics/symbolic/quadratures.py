r"""The integrals :math:`\int p\,dq` that mechanics can do in closed form.

Five radicands :math:`R=p^2` cover the solvable textbook problems:

============= ================================== ===============================
name          :math:`R(q)`                       where it comes from
============= ================================== ===============================
``quadratic`` :math:`a+bq+cq^2`                  box, free fall, oscillator
``coulomb``   :math:`A+B/q+C/q^2`                Kepler problem, radial motion
``isotropic`` :math:`A+Bq^2+C/q^2`               planar oscillator, radial motion
``cosine``    :math:`A+B\cos\kappa q`            pendulum, atom in a wave
``sine``      :math:`A-C/\sin^2q`                angular momentum, polar angle
============= ================================== ===============================
"""

import sympy as sp


def radicand(p: sp.Expr, q: sp.Symbol) -> tuple[sp.Expr, sp.Expr] | None:
    r"""Read :math:`p=f\sqrt{R(q)}` as :math:`(f,R)`, with :math:`f` free of ``q``.

    Returns
    -------
    tuple or None
        :math:`(p,1)` if ``p`` does not depend on ``q``; ``None`` if ``p`` is anything
        but a square root.

    Examples
    --------
    >>> from sympy.abc import E, x
    >>> radicand(-2*sp.sqrt(E - x**2), x)
    (-2, E - x**2)
    """
    factor, root = p.as_independent(q, as_Add=False)
    if root == 1 or all(_is_root(f) for f in sp.Mul.make_args(root)):
        return factor, sp.expand(root**2)
    return None


def _is_root(f: sp.Expr) -> bool:
    """Whether f is a square root; SymPy writes that of a square as a modulus."""
    return isinstance(f, sp.Abs) or (f.is_Pow and abs(f.exp) == sp.S.Half)


def standard_form(R: sp.Expr, q: sp.Symbol) -> tuple[str, tuple[sp.Expr, ...]] | None:
    r"""Recognize one of the five radicands.

    Parameters
    ----------
    R
        The square of the momentum, :math:`p^2(q)`.
    q
        The coordinate.

    Returns
    -------
    tuple or None
        The name and the coefficients in the order of the table; ``("sine", (A, C))``
        and ``("cosine", (A, B, kappa))``. ``None`` if the radicand is none of them.

    Examples
    --------
    >>> E, k, l = sp.symbols("E k l")
    >>> r = sp.Symbol("r", positive=True)
    >>> standard_form(2*(E + k/r) - l**2/r**2, r)
    ('coulomb', (2*E, 2*k, -l**2))
    """
    R = sp.expand(R)
    powers = sp.expand(R * q**2).as_poly(q)
    if powers is not None:
        present = {k for (k,) in powers.monoms()}
        c = [powers.coeff_monomial(q**k) for k in range(5)]
        if present <= {2, 3, 4}:
            return "quadratic", (c[2], c[3], c[4])
        if present <= {0, 1, 2}:
            return "coulomb", (c[2], c[1], c[0])
        if present <= {0, 2, 4}:
            return "isotropic", (c[2], c[4], c[0])
    for wave in R.atoms(sp.cos):
        B = R.coeff(wave)
        A = sp.expand(R - B * wave)
        kappa = sp.cancel(wave.args[0] / q)
        if not (A.has(q) or B.has(q) or kappa.has(q)):
            return "cosine", (A, B, kappa)
    barrier = sp.sin(q) ** -2
    C = -R.coeff(barrier)
    A = sp.expand(R + C * barrier)
    return None if A.has(q) or C.has(q) else ("sine", (A, C))


def antiderivative(R: sp.Expr, q: sp.Symbol) -> sp.Expr | None:
    r"""The integral :math:`\int\sqrt{R}\,dq` of a standard radicand.

    Parameters
    ----------
    R
        The square of the momentum, :math:`p^2(q)`.
    q
        The coordinate; positive in the ``coulomb`` and ``isotropic`` forms, between
        :math:`0` and :math:`\pi` in the ``sine`` form.

    Returns
    -------
    Expr or None
        ``None`` if ``R`` is no standard form, or if the signs on which the branch
        depends (arcsine or logarithm) do not follow from the assumptions of the
        symbols: declare the energy ``negative=True`` or ``positive=True`` then.

    Examples
    --------
    >>> E, omega = sp.symbols("E omega", positive=True)
    >>> x = sp.Symbol("x", real=True)
    >>> W = antiderivative(2*E - omega**2*x**2, x)
    >>> W.diff(x).equals(sp.sqrt(2*E - omega**2*x**2))
    True
    """
    form = standard_form(R, q)
    if form is None:
        return None
    name, coefficients = form
    integrate = {
        "quadratic": _root,
        "coulomb": lambda A, B, C, x: _root_over_x(C, B, A, x),
        "isotropic": _isotropic,
        "cosine": _cosine,
        "sine": _sine,
    }
    return integrate[name](*coefficients, q)


def _isotropic(A, B, C, x):
    """Substitute u = x**2, which gives the Coulomb form."""
    integral = _root_over_x(C, A, B, x**2)
    return None if integral is None else integral / 2


def _cosine(A, B, kappa, x):
    """Measure the angle from the bottom of the well: an elliptic integral."""
    if B.is_negative:
        return _cosine(A, -B, kappa, x - sp.pi / kappa)
    if not B.is_positive:
        return None
    top = sp.factor(A + B)
    m = sp.cancel(2 * B / top)
    return 2 * sp.sqrt(top) * sp.elliptic_e(kappa * x / 2, m) / kappa


def _sine(A, C, x):
    root = sp.sqrt(A - C - A * sp.cos(x) ** 2)
    tilt = sp.sqrt(C) * sp.atan2(sp.sqrt(C) * sp.cos(x), root)
    return tilt - sp.sqrt(A) * sp.atan2(sp.sqrt(A) * sp.cos(x), root)


def _root(a, b, c, x):
    r"""Integrate :math:`\sqrt{a+bx+cx^2}`."""
    R = a + b * x + c * x**2
    if c == 0:
        return sp.sqrt(a) * x if b == 0 else 2 * R ** sp.Rational(3, 2) / (3 * b)
    half = (2 * c * x + b) * sp.sqrt(R) / (4 * c)
    D = b**2 - 4 * a * c
    if D == 0:
        return half
    inverse = _inverse_root(a, b, c, x)
    return None if inverse is None else half - D * inverse / (8 * c)


def _inverse_root(a, b, c, x):
    r"""Integrate :math:`1/\sqrt{a+bx+cx^2}`; the sign of c decides the branch."""
    root = sp.sqrt(a + b * x + c * x**2)
    if c == 0:
        return 2 * root / b
    if c.is_negative:
        return -sp.atan2(2 * c * x + b, 2 * sp.sqrt(-c) * root) / sp.sqrt(-c)
    if c.is_positive:
        return sp.log(2 * sp.sqrt(c) * root + 2 * c * x + b) / sp.sqrt(c)
    return None


def _root_over_x(a, b, c, x):
    r"""Integrate :math:`\sqrt{a+bx+cx^2}/x` for positive x."""
    root = sp.sqrt(a + b * x + c * x**2)
    result = root
    if b != 0:
        inverse = _inverse_root(a, b, c, x)
        if inverse is None:
            return None
        result += b * inverse / 2
    if a.is_negative:
        return result - sp.sqrt(-a) * sp.atan2(b * x + 2 * a, 2 * sp.sqrt(-a) * root)
    if a.is_positive:
        return result - sp.sqrt(a) * sp.log((2 * sp.sqrt(a) * root + b * x + 2 * a) / x)
    return result if a == 0 else None
