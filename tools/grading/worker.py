"""Inside the sandbox: run a student's cells and hand out their answers as data.

A line of JSON comes in on standard input, a line goes out on standard output:

- ``{"run": source, "seconds": s}`` runs a cell and answers ``{"error": text or null}``;
- ``{"get": name}`` answers ``{"value": data}`` or ``{"error": text}``;
- ``{"call": number, "arguments": data}`` calls a function that an answer contained.

Nothing here is secret or trusted: this process holds the student's notebook, and the
student's code may change any of it. It knows no test.
"""

import contextlib
import json
import os
import resource
import shutil
import signal
import sys
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell
from wire import pack, unpack

LONGEST_MESSAGE = 600


class TooSlowError(Exception):
    """A cell or a call has used up its time."""


def main() -> None:
    """Set the limits, take the wire away from the student's prints, and serve."""
    set_limits(json.loads(sys.argv[1]))
    fonts = Path("/cache/matplotlib")  # the list of fonts costs seconds to make
    if fonts.is_dir():
        shutil.copytree(fonts, os.environ["MPLCONFIGDIR"], dirs_exist_ok=True)
    incoming = os.fdopen(os.dup(0), "r", encoding="utf8")
    outgoing = os.fdopen(os.dup(1), "w", encoding="utf8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    kernel = Kernel()
    outgoing.write("ready\n")
    outgoing.flush()
    serve(incoming, outgoing, kernel)


def set_limits(limits: dict[str, int]) -> None:
    """Hard limits of the operating system, which no process here can raise."""
    for name, value in limits.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))


def serve(incoming, outgoing, kernel) -> None:
    """Answer one request after the other until the input ends."""
    for line in incoming:
        request = json.loads(line)
        match request:
            case {"run": str(source), "seconds": seconds}:
                reply = kernel.run(source, seconds)
            case {"get": str(name)}:
                reply = kernel.get(name)
            case {"call": int(number), "arguments": arguments, "seconds": seconds}:
                reply = kernel.call(number, arguments, seconds)
        outgoing.write(json.dumps(reply) + "\n")
        outgoing.flush()


class Shell(InteractiveShell):
    """A shell that throws output away; IPython's keeps it all, until memory is full."""

    @contextlib.contextmanager
    def _tee(self, channel):
        yield


class Kernel:
    """An IPython shell, as in JupyterLab, without the network between."""

    def __init__(self):
        self.shell = Shell.instance()
        self.functions = []

    def run(self, source: str, seconds: float) -> dict:
        """Run a cell; an error is described and stops nothing else."""
        try:
            with deadline(seconds):
                result = self.shell.run_cell(source, store_history=False)
            error = result.error_before_exec or result.error_in_exec
        except BaseException as problem:  # what a student's code may raise
            error = problem
        return {"error": describe(error) if error else None}

    def get(self, name: str) -> dict:
        """The value of a name, packed."""
        if name not in self.shell.user_ns:
            return {"error": f"`{name}` is not defined"}
        try:
            return {"value": pack(self.shell.user_ns[name], self.share)}
        except BaseException as problem:
            return {"error": f"`{name}`: {describe(problem)}"}

    def call(self, number: int, arguments, seconds: float) -> dict:
        """Call a function of the student with arguments of the checks."""
        args, kwargs = unpack(arguments)
        try:
            with deadline(seconds):
                return {"value": pack(self.functions[number](*args, **kwargs))}
        except BaseException as problem:
            return {"error": describe(problem)}

    def share(self, function) -> int:
        """Keep a function and number it."""
        self.functions.append(function)
        return len(self.functions) - 1


@contextlib.contextmanager
def deadline(seconds: float):
    """Stop what runs in the block when its time is over."""

    def stop(signum, frame):
        raise TooSlowError(f"stopped after {seconds:g} s")

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def describe(error: BaseException) -> str:
    """Name and message of an error, cut to a readable length."""
    try:
        text = f"{type(error).__name__}: {error}".strip().removesuffix(":")
    except Exception:
        text = type(error).__name__
    return text[:LONGEST_MESSAGE]


if __name__ == "__main__":
    main()
