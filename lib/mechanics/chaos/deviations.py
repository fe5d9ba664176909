"""Several deviations from one motion, as one more axis of an ensemble."""

import numpy as np

from mechanics.numerics import IntegrationError, integrate, tangent_system
from mechanics.numerics.tangent import TangentEquations


def prepared(system, initial) -> tuple[TangentEquations, np.ndarray]:
    """Return the tangent system, and the initial state as one array of floats.

    Returns
    -------
    TangentEquations
    ndarray
        Shape ``(variables, ...)``.
    """
    tangent = tangent_system(system)
    parts = [initial] if len(tangent.base.groups) == 1 else list(initial)
    return tangent, np.concatenate([np.asarray(part, dtype=float) for part in parts])


def advance(
    tangent: TangentEquations, state: np.ndarray, delta: np.ndarray, **run
) -> tuple[np.ndarray, np.ndarray]:
    """Integrate a motion with several deviations.

    Parameters
    ----------
    tangent
        The system, from :func:`prepared`.
    state
        Shape ``(variables, ...)``.
    delta
        Deviations, shape ``(variables, k, ...)``.
    **run
        Arguments of :func:`~mechanics.numerics.integrate` but ``save``.

    Returns
    -------
    state, delta
        At the end, in the same shapes.

    Raises
    ------
    ValueError
        If a deviation overflows while the motion does not.
    """
    number = len(state)
    each = np.broadcast_to(state[:, None], delta.shape)
    ends = np.cumsum(list(tangent.base.groups.values()))
    initial = (*np.split(each, ends[:-1]), delta)
    try:
        end = integrate(tangent, initial, save="end", **run).end
    except IntegrationError as error:
        if np.isfinite(error.result.end[:number]).all():
            raise ValueError(
                f"a deviation overflows within {run['steps']} steps of dt = "
                f"{run['dt']:g}: cut the run into more pieces"
            ) from error
        raise
    return end[:number, 0], end[number:]
