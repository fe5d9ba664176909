"""What is wrong with a machine is said in a sentence, with the remedy."""

import shutil
import sys
from collections import namedtuple

import pytest

import environment
from reading_offline import public_address


def test_this_machine_will_do():
    assert environment.why_impossible() is None


@pytest.mark.parametrize("version", [(3, 10, 4), (3, 14, 0)])
def test_wrong_python_is_named(monkeypatch, version):
    monkeypatch.setattr(sys, "version_info", version)
    problem = environment.why_impossible()
    assert "Python 3.11 to 3.13 is needed" in problem
    assert "make PYTHON=" in problem


def test_missing_venv_module_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "venv", None)
    assert "apt install python3-venv" in environment.why_impossible()


def test_full_disk_is_named(monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 10**12, 10**8))
    assert "0.1 GB are free" in environment.why_impossible()


def test_failed_installation_leaves_no_stamp(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(environment, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(environment, "VENV", tmp_path / "venv")
    monkeypatch.setattr(environment, "PYTHON", tmp_path / "venv" / "bin" / "python")
    monkeypatch.setattr(environment, "run", lambda command: 1)
    assert environment.main() == 1
    assert "Sorry" in capsys.readouterr().err
    assert not (tmp_path / "stamp").exists()


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/a/b.git", "https://github.com/a/b"),
        ("git@gitlab.com:a/b/c.git", "https://gitlab.com/a/b/c"),
        ("ssh://git@github.com/a/b", "https://github.com/a/b"),
        ("/srv/git/course.git", None),
        ("https://github.com.example.org/a/b", None),
        ("", None),
    ],
)
def test_launch_buttons_follow_a_public_remote(remote, address):
    assert public_address(remote) == address
