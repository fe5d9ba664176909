"""Make the virtual environment .venv with everything the course needs.

Uses the standard library alone, because nothing else is there yet. Run it with the
Python that the environment shall have: ``python3 tools/environment.py``.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "course-requirements"
LAB = [ROOT / "binder" / name for name in ("overrides.json", "page_config.json")]
UV = "uv==0.13.8"
OLDEST, NEWEST = (3, 11), (3, 13)
GIGABYTES = 2.5


def main() -> int:
    """Make the environment, unless it is up to date."""
    key = requirements_key()
    if STAMP.exists() and STAMP.read_text() == key:
        return 0
    problem = why_impossible()
    if problem:
        return complain(problem)
    if VENV.exists() and not STAMP.exists():
        shutil.rmtree(VENV)  # left over from an attempt that was cut short
    STAMP.unlink(missing_ok=True)
    if not PYTHON.exists():
        say("Making the environment .venv")
        if run([sys.executable, "-m", "venv", str(VENV)]):
            return complain("the virtual environment could not be made; see above")
    say("Installing the packages of requirements.txt (the first time takes minutes)")
    failed = (
        run([PYTHON, "-m", "pip", "install", "--quiet", UV])
        or install("--no-deps", "--requirement", ROOT / "requirements.txt")
        or install("--no-deps", "--no-build-isolation", "--editable", ROOT)
    )
    if failed:
        return complain(
            "the packages could not be installed; see above. The network must reach "
            "the Python package index, and the disk needs room "
            f"({free_gigabytes():.1f} GB are free). Then run the command again"
        )
    set_up_lab()
    STAMP.write_text(key)
    say("The environment is ready")
    return 0


def requirements_key() -> str:
    """Digest of all that decides what is installed."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {ROOT}".encode())
    for path in (ROOT / "requirements.txt", ROOT / "pyproject.toml", *LAB, __file__):
        digest.update(Path(path).read_bytes())
    return digest.hexdigest()


def why_impossible() -> str | None:
    """Say what is missing on this machine, in a sentence with the remedy."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        wanted = " to ".join(".".join(map(str, v)) for v in (OLDEST, NEWEST))
        return (
            f"Python {wanted} is needed, and {sys.executable} is "
            f"{sys.version.split()[0]}. Name another one: make PYTHON=python3.12"
        )
    try:
        __import__("venv")
        __import__("ensurepip")
    except ImportError:
        return (
            "this Python has no venv module. On Debian and Ubuntu: "
            "apt install python3-venv"
        )
    if free_gigabytes() < GIGABYTES:
        return (
            f"only {free_gigabytes():.1f} GB are free on the disk of {ROOT}, and "
            f"{GIGABYTES:.0f} GB are needed. Make room, then run the command again"
        )
    return None


def free_gigabytes() -> float:
    """Free space where the environment goes."""
    return shutil.disk_usage(ROOT).free / 1e9


def install(*arguments) -> int:
    """Install with uv, which is ten times faster than pip."""
    uv = [PYTHON, "-m", "uv", "pip", "install", "--python", PYTHON]
    return run([*uv, *arguments])


def set_up_lab() -> None:
    """Let a double click in JupyterLab open a chapter; hide nbgrader's panels."""
    settings = VENV / "share" / "jupyter" / "lab" / "settings"
    settings.mkdir(parents=True, exist_ok=True)
    for file in LAB:
        shutil.copyfile(file, settings / file.name)


def run(command) -> int:
    """Run a command and return its exit status."""
    return subprocess.run([str(word) for word in command], check=False).returncode


def say(text: str) -> None:
    """Print a line of progress at once."""
    print(f"==> {text}", flush=True)


def complain(problem: str) -> int:
    """Print a problem; the exit status is 1."""
    print(f"\nSorry: {problem}.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OSError as error:
        sys.exit(complain(f"{error.strerror}: {error.filename}"))
