"""Homework: every master passes, and nothing else does.

All submissions of this file are graded as a teacher grades a class, in one run.
"""

import copy
import os

import nbformat
import pytest

from grading.gradebook import grade_class
from grading.master import cell_name, masters, role
from grading.sandbox import NoSandboxError, check_machine

try:
    check_machine()
except NoSandboxError as error:
    if os.environ.get("SANDBOX_CHECKS") == "required":  # as in CI
        raise
    pytest.skip(str(error), allow_module_level=True)

MASTERS = masters()


def solved(master, student):
    """The master's own solutions, as a student would hand them in."""
    notebook = copy.deepcopy(master.notebook)
    first = next(c for c in notebook.cells if c.source.startswith("STUDENT ="))
    first.source = f"STUDENT = {student!r}"
    return notebook


def rounds(master):
    """Wrong answers, put together so that each round has one for each part."""
    waiting = list(master.wrong_answers)
    while waiting:
        chosen = {answer["part"]: answer for answer in reversed(waiting)}
        waiting = [a for a in waiting if a not in chosen.values()]
        yield chosen


def with_wrong(notebook, chosen):
    """The notebook with wrong answers after the right ones."""
    answer = None
    for cell in notebook.cells:
        if role(cell) == "answer":
            answer = cell
        if cell_name(cell) in chosen:
            answer.source += "\n" + chosen[cell_name(cell)]["code"]
    return notebook


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The results of a class, by the name of the submission."""
    folder = tmp_path_factory.mktemp("handed_in")
    for master in MASTERS:
        submissions = {"right": solved(master, f"{master.name}-right")}
        submissions["untouched"] = master.student_version()
        for number, chosen in enumerate(rounds(master)):
            name = f"wrong{number}"
            notebook = solved(master, f"{master.name}-{name}")
            submissions[name] = with_wrong(notebook, chosen)
        for name, notebook in submissions.items():
            nbformat.write(notebook, folder / f"{master.name}-{name}.ipynb")
    results = grade_class(folder, folder.with_name("graded"), MASTERS)
    return {one.submission.student: one.result for one in results}


@pytest.mark.parametrize("master", MASTERS, ids=lambda m: m.name)
def test_the_master_earns_full_marks(master, graded):
    result = graded[f"{master.name}-right"]
    assert not any(result.feedback.values()), result.feedback
    assert result.points == {p.name: p.points for p in master.parts if not p.by_hand}
    assert not result.remarks


@pytest.mark.parametrize("master", MASTERS, ids=lambda m: m.name)
def test_the_untouched_version_earns_nothing(master, graded):
    result = graded[f"{master.name}-untouched"]
    assert set(result.points.values()) == {0}
    assert all("is not defined" in text for text in result.feedback.values())


@pytest.mark.parametrize("master", MASTERS, ids=lambda m: m.name)
def test_wrong_answers_earn_nothing_and_are_understood(master, graded):
    full = {p.name: p.points for p in master.parts if not p.by_hand}
    for number, chosen in enumerate(rounds(master)):
        result = graded[f"{master.name}-wrong{number}"]
        assert result.points == full | dict.fromkeys(chosen, 0), result.feedback
        for part, answer in chosen.items():
            assert answer["feedback"] in result.feedback[part]
