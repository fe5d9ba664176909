"""A process for code that nobody trusts: bubblewrap, hard limits and a watchdog.

What the walls are made of:

- **bubblewrap** (``bwrap``, the tool behind Flatpak) gives the process an own view of
  the machine: the Python environment and the library are there to be read, an empty
  folder in memory to be written, and nothing else: no home, no masters, no other
  submission, no network, no other process. All processes inside end with the first.
- **resource limits** of the kernel, set before the student's code begins: address
  space, processor time, size and number of files, number of processes.
- a **watchdog** outside adds up memory and processes of the whole sandbox and ends it
  when it takes too much, or too long.
"""

import json
import os
import resource
import selectors
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from grading.wire import pack, unpack

HERE = Path(__file__).resolve().parent
LIBRARY = HERE.parent.parent / "lib"
CACHE = LIBRARY.parent / "_build" / "homework" / "cache"
MEGABYTE = 2**20
START = 300
SYSTEM = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/sbin", "/etc/fonts")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives")


class NoSandboxError(RuntimeError):
    """No walls can be put up on this machine; the message names the remedy."""


class SandboxClosedError(RuntimeError):
    """The process in the sandbox has ended or was ended; the message says why."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Parameters
    ----------
    cell, wall
        Seconds for one cell (or one call of a function) and for all together.
    grace
        Seconds more for a cell that does not end by itself when its time is over.
    cpu
        Seconds of processor time.
    memory
        Bytes, of each process and of all together.
    disk
        Bytes in each of the folders that can be written; they are kept in memory.
    processes, files
        How many processes and threads, how many open files.
    reply
        Bytes of one answer.
    """

    cell: float = 60
    wall: float = 300
    grace: float = 10
    cpu: int = 240
    memory: int = 3000 * MEGABYTE
    disk: int = 200 * MEGABYTE
    processes: int = 64
    files: int = 256
    reply: int = 16 * MEGABYTE

    def resources(self) -> dict[str, int]:
        """Names and values of the kernel's limits."""
        return {
            "AS": self.memory,
            "CPU": self.cpu,
            "FSIZE": self.disk,
            "NOFILE": self.files,
            "NPROC": self.processes,
            "CORE": 0,
        }


class Sandbox:
    """A running worker; use it in a ``with`` statement.

    Raises
    ------
    NoSandboxError
        If bubblewrap is missing or not allowed here.
    SandboxClosedError
        From any request, once the process has ended.
    """

    def __init__(self, limits: Limits | None = None):
        self.limits = limits or Limits()
        self.end = time.monotonic() + START
        self.reason = None
        self.buffer = b""

    def __enter__(self):
        worker = [
            *(sys.executable, "/grader/worker.py"),
            json.dumps(self.limits.resources()),
        ]
        self.process = subprocess.Popen(
            [*walls(self.limits), *worker],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.set_blocking(self.process.stdout.fileno(), False)
        os.set_blocking(self.process.stdin.fileno(), False)
        self.watchdog = threading.Thread(target=self._watch, daemon=True)
        self.watchdog.start()
        try:
            self._receive(self.end)  # it is ready: from here on its time counts
        except SandboxClosedError:
            self.__exit__()
            raise
        self.end = time.monotonic() + self.limits.wall
        return self

    def __exit__(self, *_):
        self._kill(self.reason or "it is closed")
        self.process.wait()
        self.watchdog.join()
        self.process.stdin.close()
        self.process.stdout.close()

    def run(self, source: str) -> str | None:
        """Run a cell; the error's description, or None."""
        reply = self._ask({"run": source, "seconds": self.limits.cell})
        error = reply.get("error")
        return error if error is None else str(error)

    def get(self, name: str):
        """The value of a name.

        Raises
        ------
        LookupError
            If there is none, or none that can cross.
        """
        reply = self._ask({"get": name})
        if "value" not in reply:
            raise LookupError(str(reply.get("error")))
        return self._unpack(reply["value"])

    def _call(self, number: int, args: tuple, kwargs: dict):
        """Call a function over there, as if it were here."""
        arguments = pack((args, kwargs))
        seconds = self.limits.cell
        reply = self._ask({"call": number, "arguments": arguments, "seconds": seconds})
        if "value" not in reply:
            raise ArithmeticError(f"your function failed: {reply.get('error')}")
        return self._unpack(reply["value"])

    def _unpack(self, data):
        try:
            return unpack(data, self._call)
        except Exception as error:
            raise LookupError(f"the answer cannot be read: {error}") from None

    def _ask(self, request: dict) -> dict:
        """Send a line and wait for the line that comes back."""
        end = min(self.end, time.monotonic() + self.limits.cell + self.limits.grace)
        self._send(json.dumps(request).encode() + b"\n", end)
        try:
            reply = json.loads(self._receive(end))
        except (ValueError, RecursionError):
            self._close("it sent a damaged answer")
        if not isinstance(reply, dict):
            self._close("it sent a damaged answer")
        return reply

    def _send(self, data: bytes, end: float) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdin, selectors.EVENT_WRITE)
            while data:
                if not selector.select(max(0, end - time.monotonic())):
                    self._close("it took too long")
                try:
                    data = data[os.write(self.process.stdin.fileno(), data) :]
                except BrokenPipeError:
                    self._close(self._epitaph())

    def _receive(self, end: float) -> bytes:
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while b"\n" not in self.buffer:
                if len(self.buffer) > self.limits.reply:
                    self._close("an answer is too large")
                if not selector.select(max(0, end - time.monotonic())):
                    self._close("it took too long")
                more = os.read(self.process.stdout.fileno(), MEGABYTE)
                if not more:
                    self._close(self._epitaph())
                self.buffer += more
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line

    def _epitaph(self) -> str:
        """Why the process ended by itself."""
        self.process.wait()
        return "the process ended (out of memory or time, a crash, or an exit)"

    def _close(self, reason: str):
        self._kill(reason)
        raise SandboxClosedError(f"the notebook was stopped: {self.reason}")

    def _kill(self, reason: str) -> None:
        """End all processes: they die with bubblewrap's first one."""
        self.reason = self.reason or reason
        self.process.kill()

    def _watch(self) -> None:
        """Look at the whole sandbox ten times a second."""
        while self.process.poll() is None:
            processes, memory = usage(self.process.pid)
            if processes > self.limits.processes:
                self._kill(f"it started more than {self.limits.processes} processes")
            elif memory > self.limits.memory:
                self._kill(f"it used more than {self.limits.memory // MEGABYTE} MB")
            elif time.monotonic() > self.end:
                self._kill(f"it took longer than {self.limits.wall:g} s")
            time.sleep(0.1)


def usage(pid: int) -> tuple[int, int]:
    """Number of descendants of a process, and their memory in bytes."""
    memory = count = 0
    try:
        family = psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return 0, 0
    for member in family:
        try:
            info = member.memory_info()
        except psutil.Error:
            continue
        count += 1
        memory += info.rss - info.shared
    return count, memory


def walls(limits: Limits) -> list[str]:
    """The command line of bubblewrap, up to the command that it runs."""
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise NoSandboxError(
            "bubblewrap is not installed, and without it untrusted code is not run. "
            "On Debian and Ubuntu: apt install bubblewrap; on Fedora: dnf install "
            "bubblewrap. On Windows use WSL, on a Mac a Linux machine or container"
        )
    command = [bwrap, "--unshare-all", "--unshare-user", "--disable-userns"]
    command += ["--uid", "1000", "--gid", "1000", "--cap-drop", "ALL"]
    command += ["--hostname", "sandbox", "--die-with-parent", "--new-session"]
    # first what hides things, so that a repository in /tmp is seen
    command += ["--proc", "/proc", "--dev", "/dev"]
    for folder in ("/dev/shm", "/tmp"):
        command += ["--size", str(limits.disk), "--tmpfs", folder]
    for path in (*visible_folders(), *SYSTEM_FILES):
        command += ["--ro-bind-try", path, path]
    for file in ("worker.py", "wire.py"):
        command += ["--ro-bind", str(HERE / file), f"/grader/{file}"]
    command += ["--ro-bind", str(warm_cache()), "/cache"]
    command += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"]
    command += ["--clearenv"]
    for name, value in ENVIRONMENT.items():
        command += ["--setenv", name, value]
    return command


def visible_folders() -> list[str]:
    """What the sandbox shows of this machine, to be read."""
    own = dict.fromkeys((sys.base_prefix, sys.prefix, str(LIBRARY)))
    return [*SYSTEM, *(folder for folder in own if not folder.startswith("/usr/"))]


def check_hidden(*folders: Path) -> None:
    """Make sure that folders cannot be seen in the sandbox.

    Raises
    ------
    NoSandboxError
        If one lies in what the sandbox shows.
    """
    for folder in folders:
        for shown in visible_folders():
            if folder.resolve().is_relative_to(Path(shown).resolve()):
                raise NoSandboxError(
                    f"{folder} lies in {shown}, which programs in the sandbox can "
                    "read. Move it elsewhere, for example into your home"
                )


ENVIRONMENT = {
    "HOME": "/tmp",
    "IPYTHONDIR": "/tmp/.ipython",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "agg",
    "MPLCONFIGDIR": "/tmp/.matplotlib",
    "NUMBA_CACHE_DIR": "/tmp/.numba",
    "OPENBLAS_NUM_THREADS": "1",
    "PATH": "/usr/bin:/bin",
    "PYTHONPYCACHEPREFIX": "/cache/bytecode",
}
CACHED = {"PYTHONPYCACHEPREFIX": "bytecode", "MPLCONFIGDIR": "matplotlib"}
IMPORTS = """
import IPython.core.interactiveshell, matplotlib.pyplot, scipy.integrate, scipy.optimize
import mechanics.chaos, mechanics.figures, mechanics.lattice, mechanics.md
import mechanics.models, mechanics.numerics, mechanics.symbolic
"""


def warm_cache() -> Path:
    """A folder with what costs every sandbox seconds: bytecode, and the list of fonts.

    It is made here, by imports alone, and lent to the sandboxes to be read.
    """
    versions = (LIBRARY.parent / "requirements.txt").read_text() + sys.version
    stamp = CACHE / "versions"
    if stamp.exists() and stamp.read_text() == versions:
        return CACHE
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    for name in ("PYTHONPYCACHEPREFIX", "MPLCONFIGDIR"):
        folder = CACHE / CACHED[name]
        folder.mkdir(parents=True, exist_ok=True)
        environment[name] = str(folder)
    subprocess.run([sys.executable, "-c", IMPORTS], env=environment, check=True)
    stamp.write_text(versions)
    return CACHE


def check_machine() -> None:
    """Try the walls once.

    Raises
    ------
    NoSandboxError
        With the remedy, if they do not stand.
    """
    inside = subprocess.run(
        [*walls(Limits()), "true"], capture_output=True, text=True, check=False
    )
    if inside.returncode:
        raise NoSandboxError(
            "bubblewrap may not make a sandbox here: "
            f"{inside.stderr.strip() or 'no reason given'}. The system must allow "
            "ordinary users their own namespaces (on Ubuntu 24.04: sysctl "
            "kernel.apparmor_restrict_unprivileged_userns=0; containers often do "
            "not), and bubblewrap must be of version 0.8 or newer"
        )


def limit_this_process(memory: int) -> None:
    """Bound the address space of the process that runs the tests."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
