"""A class hands in, and every grade in the table is the one that is due.

Right, wrong, broken and hostile notebooks over all assignments, mixed from a seed, are
graded by the command behind ``make grade``. Twelve students are enough to have each
kind; CLASS_SIZE=100 before the command makes a whole class of them, and ``-s`` shows
the teacher's lines and the time per submission:

    CLASS_SIZE=100 .venv/bin/python -m pytest tests/test_homework_class.py -s
"""

import copy
import csv
import itertools
import os
import random
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from homework_samples import attacks, broken, listener, rounds, solved, with_wrong

from grading import gradebook
from grading.master import HOMEWORK, bound_names, masters, role
from grading.sandbox import NoSandboxError, check_machine, warm_cache
from grading.table import column

SIZE = int(os.environ.get("CLASS_SIZE", "12"))
SEED = 1835
COMMAND = Path(gradebook.__file__).resolve().parent.parent / "grade_homework.py"
MASTERS = masters()
EACH_KIND = (
    *("right", "wrong", "hostile", "empty", "half saved", "corrupt", "foreign"),
    *("stranger", "misnamed", "hostile", "wrong", "hostile"),
)
MANY = ("right",) * 8 + ("wrong",) * 8 + ("hostile",) * 5 + ("misnamed", "half saved")

try:
    check_machine()
except NoSandboxError as error:
    if os.environ.get("SANDBOX_CHECKS") == "required":  # as in CI
        raise
    pytest.skip(str(error), allow_module_level=True)


@dataclass(frozen=True)
class Handed:
    """What a student hands in, and what is due for it.

    ``points`` holds the points of each part that is tested, or None where an attack
    may or may not have spoiled a right answer; it is empty for what is no homework.
    ``words`` stand in the remarks; there are no remarks, if it is empty.
    """

    kind: str
    file: str
    content: bytes
    points: dict[str, int | None]
    words: str | None


def deck(dice, items):
    """All items in a random order, and again."""
    while True:
        yield from dice.sample(items, len(items))


def handed_in(size, canary, port):
    """The submissions of a class, by student."""
    dice = random.Random(SEED)
    kinds = dice.sample(EACH_KIND, len(EACH_KIND)) if size >= len(EACH_KIND) else []
    kinds += itertools.islice(deck(dice, MANY), size - len(kinds))
    chosen = deck(dice, MASTERS)
    wrong = {m.name: deck(dice, list(rounds(m))) for m in MASTERS}
    places = {m.name: deck(dice, list(places_to_attack(m))) for m in MASTERS}
    names = itertools.cycle(attacks(canary, canary, port))
    made = {}
    for number, kind in enumerate(kinds):
        student, master = f"student{number:03}", next(chosen)
        notebook = solved(master, student)
        right = {p.name: p.points for p in master.parts if not p.by_hand}
        title, file, points, words = kind, f"{student}.ipynb", right, ""
        content = nbformat.writes(notebook).encode()
        match kind:
            case "right":
                pass
            case "misnamed":
                file = f"{student}/My homework (final) 2.txt.ipynb"
            case "wrong":
                answers = next(wrong[master.name])
                points = right | dict.fromkeys(answers, 0)
                content = nbformat.writes(with_wrong(notebook, answers)).encode()
            case "hostile":
                place, asked = next(places[master.name])
                victim = master.folder / "assignment.md"
                name = next(names)
                attack = attacks(victim, canary, port, asked)[name]
                title = f"hostile: {name}"
                points = due_after(attack, master, place)
                notebook.cells[place].source = attack.source
                content, words = nbformat.writes(notebook).encode(), None
            case _:
                content, words = broken(nbformat.writes(notebook))[kind]
                points = {}
        made[student] = Handed(title, file, content, points, words)
    return made


def places_to_attack(master):
    """The answer cells of a master, each with the first answer that is tested."""
    for place, cell in enumerate(master.notebook.cells):
        if role(cell) != "answer":
            continue
        asked = [name for c in checks_of(master, cell) for name in master.questions(c)]
        own = bound_names(cell.source)
        yield place, next(name for name in asked if name in own)


def checks_of(master, answer):
    """The tests that use a name of an answer cell."""
    own = bound_names(answer.source)
    tests = [c for c in master.notebook.cells if role(c) == "test"]
    return [test for test in tests if own & set(master.questions(test))]


def due_after(attack, master, place):
    """The points that remain for the other parts, all of which are right."""
    cells = master.notebook.cells
    attacked = checks_of(master, cells[place])
    due = {}
    for position, cell in enumerate(cells):
        if role(cell) != "test":
            continue
        full = cell.metadata.nbgrader["points"]
        later = {"count": full, "lost": 0, "open": None}[attack.later]
        due[cell.metadata.nbgrader["grade_id"]] = full if position < place else later
    return due | {cell.metadata.nbgrader["grade_id"]: 0 for cell in attacked}


def mistakes(table, handed):
    """Where a table of grades differs from what is due."""
    rows = {row["student"]: row for row in table}
    found = [f"{student} is not in the table" for student in handed.keys() - rows]
    for student in handed.keys() & rows:
        due, row = handed[student], rows[student]
        place = f"{student} ({due.kind}, {row['assignment'] or 'no assignment'})"
        for part in (p for m in MASTERS for p in m.parts if not p.by_hand):
            points = due.points.get(part.name, "")
            given = row.get(column(part), "")
            if points is not None and given != str(points):
                found.append(f"{place}: {part.name} {given!r} instead of {points!r}")
        if due.words is not None and (
            row["remarks"] if due.words == "" else due.words not in row["remarks"]
        ):
            found.append(f"{place}: remarks {row['remarks']!r}")
    return sorted(found)


def contents(folder):
    """All files of a folder."""
    return {p: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The class, its table, and what lay around before and after."""
    base = tmp_path_factory.mktemp("class")
    folder = base / "handed_in"
    canary = base / "canary.txt"
    canary.write_text("alive")
    with listener() as (port, visitors):
        handed = handed_in(SIZE, canary, port)
        for one in handed.values():
            path = folder / one.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(one.content)
        around = [*contents(base).items(), *contents(HOMEWORK).items()]
        environment = os.environ | {
            "PYTHONPYCACHEPREFIX": str(warm_cache() / "bytecode")
        }
        run = [sys.executable, str(COMMAND), str(folder)]
        subprocess.run(run, env=environment, check=True)
    output = base / "handed_in_graded"
    with (output / "grades.csv").open(newline="", encoding="utf-8-sig") as file:
        table = list(csv.DictReader(file))
    return handed, table, output, around, visitors


def test_every_grade_is_the_one_that_is_due(graded):
    handed, table, _, _, _ = graded
    assert len(table) == len(handed) == SIZE
    assert mistakes(table, handed) == []


def test_a_grade_that_is_not_due_is_found(graded):
    """The control: one thing is falsified, in what is due or in the table."""
    handed, table, _, _, _ = graded
    student = next(name for name, one in handed.items() if one.kind == "wrong")
    part, points = next(iter(handed[student].points.items()))
    falsified = replace(handed[student], points=handed[student].points | {part: 9})
    found = mistakes(table, handed | {student: falsified})
    assert len(found) == 1
    assert f": {part} '{points}' instead of 9" in found[0]

    rows = copy.deepcopy(table)
    row = next(r for r in rows if handed[r["student"]].kind == "empty")
    row[next(name for name in row if name.startswith(part))] = "1"
    row["remarks"] = ""
    assert len(mistakes(rows, handed)) == 2
    assert mistakes(table[1:], handed) == [f"{table[0]['student']} is not in the table"]


def test_everybody_gets_a_page(graded):
    handed, _, output, _, _ = graded
    for one in handed.values():
        page = output / "feedback" / f"{one.file.removesuffix('.ipynb')}.html"
        shown = page.read_text()
        assert ("could not be graded" in shown) == (not one.points)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_are_for_everybody(graded, browser, theme):
    handed, _, output, _, _ = graded
    wrong = next(one.file for one in handed.values() if one.kind == "wrong")
    context = browser.new_context(color_scheme=theme, bypass_csp=True)
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 800})
    for name in (f"feedback/{wrong.removesuffix('.ipynb')}.html", "to_mark.html"):
        page.goto((output / name).as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert Axe().run(page).response["violations"] == []
    page.evaluate("document.querySelector('p').style.color = '#777'")  # the control
    found = Axe().run(page).response["violations"]
    assert [violation["id"] for violation in found] == ["color-contrast"]
    context.close()


def test_nothing_around_was_touched(graded):
    """Neither the submissions nor the masters, the canary or a service."""
    _, _, _, around, visitors = graded
    for path, content in around:
        assert path.read_bytes() == content
    assert visitors == []
