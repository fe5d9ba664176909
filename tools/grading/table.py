"""The table of a class: ``grades.csv``, which a person and a spreadsheet fill in too.

The columns of what is marked by hand begin with ``by hand:`` and are empty at first.
Spreadsheets save the table in their own ways: with a mark of the encoding in front,
with semicolons, with decimal commas. All of these are read.
"""

import csv
import io
from pathlib import Path

BY_HAND = "by hand: "
SAFE_FROM_SPREADSHEETS = "=+-@\t\r"


def column(part) -> str:
    """The heading of a part's column."""
    return f"{BY_HAND if part.by_hand else ''}{part.name} ({part.points})"


def plain(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    text = " ".join(text.split())
    return f"'{text}" if text.startswith(tuple(SAFE_FROM_SPREADSHEETS)) else text


def read_marks(path: Path, files: list[str], masters) -> dict[str, dict[str, float]]:
    """The marks that a person has filled in: for each file, for each part.

    Raises
    ------
    ValueError
        If a mark is no number from zero to the part's points, or belongs to none of
        the files or parts: no mark is lost in silence.
    """
    if not path.exists():
        return {}
    parts = {column(p): p for m in masters for p in m.parts if p.by_hand}
    known = {plain(file): file for file in files}
    marks = {}
    for row in rows(path):
        for name, text in row.items():
            if not (name and name.startswith(BY_HAND) and text and text.strip()):
                continue
            if row["file"] not in known or name not in parts:
                missing = row["file"] if name in parts else f"the column {name!r}"
                raise ValueError(
                    f"{path} holds the mark {text} for {row['student']}, but {missing} "
                    "is not there any more. Put it back, or delete the mark"
                )
            own = marks.setdefault(known[row["file"]], {})
            own[parts[name].name] = mark(text, parts[name], f"{path}, {row['student']}")
    return marks


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a table that a spreadsheet may have saved."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8; save it as CSV UTF-8") from None
    heading = text.partition("\n")[0]
    delimiter = max(",;\t", key=heading.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    if not {"student", "file"} <= set(reader.fieldnames or ()):
        raise ValueError(
            f"{path} has no columns student and file, so its marks cannot be kept; "
            "save it as CSV UTF-8, or move it away"
        )
    return list(reader)


def mark(text: str, part, place: str) -> float:
    """A mark as a number."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = -1
    if not 0 <= value <= part.points:
        raise ValueError(
            f"{place}: the mark {text!r} for {part.name} is no number from 0 to "
            f"{part.points}"
        )
    return value


def write_table(graded, masters, path: Path) -> None:
    """Write the table; ``total`` is filled in where all marks are there."""
    by_name = {master.name: master for master in masters}
    present = {one.result.assignment for one in graded}
    parts = [part for m in masters if m.name in present for part in m.parts]
    names = ["student", "file", "assignment", *map(column, parts)]
    names += ["automatic", "total", "of", "remarks"]
    draft = path.with_suffix(".part")
    with draft.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        for one in graded:
            writer.writerow(row_of(one, by_name.get(one.result.assignment)))
    draft.replace(path)


def row_of(one, master) -> dict:
    """The row of a submission."""
    row = {
        "student": plain(one.submission.student),
        "file": plain(one.file),
        "assignment": one.result.assignment,
        "remarks": plain("; ".join(one.result.remarks)),
    }
    if master is None:
        return row
    for part in master.parts:
        if not part.by_hand:
            row[column(part)] = one.result.points[part.name]
        elif part.name in one.marks:
            row[column(part)] = f"{one.marks[part.name]:g}"
    row["automatic"] = sum(one.result.points.values())
    if all(part.name in one.marks for part in master.parts if part.by_hand):
        row["total"] = f"{row['automatic'] + sum(one.marks.values()):g}"
    row["of"] = sum(part.points for part in master.parts)
    return row
