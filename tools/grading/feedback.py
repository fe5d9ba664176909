"""The pages that come out: one for each student, one for the person who marks.

All text that a student wrote is escaped.
"""

from html import escape
from pathlib import Path

from grading.check import total
from grading.master import Master

PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 1rem/1.5 sans-serif; max-width: 44rem; margin: 2rem auto;
  padding: 0 1rem; }}
li {{ margin: .6rem 0; }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; background: #f3f3f3;
  padding: .8rem; font: inherit; }}
@media (prefers-color-scheme: dark) {{ :root {{ color-scheme: dark; }}
  pre {{ background: #222; }} }}
</style>
<h1>{title}</h1>
{body}
</html>
"""


def write_feedback(graded, masters: list[Master], folder: Path) -> None:
    """A page for each submission: points, and what was wrong."""
    by_name = {master.name: master for master in masters}
    for one in graded:
        path = folder / f"{one.file.removesuffix('.ipynb')}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        master = by_name.get(one.result.assignment)
        body = feedback(one.result, master) if master else ""
        remarks = "".join(f"<p>Note: {escape(r)}.</p>\n" for r in one.result.remarks)
        title = f"Homework of {one.submission.student}"
        write(path, title, remarks + body)


def feedback(result, master: Master) -> str:
    """Points and messages, task by task."""
    lines = [
        f"<p>{escape(master.name)}: <strong>{sum(result.points.values())} of "
        f"{total(master.parts, by_hand=False)}</strong> points so far. "
        f"{total(master.parts, by_hand=True)} more are given by a person.</p>"
    ]
    task = None
    for part in master.parts:
        if part.task != task:
            lines.append(f"<h2>{escape(part.task)}</h2>")
            task = part.task
        if part.by_hand:
            lines.append(f"<p>{escape(part.name)}: marked by a person.</p>")
            continue
        points = f"{escape(part.name)}: {result.points[part.name]} of {part.points}"
        problem = result.feedback[part.name]
        lines.append(
            f"<p>{'✗' if problem else '✓'} {points}</p>"
            + (f"<pre>{escape(problem)}</pre>" if problem else "")
        )
    return "\n".join(lines)


def write_marking_page(graded, masters: list[Master], path: Path) -> None:
    """All written answers, each under the guide for marking it."""
    lines = ["<p>Fill the points into the columns “by hand” of grades.csv.</p>"]
    for master in masters:
        own = [one for one in graded if one.result.assignment == master.name]
        for part in master.parts:
            if not (part.by_hand and own):
                continue
            guide = master.cells[part.name].source
            lines += [f"<h2>{escape(part.task)}: {part.name} ({part.points})</h2>"]
            lines += [f"<pre>{escape(guide)}</pre>"]
            for one in own:
                text = one.result.essays.get(part.name, "(the cell is missing)")
                lines.append(f"<h3>{escape(one.submission.student)}</h3>")
                lines.append(f"<pre>{escape(text)}</pre>")
    write(path, "Answers to mark", "\n".join(lines))


def write(path: Path, title: str, body: str) -> None:
    """Write a page."""
    page = PAGE.format(title=escape(title), body=body)
    path.write_text(page, encoding="utf8")
