"""Adiabatic invariants of the oscillator whose frequency changes slowly."""

import sympy as sp


def adiabatic_invariant(
    omega: sp.Expr, q: sp.Symbol, p: sp.Symbol, t: sp.Symbol, order: int = 1
) -> sp.Expr:
    r"""The action of :math:`H=\tfrac12(p^2+\omega(t)^2q^2)`, corrected for slowness.

    .. math::
        I=\frac{p^2+\omega^2q^2}{2\omega}+\frac{\dot\omega}{2\omega^2}\,qp+\dots
        =\tfrac12\left(Ap^2+2Bqp+Cq^2\right)

    The invariant is conserved if :math:`\dot A=-2B`, :math:`\dot B=\omega^2A-C`,
    :math:`\dot C=2\omega^2B`, which implies :math:`AC-B^2=1`. Counting time
    derivatives as orders, these are solved from :math:`A_0=1/\omega` by
    differentiation alone: the correction :math:`B_1` belongs to order one,
    :math:`A_2` and :math:`C_2` to order two.

    Parameters
    ----------
    omega
        The frequency as a function of ``t``, not zero anywhere.
    q, p, t
        Coordinate, momentum and time.
    order
        Number of time derivatives kept: 0 gives :math:`J=E/\omega`.

    Returns
    -------
    Expr
        A quadratic form in ``q`` and ``p`` whose rate of change has ``order + 1``
        time derivatives of :math:`\omega`, as factors or repeated.

    Notes
    -----
    Source: CCM-12. :math:`E/\omega` itself oscillates with an amplitude of first order
    in the slowness; it is the change from before to after a smooth sweep that is
    exponentially small. The series is asymptotic. For the exact invariant see Lewis
    (1968).

    Examples
    --------
    >>> import sympy as sp
    >>> q, p, t = sp.symbols("q p t", real=True)
    >>> adiabatic_invariant(1 + t, q, p, t)
    p**2/(2*(t + 1)) + p*q/(2*(t + 1)**2) + q**2*(t + 1)/2
    """
    omega = sp.sympify(omega)
    zero = sp.Integer(0)
    A, B, C = [1 / omega], [zero], [omega]
    for n in range(1, order + 1):
        B.append(-sp.diff(A[n - 1], t) / 2)
        # C_n = omega^2 A_n - dB_(n-1)/dt in the coefficient n of A C - B^2 = 1
        drift = sp.diff(B[n - 1], t)
        mixed = sum(A[i] * C[n - i] - B[i] * B[n - i] for i in range(1, n))
        A.append((drift / omega - mixed) / (2 * omega) if n % 2 == 0 else zero)
        C.append(omega**2 * A[n] - drift)
    return sum(A) * p**2 / 2 + sum(B) * q * p + sum(C) * q**2 / 2
