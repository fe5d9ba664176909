"""A class: grade many submissions, go on where a run was stopped, write the table.

Every submission is graded in a process of its own, made from a clean template, and its
result is kept in a file whose name is a digest of the submission, of the masters and
of the grader. So an interrupted run goes on where it stopped, and a changed master or
submission is graded again. The table is written from the kept results alone.
"""

import csv
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
from dataclasses import dataclass
from multiprocessing import forkserver
from pathlib import Path

from grading.check import Result, check, total
from grading.feedback import write_feedback, write_marking_page
from grading.master import Master
from grading.sandbox import (
    MEGABYTE,
    Limits,
    check_machine,
    limit_this_process,
    warm_cache,
)
from grading.submission import (
    Submission,
    UnreadableError,
    find_submissions,
    read_bytes,
    read_notebook,
    recognize,
)

HERE = Path(__file__).resolve().parent
PRELOAD = ["grading.gradebook", "mechanics.symbolic", "matplotlib.pyplot", "random"]
MEMORY_OF_THE_CHECKS = 4000 * MEGABYTE
BY_HAND = "by hand: "
SAFE_FROM_SPREADSHEETS = "=+-@\t\r"


@dataclass(frozen=True)
class Graded:
    """A submission and what its grading found."""

    submission: Submission
    file: str
    result: Result


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
    """
    check_machine()
    limits = limits or Limits()
    kept = output / ".results"
    kept.mkdir(parents=True, exist_ok=True)
    submissions = find_submissions(folder)
    context = clean_template()
    base = digest_of_grader(masters, limits)

    stopped = threading.Event()

    def grade(submission: Submission) -> tuple[Graded, float]:
        start = time.monotonic()
        file = str(submission.path.relative_to(folder))
        result = grade_one(submission, masters, limits, kept, base, context, stopped)
        return Graded(submission, file, result), time.monotonic() - start

    graded = []
    with ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
        futures = [pool.submit(grade, submission) for submission in submissions]
        try:
            for number, future in enumerate(futures, start=1):
                one, seconds = future.result()
                graded.append(one)
                line = progress_line(one.result, masters)
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
    add_remarks(graded)
    write_table(graded, masters, output / "grades.csv")
    write_feedback(graded, masters, output / "feedback")
    write_marking_page(graded, masters, output / "to_mark.html")
    return graded


def clean_template() -> multiprocessing.context.ForkServerContext:
    """Start the process that the graders are copied from, with all imports done."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
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
    """Write a result, whole or not at all."""
    draft = file.with_suffix(f".{os.getpid()}.part")
    draft.write_text(json.dumps(result.as_data()), encoding="utf8")
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


def add_remarks(graded: list[Graded]) -> None:
    """Say whose notebook carries another name, and which names occur twice."""
    times = Counter(
        (one.result.assignment, one.result.named) for one in graded if one.result.named
    )
    for one in graded:
        result = one.result
        if not result.assignment:
            continue
        if not result.named:
            result.remarks.append("no name in STUDENT")
        elif result.named != one.submission.student:
            result.remarks.append(f"STUDENT says {result.named!r}")
        if times[result.assignment, result.named] > 1:
            result.remarks.append("STUDENT occurs in several submissions")


def write_table(graded: list[Graded], masters: list[Master], path: Path) -> None:
    """Write ``grades.csv``; marks that a person has filled in stay.

    The columns of what is marked by hand begin with ``by hand:`` and are empty at
    first. ``total`` is filled in once they are.
    """
    present = [m for m in masters if any(g.result.assignment == m.name for g in graded)]
    parts = [part for master in present for part in master.parts]
    columns = {part.name: column(part) for part in parts}
    marks = marks_by_hand(path)
    rows = []
    for one in graded:
        result = one.result
        row = {
            "student": plain(one.submission.student),
            "file": plain(one.file),
            "assignment": result.assignment,
        }
        row |= {columns[name]: points for name, points in result.points.items()}
        own = next((m.parts for m in present if m.name == result.assignment), [])
        by_hand = [columns[part.name] for part in own if part.by_hand]
        old = marks.get((row["student"], row["file"]), {})
        row |= {name: old.get(name, "") for name in by_hand}
        if own:
            automatic = sum(result.points.values())
            row["automatic"] = automatic
            if all(row[name] != "" for name in by_hand):
                row["total"] = f"{automatic + sum(float(row[n]) for n in by_hand):g}"
            row["of"] = sum(part.points for part in own)
        row["remarks"] = plain("; ".join(result.remarks))
        rows.append(row)
    names = ["student", "file", "assignment", *columns.values()]
    names += ["automatic", "total", "of", "remarks"]
    draft = path.with_suffix(".part")
    with draft.open("w", newline="", encoding="utf8") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(rows)
    draft.replace(path)


def column(part) -> str:
    """The heading of a part's column."""
    return f"{BY_HAND if part.by_hand else ''}{part.name} ({part.points})"


def marks_by_hand(path: Path) -> dict[tuple[str, str], dict[str, str]]:
    """The marks that a person has filled into an earlier table."""
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf8") as file:
        reader = csv.DictReader(file)
        if not {"student", "file"} <= set(reader.fieldnames or ()):
            raise ValueError(
                f"{path} has no columns student and file, so its marks cannot be kept; "
                "save it as comma-separated text, or move it away"
            )
        return {
            (row["student"], row["file"]): {
                name: mark.strip()
                for name, mark in row.items()
                if name and name.startswith(BY_HAND) and mark
            }
            for row in reader
        }


def plain(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    text = " ".join(text.split())
    return f"'{text}" if text.startswith(tuple(SAFE_FROM_SPREADSHEETS)) else text
