"""Run contestants in turn and report rates per processor second and their ratios."""

import datetime
import json
import os
import platform
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time

RECORD = Path(__file__).with_name("results.json")


def on_one_processor() -> None:
    """Bind this process to one processor, so that all rates are rates per core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def race(contestants: dict[str, Callable[[], float]], rounds: int = 5) -> dict:
    """Let every contestant run in every round.

    Parameters
    ----------
    contestants
        Functions that do some work and return how much; the first call of each, which
        may compile, is not counted.
    rounds
        How often.

    Returns
    -------
    dict
        The median work per processor second of each, by name.
    """
    for work in contestants.values():
        work()
    rates: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, work in contestants.items():
            start = process_time()
            done = work()
            rates[name].append(done / (process_time() - start))
    return {name: median(values) for name, values in rates.items()}


def table(title: str, unit: str, rates: dict[str, float], ours: str) -> None:
    """Print rates, and how many times faster ours is than each."""
    print(f"\n{title} ({unit})")
    for name, rate in rates.items():
        print(f"  {name:34}{rate:10.2e}{rates[ours] / rate:9.2f}")


def record(section: str, rows: list[dict]) -> None:
    """Keep the rows of one benchmark, with the machine and the date."""
    book = json.loads(RECORD.read_text("utf8")) if RECORD.exists() else {}
    book[section] = {
        "machine": processor(),
        "date": datetime.date.today().isoformat(),
        "rows": rows,
    }
    RECORD.write_text(json.dumps(book, indent=1, ensure_ascii=False) + "\n", "utf8")


def processor() -> str:
    """Return the processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":")[1].strip() for line in lines if "model name" in line]
    return names[0] if names else platform.machine()
