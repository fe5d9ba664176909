"""One submission: run its cells in the sandbox, test its answers here.

The cells run in the order of the submission, as in JupyterLab, but

- cells that the master locks run as the master has them;
- a test is run *here*, at its place between the cells: in a namespace with what the
  master's own cells define and with the answers that the test uses, which come from
  the sandbox as data. Its hidden part never goes there.

A test gives its points or none. Its feedback is the message of the ``assert`` that
failed.
"""

import contextlib
import io
import linecache
import signal
from dataclasses import asdict, dataclass, field

from grading.master import Master, Part, cell_name, role
from grading.sandbox import Limits, Sandbox, SandboxClosedError

LONGEST_MESSAGE = 600
LONGEST_ESSAY = 20_000
SECONDS_FOR_A_TEST = 60


@dataclass
class Result:
    """What the grading of one submission found.

    Parameters
    ----------
    assignment
        Its name, or nothing for a file that is no homework.
    named
        The name that the student wrote into the notebook.
    points
        For each part that is tested: the points, all or none.
    feedback
        For each of these parts: what was wrong, or nothing.
    essays
        For each written part: the student's text.
    remarks
        What a teacher should know.
    """

    assignment: str = ""
    named: str = ""
    points: dict[str, int] = field(default_factory=dict)
    feedback: dict[str, str] = field(default_factory=dict)
    essays: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def as_data(self) -> dict:
        """For JSON."""
        return asdict(self)


def check(notebook, master: Master, limits: Limits | None = None) -> Result:
    """Grade a notebook against its master."""
    result = Result(master.name)
    for cell in notebook.cells:
        name = cell_name(cell)
        if name in master.cells and role(master.cells[name]) == "essay":
            result.essays.setdefault(name, cell.source[:LONGEST_ESSAY])
    with Sandbox(limits) as sandbox:
        session = Session(master, sandbox)
        for cell in in_order(notebook, master):
            session.step(cell)
        result.named = session.name_of_student()
    for part in master.parts:
        if not part.by_hand:
            problem = session.verdicts[part.name]
            result.feedback[part.name] = problem
            result.points[part.name] = 0 if problem else part.points
    if session.closed:
        result.remarks.append(session.closed)
    return result


def in_order(notebook, master: Master):
    """The code cells to go through; missing tests and given cells are put back.

    A given cell that is missing comes first, a missing test comes last, and a test
    that occurs twice counts where it occurs first.
    """
    met = {cell_name(cell) for cell in notebook.cells}
    cells = list(notebook.cells)
    missing = [c for n, c in master.cells.items() if n not in met]
    missing = [c for c in missing if c.cell_type == "code"]
    before = [c for c in missing if role(c) == "given"]
    after = [c for c in missing if role(c) == "test"]
    seen = set()
    for cell in (*before, *cells, *after):
        name = cell_name(cell)
        original = master.cells.get(name)
        if original is not None and role(original) in ("given", "test"):
            if name in seen:
                continue
            seen.add(name)
            cell = original  # noqa: PLW2901
        if cell.cell_type == "code":
            yield cell


class Session:
    """A sandbox with the student's names beside a namespace with the master's."""

    def __init__(self, master: Master, sandbox: Sandbox):
        self.master, self.sandbox = master, sandbox
        self.trusted = {"__name__": "__main__"}
        self.verdicts = {}
        self.closed = None
        self.last_error = None

    def step(self, cell) -> None:
        """Go through one cell."""
        name = cell_name(cell)
        original = self.master.cells.get(name)
        kind = role(original) if original is not None else "open"
        if kind == "test":
            self.verdicts[name] = self.test(original)
            self.last_error = None
            return
        error = self.in_sandbox(cell.source)
        self.last_error = error or self.last_error
        if kind == "given":
            with contextlib.suppress(Exception):  # a later test says what is missing
                self.here(cell)

    def name_of_student(self) -> str:
        """The text that the student gave to ``STUDENT``, or nothing."""
        named = self.trusted.get("STUDENT")
        if named is None and not self.closed:
            with contextlib.suppress(LookupError, SandboxClosedError):
                named = self.sandbox.get("STUDENT")
        return named[:80] if isinstance(named, str) else ""

    def in_sandbox(self, source: str) -> str | None:
        """Run a cell of the student; the error's description, or None."""
        if self.closed:
            return self.closed
        try:
            return self.sandbox.run(source)
        except SandboxClosedError as end:
            self.closed = str(end)
            return self.closed

    def test(self, cell) -> str:
        """Run a test; what was wrong, or an empty text."""
        try:
            self.here(cell)
        except SandboxClosedError as end:
            self.closed = str(end)
            problem = self.closed
        except AssertionError as error:
            problem = str(error) or "a check failed: " + failed_line(error)
        except Exception as error:
            problem = f"the check could not be run: {type(error).__name__}: {error}"
        else:
            return ""
        if self.last_error:
            problem += f" (A cell before failed: {self.last_error})"
        return problem[:LONGEST_MESSAGE]

    def here(self, cell) -> None:
        """Run a cell of the master, with the student's answers that it uses."""
        for name in self.master.questions(cell):
            self.trusted.pop(name, None)
            if self.closed:
                raise SandboxClosedError(self.closed)
            try:
                self.trusted[name] = self.sandbox.get(name)
            except LookupError as error:
                raise AssertionError(str(error)) from None
        file = f"<{cell_name(cell)}>"
        lines = cell.source.splitlines(keepends=True)
        linecache.cache[file] = (len(cell.source), None, lines, file)
        code = compile(cell.source, file, "exec")
        with time_limit(SECONDS_FOR_A_TEST), contextlib.redirect_stdout(io.StringIO()):
            exec(code, self.trusted)


def failed_line(error: AssertionError) -> str:
    """The line of a test whose ``assert`` has no message."""
    trace = error.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    return linecache.getline(trace.tb_frame.f_code.co_filename, trace.tb_lineno).strip()


@contextlib.contextmanager
def time_limit(seconds: float):
    """Raise an error in the main thread when the time is over."""

    def stop(signum, frame):
        raise TimeoutError(
            f"the check of this answer takes more than {seconds:g} s; "
            "is the expression very large?"
        )

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def total(parts: list[Part], *, by_hand: bool) -> int:
    """The points of all parts of a kind."""
    return sum(part.points for part in parts if part.by_hand == by_hand)
