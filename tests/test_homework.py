"""Homework: every master passes, and nothing else does.

All submissions of this file are graded as a teacher grades a class, in one run. The
masters of another folder are tested with MASTERS=../private before the command.
"""

import os
from pathlib import Path

import nbformat
import pytest
from homework_samples import rounds, solved, with_wrong

from grading.gradebook import grade_class
from grading.master import HOMEWORK, masters
from grading.sandbox import NoSandboxError, check_machine

try:
    check_machine()
except NoSandboxError as error:
    if os.environ.get("SANDBOX_CHECKS") == "required":  # as in CI
        raise
    pytest.skip(str(error), allow_module_level=True)

MASTERS = masters(Path(os.environ.get("MASTERS", HOMEWORK)))


@pytest.fixture(scope="module")
def graded(request, tmp_path_factory):
    """The results of a class, by the name of the submission.

    Only what the chosen tests need: ``-k 01_lagrangians`` grades one assignment.
    """
    folder = tmp_path_factory.mktemp("handed_in")
    tests = [test for test in request.session.items if test.path == request.path]
    names = {test.callspec.params["master"].name for test in tests}
    for master in [master for master in MASTERS if master.name in names]:
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
