"""Where a trajectory crosses a surface, to the accuracy of the method."""

import numpy as np

from mechanics.numerics.ensemble import Job, Outcome
from mechanics.numerics.kernels.arrays import (
    array_function,
    array_source,
    compile_arrays,
)

ITERATIONS = 60  # a bisection alone would give 2**-60 of a step
AT_ONCE = 2**14  # crossings: their arrays fit into the cache


def refined_section(job: Job, outcome: Outcome) -> tuple:
    r"""Go back from the first state beyond the surface to the surface itself.

    A kernel keeps the state after the step of length :math:`h` that crossed the surface
    :math:`g=0`. The fraction :math:`\theta` of a step backwards that leads to
    :math:`g=0` is found by the method of Illinois, for many crossings at once, with the
    same integrator.

    Returns
    -------
    t
        Times, shape ``(crossings,)``.
    states
        States, shape ``(crossings, variables)``.
    trajectory
        Numbers of the trajectories, shape ``(crossings,)``.
    """
    kept = np.minimum(outcome.count, job.watch.limit)
    trajectory = np.repeat(np.arange(len(kept)), kept)
    rank = np.arange(len(trajectory)) - np.repeat(np.cumsum(kept) - kept, kept)
    names = job.equations.param_symbols
    advance = compile_arrays(array_source(job.step, job.equations.state, names))
    surface = array_function(job.watch.functions, names)

    def refined(some: slice) -> tuple:
        beyond = outcome.out[rank[some], :, trajectory[some]].T
        return _refined(job, advance, surface, beyond, trajectory[some])

    lows = range(0, max(1, len(trajectory)), AT_ONCE)
    blocks = [refined(slice(low, low + AT_ONCE)) for low in lows]
    t, states = map(np.concatenate, zip(*blocks, strict=True))
    return t, states, trajectory


def _refined(job: Job, advance, surface, beyond, trajectory) -> tuple:
    """Return times and states of some crossings."""
    z, n = beyond[:-1], beyond[-1]
    params = [c[trajectory] if np.ndim(c) else c for c in job.params]
    time = job.t0 + n * job.dt

    def back(theta):
        failed = np.full(len(n), -1)
        state = advance(
            list(z), params, time, -theta * job.dt, 0, 1, job.seed, trajectory, failed
        )
        at = np.array([np.broadcast_to(x, n.shape) for x in state])
        return at, surface(at, time - theta * job.dt, params)[0]

    low, high = np.zeros(len(n)), np.ones(len(n))
    g_low, g_high = surface(z, time, params)[0], back(high)[1]
    for _ in range(ITERATIONS):
        gap = g_high - g_low
        with np.errstate(all="ignore"):
            theta = np.where(gap != 0, (low * g_high - high * g_low) / gap, low)
        g = back(theta)[1]
        same = np.sign(g) == np.sign(g_high)
        # the end that stays counts half, so that it moves in its turn
        g_low = np.where(same, g_low / 2, g_high)
        low = np.where(same, low, high)
        high, g_high = theta, g
        if np.all(np.abs(high - low) < 1e-16) or not g.any():
            break
    states, g = back(high)
    return time - high * job.dt, states.T
