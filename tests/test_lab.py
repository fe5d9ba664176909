"""JupyterLab, as ``make lab`` and Binder start it, opens a chapter as a notebook."""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "test"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab of this environment, on a free port; yields its address."""
    folder = tmp_path_factory.mktemp("lab")
    home = {name: str(folder) for name in ("HOME", "JUPYTER_RUNTIME_DIR")}
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            *("--port=0", f"--IdentityProvider.token={TOKEN}"),
            f"--ServerApp.root_dir={ROOT}",
        ],
        env=os.environ | home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield running_address(folder)
    finally:
        server.terminate()
        server.wait(timeout=20)


def running_address(folder: Path) -> str:
    """Wait for the server to answer."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        for file in folder.glob("jpserver-*.json"):
            with contextlib.suppress(OSError, ValueError):
                url = json.loads(file.read_text())["url"]
                urllib.request.urlopen(f"{url}api?token={TOKEN}", timeout=5).close()
                return url
        time.sleep(0.3)
    pytest.fail("JupyterLab did not start")


@pytest.fixture
def page(browser):
    """A window for JupyterLab."""
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    page.set_default_timeout(180_000)  # the machine may be busy
    yield page
    page.close()


def open_in_lab(page, lab, path):
    """Open a file or a folder in a workspace of its own, where nothing else is open."""
    workspace = Path(path).stem  # a full stop in it is refused
    page.goto(f"{lab}lab/workspaces/{workspace}/tree/{path}?token={TOKEN}")


def run(page, cells):
    """Run the first cells of the notebook, one after the other."""
    page.get_by_text("(ipykernel) | Idle").wait_for()
    for k in range(cells):
        page.locator(".jp-CodeCell").nth(k).locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")


def test_double_click_opens_a_chapter_that_runs(lab, page):
    open_in_lab(page, lab, "chapters/hamiltonian")
    file = page.locator(".jp-DirListing-item", has_text="from_lagrange_to_hamilton.md")
    file.dblclick()
    cells = page.locator(".jp-CodeCell")
    cells.nth(1).wait_for()  # a notebook with cells, not a page of text
    run(page, cells=2)
    # the second cell shows the Lagrangian, as a formula
    cells.nth(1).locator(".jp-OutputArea-output mjx-container").wait_for()


def test_of_nbgrader_a_student_sees_the_button_validate(lab, page):
    open_in_lab(page, lab, "hands_on/perturbation/melnikov_and_solitons.ipynb")
    page.get_by_text("(ipykernel) | Idle").wait_for()
    assert page.get_by_text("Validate", exact=True).is_visible()
    assert page.get_by_role("menuitem", name="Run", exact=True).is_visible()
    assert not page.get_by_role("menuitem", name="Nbgrader", exact=True).count()
    assert not page.get_by_text("Create Assignment", exact=True).count()


def test_a_live_figure_plays(lab, page):
    open_in_lab(page, lab, "intro.md")
    run(page, cells=1)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("window.mechanicsLive?.figures?.[0]?.time > 0.5")
    page.get_by_role("button", name="Pause").click()
    stopped = page.evaluate("mechanicsLive.figures[0].time")
    page.wait_for_timeout(300)
    assert page.evaluate("mechanicsLive.figures[0].time") == stopped


def test_binder_settings_are_the_same():
    binder = ROOT / "binder"
    assert os.access(binder / "postBuild", os.X_OK)
    assert (binder / "requirements.txt").read_text().split() == [
        *("-r", "../requirements.txt", "-e", ".")
    ]
    name, version = (binder / "runtime.txt").read_text().strip().split("-")
    assert name == "python"
    assert (3, 11) <= tuple(map(int, version.split("."))) <= (3, 13)
    installed = Path(sys.prefix) / "share/jupyter/lab/settings"
    for name in ("overrides.json", "page_config.json"):
        assert (installed / name).read_text() == (binder / name).read_text()
    viewers = json.loads((installed / "overrides.json").read_text())[
        "@jupyterlab/docmanager-extension:plugin"
    ]["defaultViewers"]
    assert viewers["markdown"] == "Jupytext Notebook"
