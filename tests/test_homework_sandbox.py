"""Untrusted code is contained, broken files are named, and a stopped run goes on.

A small assignment of two parts stands in for the real ones. Part one asks for ``x``,
part two for a function ``square``; every submission answers part two rightly unless it
is shown otherwise, so that what one cell destroys can be told from what survives.
"""

import csv
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import nbformat
import pytest
import sympy as sp
from hypothesis import given, settings
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

TOOLS = Path(gradebook.__file__).resolve().parent.parent
LIMITS = Limits(cell=3, wall=60, cpu=10, memory=1500 * MEGABYTE, disk=20 * MEGABYTE)
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


def notebook(small, source, *, student="anna", language="python"):
    """A submission whose first answer is the source."""
    nb = small[0].student_version()
    for cell in nb.cells:
        match cell.metadata.get("nbgrader", {}).get("grade_id"):
            case None if cell.source.startswith("STUDENT"):
                cell.source = f"STUDENT = {student!r}"
            case "small-answer":
                cell.source = textwrap.dedent(source)
            case "small-more":
                cell.source = "def square(y):\n    return y**2"
    nb.metadata.kernelspec.language = nb.metadata.kernelspec.name = language
    return nbformat.writes(nb)


@pytest.fixture(scope="module")
def listener():
    """A service on this machine that counts its visitors."""
    visitors = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            while True:
                try:
                    visitor, address = server.accept()
                except OSError:
                    return
                visitor.close()
                visitors.append(address)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1], visitors
        server.shutdown(socket.SHUT_RDWR)


def hostile(master_file, canary, port):
    """Attacks, and words that the report must contain."""
    return {
        "loop": ("while True: pass", "stopped after 3 s"),
        "stubborn_loop": (
            """
            import signal
            signal.signal(signal.SIGALRM, signal.SIG_IGN)
            while True: pass
            """,
            "the notebook was stopped",
        ),
        "fork_bomb": ("import os\nwhile True: os.fork()", "notebook was stopped"),
        "thread_bomb": (
            """
            import threading, time
            while True: threading.Thread(target=time.sleep, args=(60,)).start()
            """,
            "",
        ),
        "memory": ("ballast = bytearray(50 * 2**30)", "MemoryError"),
        "memory_of_a_family": (
            """
            import os, time
            for child in range(4):
                if os.fork() == 0:
                    ballast = bytearray(600 * 2**20)
                    for page in range(0, len(ballast), 4096): ballast[page] = 1
                    time.sleep(60)
            time.sleep(60)
            """,
            "it used more than 1500 MB",
        ),
        "disk": (
            """
            import os
            problems = []
            for folder in ("/tmp", "/dev/shm", "/dev", "/", "/grader", "/var/tmp"):
                try:
                    for number in range(100):
                        with open(f"{folder}/{number}", "wb") as file:
                            file.write(bytes(2**20))
                    problems.append("none")
                except OSError as error:
                    problems.append(os.strerror(error.errno))
            raise ValueError(problems)
            """,
            "['No space left on device', 'No space left on device', 'Read-only",
        ),
        "delete": (
            f"""
            import os, shutil
            for victim in ({str(master_file.parent)!r}, {str(canary.parent)!r}):
                shutil.rmtree(victim, ignore_errors=True)
                os.path.exists(victim) or print("gone")
            shutil.rmtree({str(TOOLS.parent / "lib")!r}, ignore_errors=True)
            os.unlink({str(canary)!r})
            """,
            "FileNotFoundError",
        ),
        "read_solutions": (
            f"""
            from pathlib import Path
            import os
            found = [Path({str(master_file)!r}), Path({str(canary)!r})]
            found += [Path(f"/proc/{{n}}/root{master_file}") for n in range(1, 99)]
            found += [Path("/proc") / str(os.getppid()) / "cwd" / "assignment.md"]
            found = [path for path in found if path.exists()]
            x = 6 if found else 1
            """,
            "not six",
        ),
        "print": ("while True: print('x' * 10**7)", "`x` is not defined"),
        "flood_the_wire": (
            """
            import os
            for fd in range(3, 64):
                try:
                    while True: os.write(fd, b"x" * 2**20)
                except OSError: pass
            """,
            "notebook was stopped: ",
        ),
        "fake_reply": (
            """
            import os
            for fd in range(3, 64):
                try: os.write(fd, b'{"points": 1, "error": null}\\n' * 9)
                except OSError: pass
            """,
            "",
        ),
        "patch_the_checks": (
            """
            import builtins, gc, numpy, sympy
            class Yes:
                def __eq__(self, other): return True
                def __ne__(self, other): return False
                def __gt__(self, other): return True
            numpy.allclose = sympy.Basic.equals = lambda *a, **k: True
            builtins.AssertionError = builtins.Exception
            for thing in gc.get_objects():
                if type(thing).__name__ == "Kernel":
                    forged = {"value": Yes(), "points": 1, "error": None}
                    type(thing).get = lambda *a: forged | {"value": {"int": "12"}}
            x = Yes()
            """,
            "twice too large",
        ),
        "always_equal": (
            """
            class Yes:
                def __eq__(self, other): return True
                def __ne__(self, other): return False
                def __gt__(self, other): return True
            x = Yes()
            """,
            "an answer cannot be a Yes",
        ),
        "liar": (
            """
            class Six(int):
                def __eq__(self, other): return True
                def __ne__(self, other): return False
            x = Six(5)
            """,
            "not six",
        ),
        "pickle": (
            """
            class Bomb:
                def __reduce__(self): return eval, ("__import__('os')._exit(0)",)
            import numpy
            x = numpy.array([Bomb()], dtype=object)
            """,
            "an answer cannot be a Bomb",
        ),
        "giant": (
            "import sympy\nx = sympy.Pow(10, 10**10, evaluate=False)",
            "too many digits",
        ),
        "kill": (
            """
            import os
            for process in (-1, 1, os.getppid(), os.getpid()):
                try: os.kill(process, 9)
                except OSError: pass
            """,
            "the process ended",
        ),
        "network": (
            f"""
            import socket
            socket.create_connection(("127.0.0.1", {port}), timeout=2)
            x = 2 * half
            """,
            "refused",
        ),
        "limits": (
            """
            import resource
            resource.setrlimit(resource.RLIMIT_AS, (2**40, 2**40))
            """,
            "ValueError",
        ),
    }


@pytest.fixture(scope="module")
def contained(small, listener, tmp_path_factory):
    """All attacks in one class, with two honest students among them."""
    base = tmp_path_factory.mktemp("hostile")
    folder = base / "handed_in"
    folder.mkdir()
    canary = base / "canary.txt"
    canary.write_text("alive")
    master_file = TOOLS.parent / "homework" / "01_lagrangians" / "assignment.md"
    attacks = hostile(master_file, canary, listener[0])
    for name, (source, _) in attacks.items():
        text = notebook(small, source, student=name)
        (folder / f"{name}.ipynb").write_text(text)
    for name in ("a_first", "z_last"):
        (folder / f"{name}.ipynb").write_text(notebook(small, RIGHT, student=name))
    graded = grade_class(folder, base / "graded", small, limits=LIMITS)
    results = {one.submission.student: one.result for one in graded}
    return attacks, results, canary, listener[1]


NAMES = list(hostile(Path("x"), Path("y"), 0))


@pytest.mark.parametrize("name", NAMES)
def test_an_attack_earns_nothing_and_is_named(contained, name):
    attacks, results, _, _ = contained
    result = results[name]
    assert result.points["small-x"] == 0
    assert attacks[name][1] in result.feedback["small-x"]
    assert len(str(result)) < 10_000


def test_an_attack_harms_nobody_else(contained):
    _, results, canary, visitors = contained
    for honest in ("a_first", "z_last"):
        assert results[honest].points == {"small-x": 1, "small-square": 1}
        assert results[honest].remarks == []
    assert canary.read_text() == "alive"
    assert (TOOLS.parent / "homework" / "01_lagrangians" / "assignment.md").exists()
    assert visitors == []


def test_what_comes_after_an_endless_loop_still_counts(contained):
    _, results, _, _ = contained
    assert results["loop"].points == {"small-x": 0, "small-square": 1}
    assert results["stubborn_loop"].points == {"small-x": 0, "small-square": 0}


def test_no_process_of_a_sandbox_stays(contained):
    def sandboxed():
        return subprocess.run(
            ["pgrep", "-f", "/grader/worker.py"], capture_output=True, check=False
        ).stdout

    for _ in range(50):
        if not sandboxed():
            return
        time.sleep(0.1)
    assert not sandboxed()


def test_the_attacks_would_succeed_without_walls(listener):
    """The control: outside, the same files can be read and the service reached."""
    port, visitors = listener
    assert (TOOLS.parent / "homework" / "01_lagrangians" / "assignment.md").exists()
    with socket.create_connection(("127.0.0.1", port), timeout=2):
        time.sleep(0.1)
    assert len(visitors) == 1
    visitors.clear()


def broken(small):
    """Files that are no proper submission, and words of the report."""
    right = notebook(small, RIGHT)
    foreign = notebook(small, RIGHT, language="R")
    stranger = nbformat.writes(nbformat.v4.new_notebook())
    return {
        "empty.ipynb": ("", "the file is empty"),
        "half.ipynb": (right[: len(right) // 2], "perhaps only half saved"),
        "text.ipynb": ("my homework", "not valid JSON"),
        "list.ipynb": ("[1, 2]", "holds no cells"),
        "cells.ipynb": ('{"cells": [1], "nbformat": 4}', "its cells are damaged"),
        "deep.ipynb": ("[" * 100_000, "not valid JSON"),
        "binary.ipynb": (b"\x80\x04\x95", "the file is not text"),
        "foreign.ipynb": (foreign, "a notebook for r, not for Python"),
        "stranger.ipynb": (stranger, "of none of the assignments"),
        "essay/essay.pdf": (b"%PDF", "not a notebook (.ipynb) but essay.pdf"),
    }


def test_broken_files_are_named_and_cost_nobody_else_a_point(small, tmp_path):
    folder = tmp_path / "handed_in"
    (folder / "essay").mkdir(parents=True)
    (folder / "nothing").mkdir()
    (folder / "link.ipynb").symlink_to("/etc/passwd")
    (folder / "=renamed").mkdir()
    misnamed = folder / "=renamed" / "Copy of homework (3).ipynb"
    misnamed.write_text(notebook(small, RIGHT, student="=renamed"))
    files = broken(small)
    for name, (content, _) in files.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(data)

    lines = []
    output = tmp_path / "graded"
    graded = grade_class(folder, output, small, limits=LIMITS, say=lines.append)

    remarks = {one.file: "; ".join(one.result.remarks) for one in graded}
    for name, (_, words) in files.items():
        assert words in remarks[name], name
    assert "holds no file" in remarks["nothing"]
    assert "a link" in remarks["link.ipynb"]
    assert len(lines) == len(graded) == len(files) + 3
    with (output / "grades.csv").open(newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert rows["'=renamed"]["automatic"] == "2"
    assert rows["half"]["automatic"] == ""
    assert "half saved" in (output / "feedback" / "half.html").read_text()


def test_marks_by_hand_stay_and_names_are_compared(small, tmp_path):
    folder, output = tmp_path / "handed_in", tmp_path / "graded"
    folder.mkdir()
    for file, named in (("anna", "anna"), ("bert", "anna"), ("carl", "")):
        text = notebook(small, RIGHT, student=named)
        (folder / f"{file}.ipynb").write_text(text)
    grade_class(folder, output, small, limits=LIMITS)
    table = output / "grades.csv"
    lines = table.read_text().splitlines()
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
    assert "YOUR ANSWER HERE" in page
    assert "Because." in page


def test_a_killed_run_goes_on_and_gives_the_same_table(small, tmp_path):
    """A run is killed outright; a second one ends it; a third starts afresh."""
    folder = tmp_path / "handed_in"
    folder.mkdir()
    for number in range(6):
        source = RIGHT if number % 2 else "x = 4 * half"
        text = notebook(small, source, student=f"s{number}")
        (folder / f"s{number}.ipynb").write_text(text)
    own = tmp_path / "masters" / "small"
    own.mkdir(parents=True)
    (own / "assignment.md").write_text(SMALL)
    command = [sys.executable, str(TOOLS / "grade_homework.py")]
    command += [str(folder), str(own.parent)]
    output = tmp_path / "handed_in_graded"

    environment = os.environ | {"PYTHONPYCACHEPREFIX": str(warm_cache() / "bytecode")}
    first = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, text=True
    )
    for line in first.stdout:
        if line.startswith("[2/6]"):
            break
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    assert not (output / "grades.csv").exists()
    kept = {f: f.stat().st_mtime_ns for f in (output / ".results").glob("*.json")}
    assert 2 <= len(kept) < 6

    second = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    )
    assert "[6/6] s5: 2 of 2" in second.stdout
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


@settings(deadline=None)
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
