"""Every public name is documented, shown at work, and where the layout says."""

import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = [
    f"mechanics.{name}"
    for name in (
        *("symbolic", "symbolic.perturbation", "models"),
        *("numerics", "chaos", "potentials", "lattice", "md", "figures"),
    )
]


def members(package: str) -> dict:
    module = importlib.import_module(package)
    return {name: getattr(module, name) for name in module.__all__}


def executed_code() -> str:
    """All code that the build and the tests run: pages, notebooks, examples."""
    pages = [p.read_text("utf8") for p in (ROOT / "chapters").rglob("*.md")]
    cells = re.findall(r"^```\{code-cell\}.*?^```", "\n".join(pages), re.S | re.M)
    cells += [p.read_text("utf8") for p in (ROOT / "hands_on").rglob("*.ipynb")]
    documentation = [
        inspect.getdoc(part) or ""
        for package in PACKAGES
        for member in members(package).values()
        for part in (
            member,
            *(vars(member).values() if inspect.isclass(member) else ()),
        )
    ]
    lines = "\n".join(documentation).splitlines()
    examples = [line for line in lines if line.strip().startswith((">>>", "..."))]
    return "\n".join([*cells, *examples])


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_is_documented_and_shown_at_work(package):
    code = executed_code()
    table_of_models = "for name in models.__all__:" in code
    for name, member in members(package).items():
        if inspect.isclass(member) or inspect.isfunction(member):
            assert inspect.getdoc(member), name
        has_example = ">>>" in (inspect.getdoc(member) or "")
        listed = package == "mechanics.models" and table_of_models
        assert has_example or listed or re.search(rf"\b{name}\b", code), name


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [
        ("mechanics.symbolic", ("numpy", "mechanics.numerics", "mechanics.models")),
        ("mechanics.models", ("numpy", "mechanics.numerics")),
        ("mechanics.numerics", ("mechanics.lattice", "mechanics.figures")),
        ("mechanics.chaos", ("mechanics.lattice", "mechanics.figures", "matplotlib")),
        ("mechanics.potentials", ("mechanics.lattice", "mechanics.md")),
        ("mechanics.lattice", ("mechanics.md", "mechanics.figures", "matplotlib")),
        ("mechanics.md", ("mechanics.figures", "matplotlib")),
    ],
)
def test_layers_import_only_downwards(package, forbidden):
    """What a package loads shows in a fresh interpreter."""
    code = f"import sys, {package}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert not set(forbidden) & set(done.stdout.decode().split())
