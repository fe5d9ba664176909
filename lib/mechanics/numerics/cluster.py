"""Ensembles that are shared by the workers of a Dask cluster."""

import pickle
from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np

from mechanics.numerics import backends
from mechanics.numerics.ensemble import Control, Job, Outcome, empty_outcome
from mechanics.numerics.kernels.lanes import LANES
from mechanics.numerics.optional import optional

PIECES = 4  # for each thread of the cluster, so that all are busy to the end


def run(
    client,
    backend: str,
    job: Job,
    control: Control,
    threads: int | None,
    method,
    advance: Callable | None,
) -> Outcome:
    """Run pieces of a job on the workers of a cluster, and put them together.

    Raises
    ------
    TypeError
        If ``client`` is no :class:`distributed.Client`, or one for asynchronous code.
    BackendError
        If the system cannot be divided, or a piece ended every worker that tried it.
    """
    distributed = optional("distributed", "cluster")
    if not isinstance(client, distributed.Client) or client.asynchronous:
        raise TypeError(
            f"client = {client!r} must be a distributed.Client, and not asynchronous"
        )
    if advance is not None:
        raise backends.BackendError(
            "a system of array functions cannot be divided among workers: integrate "
            "the symbolic system, or leave out client"
        )
    # what the kernels do not need stays here
    lean = replace(job.equations, system=None, flows={}, internal={})
    common = pickle.dumps(replace(job, equations=lean, z=job.z[:, :0], params=()))
    number = job.z.shape[1]
    cut = spans(number, PIECES * max(1, sum(client.nthreads().values())))
    pieces = [job.part(low, high) for low, high in cut]
    futures = client.map(
        _run_piece,
        [(piece.z, piece.params, piece.offset) for piece in pieces],
        common=common,
        backend=backend,
        threads=threads or 1,
        method=method,
        pure=False,
        key="integrate",
    )
    place = {future.key: i for i, future in enumerate(futures)}
    done: dict[int, Outcome] = {}
    try:
        for future in distributed.as_completed(futures):
            i = place[future.key]
            done[i] = future.result()
            future.release()
            control.advance(job.steps * pieces[i].z.shape[1])
    except KeyboardInterrupt:
        pass
    except distributed.KilledWorker as error:
        # Dask also counts the deaths against pieces that only waited beside the cause
        low, high = cut[place[error.task]]
        raise backends.BackendError(
            f"every worker that was given the trajectories {low} to {high - 1} died, "
            f"the last one at {error.last_worker.address}: they, or a piece beside "
            "them, end a worker; see its log; perhaps it has too little memory for "
            "what is saved"
        ) from error
    finally:
        client.cancel(futures)
    missing = {
        i: empty_outcome(piece, piece.z.shape[1], piece.z.dtype)
        for i, piece in enumerate(pieces)
        if i not in done
    }
    return joined([(done | missing)[i] for i in range(len(pieces))])


def spans(number: int, pieces: int) -> list[tuple[int, int]]:
    """Divide the numbers of trajectories into pieces of whole blocks of lanes."""
    size = LANES * -(-number // (LANES * pieces))
    return [(low, min(low + size, number)) for low in range(0, number, size)]


def _run_piece(own: tuple, *, common: bytes, backend: str, threads: int, method):
    """Run one piece; this happens on a worker."""
    z, params, offset = own
    job = replace(pickle.loads(common), z=z, params=params, offset=offset)
    with Control(job.steps * z.shape[1], progress=False) as control:
        outcome = backends.run(backend, job, control, threads, method, None)
    if job.watch.kind == "crossings":  # rows that nobody has used need not travel
        outcome.out = outcome.out[: outcome.count.max()].copy()
    return outcome


def joined(outcomes: list[Outcome]) -> Outcome:
    """Join outcomes along their last axis."""
    rows = max(len(outcome.out) for outcome in outcomes)
    for outcome in outcomes:
        if free := rows - len(outcome.out):
            outcome.out = np.pad(outcome.out, [(0, free), (0, 0), (0, 0)])
    names = [f.name for f in fields(Outcome)]
    return Outcome(
        *(np.concatenate([getattr(o, n) for o in outcomes], axis=-1) for n in names)
    )
