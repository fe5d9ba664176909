"""SciPy's adaptive methods: accurate for a while, but not symplectic."""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp

from mechanics.numerics.ensemble import Control, Job, Outcome, empty_outcome
from mechanics.numerics.kernels.arrays import array_function
from mechanics.numerics.step import UnsuitableMethodError


@dataclass(frozen=True)
class AdaptiveMethod:
    """A method of :func:`scipy.integrate.solve_ivp`, one trajectory after the other.

    It chooses its own steps; ``dt`` only says when states are saved.

    Attributes
    ----------
    name
        SciPy's name of the method.
    order
        Its order.
    rtol, atol
        Tolerances of the local error.
    source
        Where it comes from.

    Examples
    --------
    >>> from mechanics.models import pendulum
    >>> from mechanics.numerics import integrate
    >>> from mechanics.symbolic import legendre
    >>> swing = integrate(legendre(pendulum()), ([1.0], [0.0]), dt=0.1, steps=100,
    ...                   params={"m": 1, "g": 1, "l": 1},
    ...                   method=AdaptiveMethod("DOP853", 8, rtol=1e-12, atol=1e-12))
    >>> bool(np.ptp(swing.energy) < 1e-10)
    True
    """

    name: str
    order: int
    rtol: float = 1e-10
    atol: float = 1e-10
    source: str = "hairer_solving_1993"

    def run(self, job: Job, control: Control) -> Outcome:
        """Integrate one trajectory after the other.

        Raises
        ------
        UnsuitableMethodError
            If the system has no vector field, or something else than states is kept.
        """
        if job.equations.field is None or job.watch.kind not in ("every", "end"):
            raise UnsuitableMethodError(
                f"{self.name} needs the vector field and keeps states only: give a "
                "system that is not made of flows, and save=Every(...) or 'end'"
            )
        field = array_function(job.equations.field, job.equations.param_symbols)
        outcome = empty_outcome(job, job.z.shape[1])
        stops = np.arange(job.looks + 1) * job.watch.every
        times = job.t0 + job.dt * stops
        with suppress(KeyboardInterrupt):  # what is complete is kept
            for i, z in enumerate(job.z.T):
                values = [c[i] if np.ndim(c) else c for c in job.params]
                solution = solve_ivp(
                    lambda t, z, values=values: field(z, t, values),
                    (times[0], times[-1]),
                    z,
                    method=self.name,
                    t_eval=times[1:],
                    rtol=self.rtol,
                    atol=self.atol,
                )
                done = solution.y.shape[1]
                if job.watch.kind == "every":
                    outcome.out[:done, :, i] = solution.y.T
                outcome.z[:, i] = solution.y[:, -1] if solution.success else np.nan
                outcome.reached[i] = job.steps
                control.advance(job.steps)
        return outcome


DOP853 = AdaptiveMethod("DOP853", 8)
