"""The pages that come out: one for each student, one for the person who marks.

All text that a student wrote is escaped or shown as Markdown without HTML, pictures and
links, and the pages run no scripts and load nothing.
"""

from html import escape
from pathlib import Path

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from grading.check import total
from grading.master import Master

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ --text: #1a1a1a; --page: #fff; --box: #f3f3f3; --link: #0b57a4;
  --right: #1b7a3d; --wrong: #b3261e; --open: #666; }}
@media (prefers-color-scheme: dark) {{ :root {{ --text: #e6e6e6; --page: #161616;
  --box: #262626; --link: #8ab8f0; --right: #6fd08c; --wrong: #ff9b92;
  --open: #aaa; }} }}
body {{ font: 1rem/1.5 sans-serif; color: var(--text); background: var(--page);
  max-width: 44rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }}
a {{ color: var(--link); }}
h1 {{ line-height: 1.25; }}
h2 {{ margin: 2rem 0 .5rem; font-size: 1.25rem; }}
.score {{ font-size: 1.25rem; }}
.part {{ border-left: .3rem solid var(--open); padding: 0 0 0 .8rem; margin: .8rem 0; }}
.part p {{ margin: .3rem 0; }}
.right {{ border-color: var(--right); }}
.wrong {{ border-color: var(--wrong); }}
.why, .text {{ background: var(--box); padding: .6rem .8rem; border-radius: .3rem; }}
.why {{ white-space: pre-wrap; }}
.text > :first-child {{ margin-top: 0; }}
.text > :last-child {{ margin-bottom: 0; }}
code, pre {{ font-size: .9em; white-space: pre-wrap; }}
@media print {{ :root {{ --text: #000; --page: #fff; --box: #f3f3f3; }} }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""
NOT_GRADED = """<p><strong>This file could not be graded:</strong> {why}.</p>
<p>Open your notebook in JupyterLab, run it and save it. What is handed in is this one
file, whose name ends with <code>.ipynb</code>. Ask your teacher whether you may hand it
in again.</p>"""
NOTHING_WRITTEN = "YOUR ANSWER HERE"


def safe_markdown() -> MarkdownIt:
    """Markdown of which nothing can leave the page; formulas stay as they are typed."""
    reader = MarkdownIt("commonmark", {"html": False})
    reader.disable(["image", "link", "autolink", "reference", "html_block"])
    reader.use(dollarmath_plugin, renderer=lambda tex, _: f"<code>{escape(tex)}</code>")
    return reader


MARKDOWN = safe_markdown()


def write_feedback(graded, masters: list[Master], folder: Path) -> None:
    """A page for each submission: points, and what was wrong."""
    by_name = {master.name: master for master in masters}
    for one in graded:
        path = folder / f"{one.file.removesuffix('.ipynb')}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        master = by_name.get(one.result.assignment)
        student = one.submission.student
        if master is None:
            why = escape("; ".join(one.result.remarks))
            write(path, f"Homework of {student}", NOT_GRADED.format(why=why))
            continue
        lines = [f"<p>{escape(student)}</p>", score(one, master)]
        lines += [f"<p>Note: {escape(remark)}.</p>" for remark in one.result.remarks]
        write(path, master.title, "\n".join(lines + feedback(one, master)))


def score(one, master: Master) -> str:
    """The sum, as far as it is known."""
    tested, hand = (total(master.parts, by_hand=b) for b in (False, True))
    automatic = sum(one.result.points.values())
    if all(part.name in one.marks for part in master.parts if part.by_hand):
        points = f"{automatic + sum(one.marks.values()):g} of {tested + hand}"
        return f'<p class="score"><strong>{points}</strong> points</p>'
    return (
        f'<p class="score"><strong>{automatic} of {tested}</strong> points so far. '
        f"{hand} more are given by a person.</p>"
    )


def feedback(one, master: Master) -> list[str]:
    """Points and messages, task by task."""
    lines, task = [], None
    for part in master.parts:
        if part.task != task:
            lines.append(f"<h2>{escape(part.task)}</h2>")
            task = part.task
        if part.by_hand:
            points = one.marks.get(part.name)
            given = "" if points is None else f": {points:g} of {part.points} points"
            kind, sign = "", ""
            text = f"{part.name}, marked by a person{given}"
        else:
            wrong = bool(one.result.feedback[part.name])
            kind, sign = ("wrong", "✗ ") if wrong else ("right", "✓ ")
            points = one.result.points[part.name]
            text = f"{part.name}: {points} of {part.points} points"
        lines.append(f'<div class="part {kind}">')
        lines.append(f'<p><span aria-hidden="true">{sign}</span>{escape(text)}</p>')
        if problem := one.result.feedback.get(part.name):
            lines.append(f'<p class="why">{escape(problem)}</p>')
        lines.append("</div>")
    return lines


def write_marking_page(graded, masters: list[Master], path: Path) -> None:
    """All written answers, each under the guide for marking it."""
    contents, lines = [], []
    for master in masters:
        own = [one for one in graded if one.result.assignment == master.name]
        for part in master.parts:
            if not (part.by_hand and own):
                continue
            marked = sum(part.name in one.marks for one in own)
            contents.append(
                f'<li><a href="#{escape(part.name)}">{escape(master.title)}</a>: '
                f"{marked} of {len(own)} are marked</li>"
            )
            lines.append(
                f'<h2 id="{escape(part.name)}">{escape(master.title)}, '
                f"{escape(part.task)} ({part.points} points)</h2>"
            )
            lines.append(text_box(master.cells[part.name].source))
            for one in own:
                lines.append(f"<h3>{escape(one.submission.student)}</h3>")
                if part.name in one.marks:
                    lines.append(f"<p>Marked: {one.marks[part.name]:g}</p>")
                lines.append(written_answer(one.result.essays.get(part.name)))
    first = [
        "<p>Fill the points into the columns that begin with “by hand” of grades.csv, "
        "and grade again.</p>",
        *("<ul>", *contents, "</ul>"),
    ]
    write(path, "Answers to mark", "\n".join(first + lines))


def written_answer(text: str | None) -> str:
    """A student's text, or what stands in its place."""
    if text is None:
        return "<p>(The cell is missing.)</p>"
    if text.strip() in ("", NOTHING_WRITTEN):
        return "<p>(Nothing was written.)</p>"
    return text_box(text)


def text_box(text: str) -> str:
    """A text, typeset."""
    return f'<div class="text">{MARKDOWN.render(text)}</div>'


def write(path: Path, title: str, body: str) -> None:
    """Write a page."""
    page = PAGE.format(title=escape(title), body=body)
    path.write_text(page, encoding="utf8")
