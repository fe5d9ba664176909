"""Notebooks to be graded: right, wrong, broken and hostile ones."""

import contextlib
import copy
import socket
import textwrap
import threading
from dataclasses import dataclass
from pathlib import Path

import nbformat

from grading.master import cell_name, role

LIBRARY = Path(__file__).resolve().parent.parent / "lib"


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


def broken(right: str) -> dict[str, tuple[bytes, str]]:
    """What can become of a right notebook's file, and words of the report."""
    foreign = nbformat.reads(right, as_version=4)
    foreign.metadata.kernelspec.update(name="ir", language="R")
    foreign.metadata.pop("language_info", None)
    stranger = nbformat.writes(nbformat.v4.new_notebook())
    files = {
        "empty": (b"", "the file is empty"),
        "half saved": (right[: len(right) // 2], "perhaps only half saved"),
        "corrupt": (right.replace('"', "'"), "not valid JSON"),
        "foreign": (nbformat.writes(foreign), "a notebook for r, not for Python"),
        "stranger": (stranger, "of none of the assignments"),
        "text": ("my homework", "not valid JSON"),
        "list": ("[1, 2]", "holds no cells"),
        "cells": ('{"cells": [1], "nbformat": 4}', "its cells are damaged"),
        "deep": ("[" * 100_000, "not valid JSON"),
        "binary": (b"\x80\x04\x95", "the file is not text"),
    }
    return {
        kind: (content.encode() if isinstance(content, str) else content, words)
        for kind, (content, words) in files.items()
    }


@dataclass(frozen=True)
class Attack:
    """A hostile answer.

    ``words`` stand in the feedback of the small assignment. What becomes of the later
    parts, rightly answered: they ``count``, are ``lost``, or this is ``open``.
    """

    source: str
    words: str
    later: str


@contextlib.contextmanager
def listener():
    """A service on this machine; gives its port and the list of its visitors."""
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


def attacks(master_file, canary, port, name="x") -> dict[str, Attack]:
    """Attacks in place of an answer called ``name``; those that wait come last."""
    found = {
        "read_solutions": Attack(
            f"""
            from pathlib import Path
            import os, re
            found = [Path({str(master_file)!r}), Path({str(canary)!r})]
            found += [Path(f"/proc/{{n}}/root{master_file}") for n in range(1, 99)]
            found += [Path("/proc") / str(os.getppid()) / "cwd" / "assignment.md"]
            ANSWER = 1
            for text in [p.read_text() for p in found if os.path.exists(p)]:
                ANSWER = 6
                begin, end = "### BEGIN SOLUTION", "### END SOLUTION"
                for solution in re.findall(f"{{begin}}(.*?){{end}}", text, re.DOTALL):
                    exec(solution, globals())
            """,
            "not six",
            "count",
        ),
        "fork_bomb": Attack(
            "import os\nwhile True: os.fork()",
            "notebook was stopped",
            "lost",
        ),
        "patch_the_checks": Attack(
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
            ANSWER = Yes()
            """,
            "twice too large",
            "lost",
        ),
        "memory": Attack(
            "ballast = bytearray(50 * 2**30)",
            "MemoryError",
            "count",
        ),
        "delete": Attack(
            f"""
            import os, shutil
            for victim in ({str(master_file.parent)!r}, {str(canary.parent)!r}):
                shutil.rmtree(victim, ignore_errors=True)
                os.path.exists(victim) or print("gone")
            shutil.rmtree({str(LIBRARY)!r}, ignore_errors=True)
            os.unlink({str(canary)!r})
            """,
            "FileNotFoundError",
            "count",
        ),
        "kill": Attack(
            """
            import os
            for process in (-1, 1, os.getppid(), os.getpid()):
                try: os.kill(process, 9)
                except OSError: pass
            """,
            "the process ended",
            "lost",
        ),
        "network": Attack(
            f"""
            import socket
            with socket.create_connection(("127.0.0.1", {port}), timeout=2):
                ANSWER = 2 * half
            """,
            "refused",
            "count",
        ),
        "always_equal": Attack(
            """
            class Yes:
                def __eq__(self, other): return True
                def __ne__(self, other): return False
                def __gt__(self, other): return True
            ANSWER = Yes()
            """,
            "an answer cannot be a Yes",
            "count",
        ),
        "memory_of_a_family": Attack(
            """
            import os, time
            for child in range(6):
                if os.fork() == 0:
                    ballast = bytearray(600 * 2**20)
                    for page in range(0, len(ballast), 4096): ballast[page] = 1
                    time.sleep(60)
            time.sleep(60)
            """,
            "it used more than 1500 MB",
            "lost",
        ),
        "disk": Attack(
            """
            import os
            problems = []
            for folder in ("/tmp", "/dev/shm", "/dev", "/", "/grader", "/var/tmp"):
                try:
                    for number in range(300):
                        with open(f"{folder}/{number}", "wb") as file:
                            file.write(bytes(2**20))
                    problems.append("none")
                except OSError as error:
                    problems.append(os.strerror(error.errno))
            raise ValueError(problems)
            """,
            "['No space left on device', 'No space left on device', 'Read-only",
            "open",
        ),
        "limits": Attack(
            """
            import resource
            resource.setrlimit(resource.RLIMIT_AS, (2**40, 2**40))
            """,
            "ValueError",
            "count",
        ),
        "liar": Attack(
            """
            class Six(int):
                def __eq__(self, other): return True
                def __ne__(self, other): return False
            ANSWER = Six(5)
            """,
            "not six",
            "count",
        ),
        "pickle": Attack(
            """
            class Bomb:
                def __reduce__(self): return eval, ("__import__('os')._exit(0)",)
            import numpy
            ANSWER = numpy.array([Bomb()], dtype=object)
            """,
            "an answer cannot be a Bomb",
            "count",
        ),
        "giant": Attack(
            "import sympy\nANSWER = sympy.Pow(10, 10**10, evaluate=False)",
            "too many digits",
            "count",
        ),
        "flood_the_wire": Attack(
            """
            import os
            for fd in range(3, 64):
                try:
                    while True: os.write(fd, b"x" * 2**20)
                except OSError: pass
            """,
            "notebook was stopped: ",
            "lost",
        ),
        "fake_reply": Attack(
            """
            import os
            for fd in range(3, 64):
                try: os.write(fd, b'{"points": 1, "error": null}\\n' * 9)
                except OSError: pass
            """,
            "",
            "open",
        ),
        "thread_bomb": Attack(
            """
            import threading, time
            while True: threading.Thread(target=time.sleep, args=(60,)).start()
            """,
            "",
            "open",
        ),
        "print": Attack(
            "while True: print('x' * 10**7)",
            "stopped after 3 s",
            "count",
        ),
        "loop": Attack(
            "while True: pass",
            "stopped after 3 s",
            "count",
        ),
        "stubborn_loop": Attack(
            """
            import signal
            signal.signal(signal.SIGALRM, signal.SIG_IGN)
            while True: pass
            """,
            "the notebook was stopped",
            "lost",
        ),
    }
    return {
        title: Attack(
            textwrap.dedent(attack.source).replace("ANSWER", name),
            attack.words,
            attack.later,
        )
        for title, attack in found.items()
    }
