"""Newton's method, and how to keep it in sight of a solution."""

from collections.abc import Callable, Sequence

import numpy as np


class NewtonError(ArithmeticError):
    """Newton's method found no solution from its guess.

    Examples
    --------
    Far above its critical parameter the orbits of the standard map are not found from
    equal distances:

    >>> from mechanics.chaos import standard_map, symmetric_orbit
    >>> symmetric_orbit(standard_map(), 34, 55, {"K": 3.0}, through=0.0)
    Traceback (most recent call last):
        ...
    mechanics.chaos.continuation.NewtonError: no convergence in 30 iterations; start
    nearer to the solution, by continuation from a parameter where it is known
    """


def newton(
    correction: Callable[[np.ndarray], np.ndarray],
    guess: np.ndarray,
    *,
    tolerance: float = 1e-13,
    iterations: int = 30,
) -> np.ndarray:
    """Improve a guess by corrections until they vanish.

    Parameters
    ----------
    correction
        From a state to the step that solves the linearized equations there.
    guess
        The start.
    tolerance
        The largest last correction, in units of one plus the size of the state. The
        corrections also end when, below the square root of it, they stop shrinking.
    iterations
        Their largest number.

    Raises
    ------
    NewtonError
        If the corrections do not end.
    """
    x, last = np.array(guess, dtype=float), np.inf
    for _ in range(iterations):
        with np.errstate(all="ignore"):
            step = correction(x)
            size = np.abs(step).max() / (1 + np.abs(x).max())
        if not np.isfinite(size):
            raise NewtonError(
                "the equations cannot be solved: the orbit is degenerate there, or the "
                "guess far away"
            )
        x = x + step
        if size <= tolerance or (size >= last and last < np.sqrt(tolerance)):
            return x
        last = size
    raise NewtonError(
        f"no convergence in {iterations} iterations; start nearer to the solution, by "
        "continuation from a parameter where it is known"
    )


def continuation(
    solve: Callable[[np.ndarray, float], np.ndarray],
    start: np.ndarray,
    values: Sequence[float],
    *,
    halvings: int = 10,
) -> list[np.ndarray]:
    r"""Follow a solution while a parameter changes.

    The next solution is predicted on the straight line through the last two and
    corrected by ``solve``. Where that fails, the way is cut in halves.

    Parameters
    ----------
    solve
        From a guess and a value of the parameter to the solution; it raises
        :class:`NewtonError` if there is none near.
    start
        The solution, or a guess, at the first value.
    values
        Values of the parameter, in the order in which they are to be reached.
    halvings
        How often a step may be halved.

    Returns
    -------
    list of ndarray
        The solution at each value.

    Raises
    ------
    NewtonError
        If the solution is lost; the message says where.

    Examples
    --------
    The elongation of a spring under the force 10, while its stiffness hardens:

    >>> def solve(x, c):
    ...     return newton(lambda x: -(x + c*x**3 - 10) / (1 + 3*c*x**2), x)
    >>> path = continuation(solve, np.array([10.0]), [0.0, 0.01, 0.1, 1.0])
    >>> np.concatenate(path).round(4)
    array([10.    ,  6.8233,  3.93  ,  2.    ])
    """
    values = [float(value) for value in values]
    reached = [(values[0], solve(np.asarray(start, dtype=float), values[0]))]
    found = [reached[0][1]]
    for target in values[1:]:
        step, shortest = (
            target - reached[-1][0],
            (target - reached[-1][0]) / 2**halvings,
        )
        while reached[-1][0] != target:
            (value, x), rest = reached[-1], target - reached[-1][0]
            step = rest if abs(step) >= abs(rest) else step
            guess = x
            if len(reached) > 1 and (gap := value - reached[-2][0]):
                guess = x + (x - reached[-2][1]) * (step / gap)
            following = target if step == rest else value + step
            try:
                reached = [*reached[-1:], (following, solve(guess, following))]
            except NewtonError as error:
                step /= 2
                if abs(step) < abs(shortest):
                    raise NewtonError(
                        f"the solution is lost between {value:.6g} and "
                        f"{following:.6g}: it may end there, or meet another"
                    ) from error
        found.append(reached[-1][1])
    return found
