"""Link the pages to the repository they came from.

The launch buttons lead to the remote from which the repository was cloned; a clone
without a public remote has none.
"""

import re
import subprocess

BINDER = "https://mybinder.org"


def link_repository(app, config):
    """Fill in where the pages come from and where they can be run."""
    url = public_address(git(app.confdir, "config", "--get", "remote.origin.url"))
    if url:
        branch = git(app.confdir, "symbolic-ref", "--short", "HEAD") or "main"
        config.html_theme_options |= {
            "repository_url": url,
            "repository_branch": branch,
            "use_repository_button": True,
            "use_issues_button": True,
            "launch_buttons": {
                "binderhub_url": BINDER,
                "notebook_interface": "jupyterlab",
            },
        }


def git(folder, *arguments) -> str:
    """Ask git; an empty answer where there is no git or no repository."""
    try:
        answer = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return ""
    return answer.stdout.strip()


def public_address(remote: str) -> str | None:
    """Web address of a remote on a public host, or None.

    >>> public_address("git@github.com:someone/course.git")
    'https://github.com/someone/course'
    >>> public_address("/srv/git/course") is None
    True
    """
    form = r"(?:https://|git@|ssh://git@)(github\.com|gitlab\.com)[/:](.+?)(?:\.git)?/?"
    found = re.fullmatch(form, remote)
    return f"https://{found[1]}/{found[2]}" if found else None


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", link_repository)
    return {"parallel_read_safe": True}
