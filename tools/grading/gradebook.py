"""A class: grade many submissions, go on where a run was stopped, write the results.

Every submission is graded in a process of its own, made from a clean template, and its
result is kept in a file whose name is a digest of the submission, of the masters and
of the grader. So an interrupted run goes on where it stopped, and a changed master or
submission is graded again. Table and pages are written from the kept results and
from the marks that a person has filled into the table.
"""

import hashlib
import json
import multiprocessing
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import forkserver
from pathlib import Path

from grading.check import Result, check, total
from grading.feedback import write_feedback, write_marking_page
from grading.master import Master
from grading.sandbox import (
    MEGABYTE,
    Limits,
    check_hidden,
    check_machine,
    limit_this_process,
    warm_cache,
)
from grading.submission import (
    Submission,
    UnreadableError,
    find_submissions,
    printable,
    read_bytes,
    read_notebook,
    recognize,
)
from grading.table import read_marks, write_table

HERE = Path(__file__).resolve().parent
MEMORY_OF_THE_CHECKS = 4000 * MEGABYTE


@dataclass(frozen=True)
class Graded:
    """A submission, what its grading found, and the marks that a person gave."""

    submission: Submission
    file: str
    result: Result
    marks: dict[str, float] = field(default_factory=dict)


def grade_class(
    folder: Path,
    output: Path,
    masters: list[Master],
    *,
    limits: Limits | None = None,
    jobs: int | None = None,
    say: Callable[[str], None] = print,
) -> list[Graded]:
    """Grade all submissions of a folder and write table and pages.

    Parameters
    ----------
    folder
        One file or folder a student; see :mod:`grading.submission`.
    output
        Where ``grades.csv``, ``to_mark.html`` and ``feedback/`` go.
    masters
        The assignments that may have been handed in.
    limits
        What a submission may use.
    jobs
        How many are graded at once; as many as there are processors, if left out.
    say
        Prints a line of progress.

    Raises
    ------
    NoSandboxError
        If no sandbox can be made here, or if it would show masters or submissions.
    ValueError
        If the folder is empty, or if marks of an earlier table cannot be kept.
    """
    check_machine()
    check_hidden(folder, output, *(master.folder for master in masters))
    limits = limits or Limits()
    submissions = find_submissions(folder)
    if not submissions:
        raise ValueError(f"{folder} holds no submissions")
    table = output / "grades.csv"
    files = [printable(str(one.path.relative_to(folder))) for one in submissions]
    read_marks(table, files, masters)  # what is wrong there is better said at once
    kept = output / ".results"
    kept.mkdir(parents=True, exist_ok=True)
    context = clean_template(masters)
    base = digest_of_grader(masters, limits)
    stopped = threading.Event()

    def grade(submission: Submission, file: str) -> tuple[Graded, float]:
        start = time.monotonic()
        result = grade_one(submission, masters, limits, kept, base, context, stopped)
        return Graded(submission, file, result), time.monotonic() - start

    graded = []
    with ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
        futures = list(map(partial(pool.submit, grade), submissions, files))
        try:
            for number, future in enumerate(futures, start=1):
                one, seconds = future.result()
                graded.append(one)
                line = printable(progress_line(one.result, masters))
                say(
                    f"[{number}/{len(submissions)}] {one.submission.student}: "
                    f"{line} ({seconds:.1f} s)"
                )
        except BaseException:
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.kill()
            raise
    marks = read_marks(table, files, masters)
    graded = [replace(one, marks=marks.get(one.file, {})) for one in graded]
    remark_on_names(graded)
    write_feedback(graded, masters, output / "feedback")
    remark_on_copies(graded)  # which is for the teacher alone
    write_table(graded, masters, table)
    write_marking_page(graded, masters, output / "to_mark.html")
    return graded


def clean_template(masters) -> multiprocessing.context.ForkServerContext:
    """Start the process that the graders are copied from, with all imports done."""
    context = multiprocessing.get_context("forkserver")
    modules = frozenset().union(*(master.modules for master in masters))
    context.set_forkserver_preload(["grading.gradebook", *sorted(modules)])
    before = dict(os.environ)
    os.environ["PYTHONPATH"] = str(HERE.parent)
    os.environ["PYTHONPYCACHEPREFIX"] = str(warm_cache() / "bytecode")
    os.environ["MPLBACKEND"] = "agg"
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        forkserver.ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(before)
    return context


def grade_one(submission, masters, limits, kept, base, context, stopped) -> Result:
    """Grade one submission in its own process, unless its result is kept."""
    try:
        data = read_bytes(submission.path)
    except (UnreadableError, OSError) as error:
        return Result(remarks=[str(error)])
    file = kept / f"{hashlib.sha256(base + data).hexdigest()[:40]}.json"
    if not file.exists():
        process = context.Process(target=work, args=(data, masters, limits, file))
        process.start()
        process.join(limits.wall + 120)
        if process.is_alive():
            process.kill()
            process.join()
        if stopped.is_set():
            raise KeyboardInterrupt
        if not file.exists():
            problem = (
                f"grading this submission failed (exit status {process.exitcode}): "
                "an answer is too large or too slow to check"
            )
            keep(Result(remarks=[problem]), file)
    return Result(**json.loads(file.read_text(encoding="utf8")))


def work(data: bytes, masters: list[Master], limits: Limits, file: Path) -> None:
    """Grade one submission and keep the result; runs in a process of its own."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # the teacher's Ctrl-C is for the parent
    limit_this_process(MEMORY_OF_THE_CHECKS)
    try:
        notebook = read_notebook(data)
        master = recognize(notebook, masters)
    except UnreadableError as error:
        result = Result(remarks=[str(error)])
    else:
        result = check(notebook, master, limits)
    keep(result, file)


def keep(result: Result, file: Path) -> None:
    """Write a result, whole or not at all, and without halves of letters."""
    draft = file.with_suffix(f".{os.getpid()}.part")
    text = json.dumps(result.as_data(), ensure_ascii=False)
    draft.write_text(text, encoding="utf8", errors="replace")
    draft.replace(file)


def digest_of_grader(masters: list[Master], limits: Limits) -> bytes:
    """What decides about a result besides the submission."""
    digest = hashlib.sha256(repr(limits).encode())
    for master in masters:
        digest.update(json.dumps(master.notebook, sort_keys=True).encode())
    for source in sorted(HERE.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.digest()


def progress_line(result: Result, masters: list[Master]) -> str:
    """What a teacher sees while the class is graded."""
    master = next((m for m in masters if m.name == result.assignment), None)
    if master is None:
        return "; ".join(result.remarks)
    line = f"{sum(result.points.values())} of {total(master.parts, by_hand=False)}"
    return "; ".join([line, *result.remarks])


def remark_on_names(graded: list[Graded]) -> None:
    """Say whose notebook carries no name or another one."""
    for one in graded:
        named = one.result.named
        if one.result.assignment and not named:
            one.result.remarks.append("no name in STUDENT")
        elif one.result.assignment and named != one.submission.student:
            one.result.remarks.append(f"STUDENT says {named!r}")


def remark_on_copies(graded: list[Graded]) -> None:
    """Say which names occur twice."""
    results = [one.result for one in graded if one.result.named]
    times = Counter((result.assignment, result.named) for result in results)
    for result in results:
        if times[result.assignment, result.named] > 1:
            result.remarks.append("STUDENT occurs in several submissions")
