"""Untrusted code is contained, broken files are named, and a stopped run goes on.

A small assignment of two parts stands in for the real ones. Part one asks for ``x``,
part two for a function ``square``; every submission answers part two rightly unless it
is shown otherwise, so that what one cell destroys can be told from what survives.
"""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
import sympy as sp
from homework_samples import attacks, broken, listener
from hypothesis import given
from hypothesis import strategies as st

from grading import gradebook, sandbox, wire
from grading.gradebook import grade_class
from grading.master import MasterError, masters
from grading.sandbox import (
    MEGABYTE,
    Limits,
    NoSandboxError,
    Sandbox,
    check_machine,
    warm_cache,
)
from grading.table import read_marks

TOOLS = Path(gradebook.__file__).resolve().parent.parent
MASTER_FILE = TOOLS.parent / "homework" / "01_lagrangians" / "assignment.md"
LIMITS = Limits(
    cell=3, grace=2, wall=60, cpu=10, memory=1500 * MEGABYTE, disk=20 * MEGABYTE
)
RIGHT = "x = 2 * half"
SMALL = """\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
---

## One

```{code-cell} ipython3
STUDENT = ""
```

```{code-cell} ipython3
:nbgrader: {grade_id: small-setup, locked: true}
half = 3
```

```{code-cell} ipython3
:nbgrader: {grade_id: small-answer, solution: true}
x = 2 * half
```

```{code-cell} ipython3
:nbgrader: {grade_id: small-x, grade: true, locked: true, points: 1}
assert x > 0, "not positive"
### BEGIN HIDDEN TESTS
assert x != 12, "twice too large"
assert x == 6, "not six"
### END HIDDEN TESTS
```

## Two

```{code-cell} ipython3
:nbgrader: {grade_id: small-more, solution: true}
def square(y):
    return y**2
```

```{code-cell} ipython3
:nbgrader: {grade_id: small-square, grade: true, locked: true, points: 1}
assert square(3) == 9, "not nine"
```

+++ {"nbgrader": {"grade_id": "why", "grade": true, "solution": true, "points": 2}}

Because.
"""

try:
    check_machine()
except NoSandboxError as error:
    if os.environ.get("SANDBOX_CHECKS") == "required":  # as in CI
        raise
    pytest.skip(str(error), allow_module_level=True)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The small assignment."""
    folder = tmp_path_factory.mktemp("masters")
    (folder / "small").mkdir()
    (folder / "small" / "assignment.md").write_text(SMALL)
    return masters(folder)


def notebook(small, source, *, student="anna"):
    """A submission whose first answer is the source."""
    nb = small[0].student_version()
    for cell in nb.cells:
        match cell.metadata.get("nbgrader", {}).get("grade_id"):
            case None if cell.source.startswith("STUDENT"):
                cell.source = f"STUDENT = {student!r}"
            case "small-answer":
                cell.source = source
            case "small-more":
                cell.source = "def square(y):\n    return y**2"
    return nbformat.writes(nb)


@pytest.fixture(scope="module")
def service():
    """A service on this machine that counts its visitors."""
    with listener() as (port, visitors):
        yield port, visitors


@pytest.fixture(scope="module")
def contained(small, service, tmp_path_factory):
    """All attacks in one class, with two honest students among them."""
    base = tmp_path_factory.mktemp("hostile")
    folder = base / "handed_in"
    folder.mkdir()
    canary = base / "canary.txt"
    canary.write_text("alive")
    hostile = attacks(MASTER_FILE, canary, service[0])
    for name, attack in hostile.items():
        text = notebook(small, attack.source, student=name)
        (folder / f"{name}.ipynb").write_text(text)
    for name in ("a_first", "z_last"):
        (folder / f"{name}.ipynb").write_text(notebook(small, RIGHT, student=name))
    graded = grade_class(folder, base / "graded", small, limits=LIMITS)
    results = {one.submission.student: one.result for one in graded}
    return hostile, results, canary, service[1]


@pytest.mark.parametrize("name", attacks(Path("x"), Path("y"), 0))
def test_an_attack_earns_nothing_and_is_named(contained, name):
    hostile, results, _, _ = contained
    result = results[name]
    assert result.points["small-x"] == 0
    assert hostile[name].words in result.feedback["small-x"]
    later = {"count": {1}, "lost": {0}, "open": {0, 1}}[hostile[name].later]
    assert result.points["small-square"] in later
    assert len(str(result)) < 10_000


def test_an_attack_harms_nobody_else(contained):
    _, results, canary, visitors = contained
    for honest in ("a_first", "z_last"):
        assert results[honest].points == {"small-x": 1, "small-square": 1}
        assert results[honest].remarks == []
    assert canary.read_text() == "alive"
    assert MASTER_FILE.exists()
    assert visitors == []


def test_no_process_of_a_sandbox_stays(contained):
    def sandboxed():
        """The processes with the limits of this file; others may grade as well."""
        own = f'/grader/worker.py.*"CPU": {LIMITS.cpu},'
        return subprocess.run(
            ["pgrep", "-f", own], capture_output=True, check=False
        ).stdout

    for _ in range(50):
        if not sandboxed():
            break
        time.sleep(0.1)
    assert not sandboxed()
    with Sandbox(LIMITS):
        assert sandboxed()  # the control


def test_the_attacks_would_succeed_without_walls(service, tmp_path):
    """The control: outside, the solutions can be read and the service reached."""
    port, visitors = service
    canary = tmp_path / "canary"
    canary.write_text("alive")
    names = {"half": 3, "__name__": "outside"}
    spy = attacks(canary, canary, port)["read_solutions"]
    exec(spy.source, names)
    assert names["x"] == 6
    exec(attacks(canary, canary, port)["network"].source, names)
    time.sleep(0.1)
    assert len(visitors) == 1
    visitors.clear()


def test_broken_files_are_named_and_cost_nobody_else_a_point(small, tmp_path):
    folder = tmp_path / "handed_in"
    (folder / "essay").mkdir(parents=True)
    (folder / "nothing").mkdir()
    (folder / "link.ipynb").symlink_to("/etc/passwd")
    (folder / "=renamed").mkdir()
    misnamed = folder / "=renamed" / "Copy of homework (3).ipynb"
    misnamed.write_text(notebook(small, RIGHT, student="=renamed"))
    kinds = broken(notebook(small, RIGHT))
    files = {f"{kind}.ipynb": content for kind, content in kinds.items()}
    files["essay/essay.pdf"] = (b"%PDF", "not a notebook (.ipynb) but essay.pdf")
    for name, (content, _) in files.items():
        (folder / name).write_bytes(content)

    lines = []
    output = tmp_path / "graded"
    graded = grade_class(folder, output, small, limits=LIMITS, say=lines.append)

    remarks = {one.file: "; ".join(one.result.remarks) for one in graded}
    for name, (_, words) in files.items():
        assert words in remarks[name], name
    assert "holds no file" in remarks["nothing"]
    assert "a link" in remarks["link.ipynb"]
    assert len(lines) == len(graded) == len(files) + 3
    with (output / "grades.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert rows["'=renamed"]["automatic"] == "2"
    assert rows["half saved"]["automatic"] == ""
    page = (output / "feedback" / "half saved.html").read_text()
    assert "could not be graded" in page
    assert "perhaps only half saved" in page


def test_marks_by_hand_stay_and_names_are_compared(small, tmp_path):
    folder, output = tmp_path / "handed_in", tmp_path / "graded"
    folder.mkdir()
    for file, named in (("anna", "anna"), ("bert", "anna"), ("carl", "")):
        text = notebook(small, RIGHT, student=named)
        (folder / f"{file}.ipynb").write_text(text)
    grade_class(folder, output, small, limits=LIMITS)
    table = output / "grades.csv"
    lines = table.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == (
        "student,file,assignment,small-x (1),small-square (1),by hand: why (2),"
        "automatic,total,of,remarks"
    )
    assert lines[1].startswith("anna,anna.ipynb,small,1,1,,2,,4,STUDENT occurs in")
    assert "STUDENT says 'anna'" in lines[2]
    assert lines[3].endswith("no name in STUDENT")
    marked = table.read_text().replace("small,1,1,,2,,4", "small,1,1,1.5,2,,4", 1)
    table.write_text(marked)
    grade_class(folder, output, small, limits=LIMITS)
    assert "anna,anna.ipynb,small,1,1,1.5,2,3.5,4" in table.read_text()
    assert "bert,bert.ipynb,small,1,1,,2,,4" in table.read_text()
    page = (output / "to_mark.html").read_text()
    assert "1 of 3 are marked" in page
    assert "Nothing was written" in page
    assert "Because." in page
    anna = (output / "feedback" / "anna.html").read_text()
    assert "<strong>3.5 of 4</strong>" in anna
    assert "several submissions" not in anna
    bert = (output / "feedback" / "bert.html").read_text()
    assert "<strong>2 of 2</strong> points so far" in bert


MARKS = """\
student;file;by hand: why (2)
anna;anna.ipynb;1,5
bert;bert.ipynb;
"""


def test_marks_are_read_as_spreadsheets_save_them(small, tmp_path):
    table = tmp_path / "grades.csv"
    files = ["anna.ipynb", "bert.ipynb"]
    assert read_marks(table, files, small) == {}
    for text in (MARKS, MARKS.replace(",", ".").replace(";", ",")):
        for encoding in ("utf-8", "utf-8-sig"):
            table.write_text(text, encoding=encoding)
            assert read_marks(table, files, small) == {"anna.ipynb": {"why": 1.5}}


@pytest.mark.parametrize(
    ("files", "table", "problem"),
    [
        (
            "anna bert",
            MARKS.replace("1,5", "x"),
            "anna: the mark 'x' for why is no num",
        ),
        ("anna bert", MARKS.replace("1,5", "15"), "no number from 0 to 2"),
        ("anna bert", MARKS.replace("1,5", "nan"), "no number from 0 to 2"),
        ("bert", MARKS, "the mark 1,5 for anna, but anna.ipynb is not there any more"),
        ("anna bert", MARKS.replace("(2)", "(3)"), "the column 'by hand: why .3.' is"),
        ("anna bert", MARKS.replace("file", "path"), "no columns student and file"),
        ("anna bert", MARKS.replace("anna", "Zoë"), "is not UTF-8; save it as CSV"),
    ],
)
def test_no_mark_is_lost_in_silence(small, tmp_path, files, table, problem):
    path = tmp_path / "grades.csv"
    path.write_text(table, encoding="latin-1")
    with pytest.raises(ValueError, match=problem):
        read_marks(path, [f"{name}.ipynb" for name in files.split()], small)


def test_a_name_that_is_no_text_does_no_harm(small, tmp_path):
    """Halves of letters, in the name of a file and in what a student wrote."""
    folder, output = tmp_path / "handed_in", tmp_path / "graded"
    folder.mkdir()
    half = json.loads('"\\ud83d"')
    text = notebook(small, RIGHT, student="half").replace("half'\"", "\\ud83d'\"")
    text = text.replace("YOUR ANSWER HERE", "\\ud83d and no more")
    assert half in json.loads(text)["cells"][1]["source"][0]
    (folder / os.fsdecode(b"M\xfcller.ipynb")).write_text(text)
    lines = []
    (one,) = grade_class(folder, output, small, limits=LIMITS, say=lines.append)
    assert one.submission.student == "M?ller"
    assert one.result.points["small-x"] == 1
    assert "M?ller" in (output / "grades.csv").read_text(encoding="utf-8-sig")
    assert "? and no more" in (output / "to_mark.html").read_text(encoding="utf-8")
    assert "".join(lines).isprintable()


def test_an_empty_folder_is_named(small, tmp_path):
    with pytest.raises(ValueError, match="holds no submissions"):
        grade_class(tmp_path, tmp_path / "graded", small)


def test_masters_that_the_sandbox_would_show_are_refused(small, tmp_path, monkeypatch):
    secret = small[0].folder / "assignment.md"
    reading = f"text = open({str(secret)!r}).read()"
    with Sandbox(LIMITS) as box:
        assert "FileNotFoundError" in box.run(reading)
    system = (*sandbox.SYSTEM, str(small[0].folder.parent))
    monkeypatch.setattr(sandbox, "SYSTEM", system)
    with Sandbox(LIMITS) as box:  # the control: this is what is refused
        assert box.run(reading) is None
    (tmp_path / "anna.ipynb").write_text("")
    with pytest.raises(NoSandboxError, match=r"small lies in .* Move it"):
        grade_class(tmp_path, tmp_path.with_name("graded"), small)


def test_a_killed_run_goes_on_and_gives_the_same_table(small, tmp_path):
    """A run is killed outright; a second one ends it; a third starts afresh."""
    folder = tmp_path / "handed_in"
    folder.mkdir()
    for number in range(4):
        source = RIGHT if number % 2 else "x = 4 * half"
        if number > 1:
            source += "\nimport time\ntime.sleep(1)"
        text = notebook(small, source, student=f"s{number}")
        (folder / f"s{number}.ipynb").write_text(text)
    own = tmp_path / "masters" / "small"
    own.mkdir(parents=True)
    (own / "assignment.md").write_text(SMALL)
    command = [sys.executable, str(TOOLS / "grade_homework.py")]
    command += [str(folder), str(own.parent)]
    output = tmp_path / "handed_in_graded"

    environment = os.environ | {"PYTHONPYCACHEPREFIX": str(warm_cache() / "bytecode")}
    for _ in range(5):  # on a busy machine the end may be quicker than the kill
        first = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, text=True
        )
        for line in first.stdout:
            if line.startswith("[1/4]"):
                break
        os.kill(first.pid, signal.SIGKILL)
        first.communicate()
        kept = {f: f.stat().st_mtime_ns for f in (output / ".results").glob("*.json")}
        if len(kept) < 4:
            break
        shutil.rmtree(output)
    assert 1 <= len(kept) < 4
    assert not (output / "grades.csv").exists()

    second = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    )
    assert "[4/4] s3: 2 of 2" in second.stdout
    assert all(f.stat().st_mtime_ns == then for f, then in kept.items())
    resumed = (output / "grades.csv").read_bytes()
    grade_class(folder, tmp_path / "afresh", small)
    assert (tmp_path / "afresh" / "grades.csv").read_bytes() == resumed
    assert "twice too large" in (output / "feedback" / "s0.html").read_text()


def test_without_bubblewrap_nothing_is_run(monkeypatch):
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    with pytest.raises(NoSandboxError, match="apt install bubblewrap"):
        check_machine()


def test_a_master_that_cannot_be_used_is_named(tmp_path):
    folder = tmp_path / "bad"
    folder.mkdir()
    (folder / "assignment.md").write_text(SMALL.replace(", points: 1", "", 1))
    with pytest.raises(MasterError, match="how many points the cell small-x"):
        masters(tmp_path)
    (folder / "assignment.md").write_text(SMALL.replace("small-square", "small-x"))
    with pytest.raises(MasterError, match="two cells are called small-x"):
        masters(tmp_path)
    (folder / "assignment.md").write_text(SMALL.replace("assert x > 0,", "assert x >,"))
    with pytest.raises(MasterError, match="invalid syntax in line 1 of the cell small"):
        masters(tmp_path)
    (folder / "assignment.md").write_text(SMALL)
    (tmp_path / "worse").mkdir()
    (tmp_path / "worse" / "assignment.md").write_text(SMALL)
    with pytest.raises(MasterError, match="bad and worse share a cell small-"):
        masters(tmp_path)
    with pytest.raises(MasterError, match="holds no folder with an assignment"):
        masters(tmp_path / "bad")


def test_answers_keep_their_value_and_become_the_readers_own():
    with Sandbox(LIMITS) as box:
        assert (
            box.run("import sympy as sp\nfrom matplotlib import pyplot as plt") is None
        )
        assert box.run("q = sp.Symbol('q', real=True)\nL = sp.sin(q)**2 / 3") is None
        q = sp.Symbol("q", real=True)
        assert box.get("L") == sp.sin(q) ** 2 / 3
        assert box.get("L") != sp.sin(sp.Symbol("q")) ** 2 / 3
        box.run("figure, axes = plt.subplots()\naxes.plot([1, 2], [3, 4], 'o')")
        box.run("axes.set(xlabel='time (s)', ylim=(0, 9))")
        axes = box.get("figure").axes[0]
        assert axes.get_lines()[0].get_xydata().tolist() == [[1, 3], [2, 4]]
        assert (axes.get_xlabel(), axes.get_ylim()) == ("time (s)", (0, 9))
        box.run("def bend(f): return f.diff(q, 2)")
        assert box.get("bend")(q**3) == 6 * q
        box.run("def fail(): return 1 / 0")
        with pytest.raises(ArithmeticError, match="ZeroDivisionError"):
            box.get("fail")()
        with pytest.raises(LookupError, match="`absent` is not defined"):
            box.get("absent")


symbols = st.sampled_from(sp.symbols("x y", real=True))
leaves = symbols | st.integers(-9, 9).map(sp.Integer) | st.just(sp.pi)
expressions = st.deferred(
    lambda: (
        leaves
        | st.tuples(expressions, expressions).map(lambda pair: pair[0] + pair[1])
        | st.tuples(expressions, expressions).map(lambda pair: pair[0] * pair[1])
        | st.tuples(expressions, st.integers(1, 3)).map(lambda pair: pair[0] ** pair[1])
        | expressions.map(sp.sin)
    )
)


@given(expressions)
def test_expressions_survive_the_crossing(expr):
    assert wire.unpack(wire.pack(expr)) == expr


@pytest.mark.parametrize(
    "data",
    [
        {"sympy": ["Lambda", "x"]},
        {"sympy": ["__import__", "os"]},
        {"sympy": {"symbol": ["x", {"weird": True}, False]}},
        {"function": 3},
        {"figure": 3},
        17,
    ],
)
def test_damaged_or_disguised_data_are_refused(data):
    with pytest.raises(wire.CannotCrossError):
        wire.unpack(data)
