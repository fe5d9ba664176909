"""An assignment: its cells and their roles, its tasks, the version for students.

A master is a notebook in MyST-Markdown, like the book's pages, whose cells carry
nbgrader's metadata. The roles follow from them:

==========  ===========================================  ============================
role        nbgrader's metadata                          what students get
==========  ===========================================  ============================
``open``    none (code)                                  the cell, to be changed
``given``   ``locked``                                   the cell
``answer``  ``solution``                                 a stub in its place
``test``    ``grade``, ``locked``, ``points``            without the hidden tests
``essay``   ``grade``, ``solution``, ``points``          an empty answer to write
==========  ===========================================  ============================
"""

import ast
import copy
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import jupytext
import nbformat
import yaml
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[2]
HOMEWORK = ROOT / "homework"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
TASK = re.compile(r"^## (.+)$", re.MULTILINE)


class MasterError(ValueError):
    """A master that cannot be handed out; the message names the cell."""


@dataclass(frozen=True)
class Part:
    """A cell that earns points: tests, or a written answer that a person marks."""

    name: str
    task: str
    points: int
    by_hand: bool


@dataclass(frozen=True)
class Master:
    """A master notebook, read and checked."""

    folder: Path
    notebook: NotebookNode

    @property
    def name(self) -> str:
        """The name of the folder."""
        return self.folder.name

    @cached_property
    def cells(self) -> dict[str, NotebookNode]:
        """All cells with a name (nbgrader's ``grade_id``)."""
        found = {}
        for cell in self.notebook.cells:
            if name := cell_name(cell):
                if name in found:
                    raise MasterError(f"{self.name}: two cells are called {name}")
                found[name] = cell
        return found

    @cached_property
    def parts(self) -> list[Part]:
        """What earns points, in the order of the notebook; the task is the heading."""
        parts, task = [], ""
        for cell in self.notebook.cells:
            if cell.cell_type == "markdown" and (headings := TASK.findall(cell.source)):
                task = headings[-1]
            if role(cell) in ("test", "essay"):
                points = cell.metadata.nbgrader["points"]
                name, by_hand = cell_name(cell), role(cell) == "essay"
                parts.append(Part(name, task, points, by_hand))
        return parts

    @cached_property
    def answers(self) -> frozenset[str]:
        """The names that a student defines."""
        return frozenset().union(
            *(
                bound_names(cell.source)
                for cell in self.notebook.cells
                if role(cell) in ("answer", "open") and cell.cell_type == "code"
            )
        )

    def questions(self, cell: NotebookNode) -> list[str]:
        """The student's names that a cell of the master uses."""
        return sorted(used_names(cell.source) & self.answers)

    @cached_property
    def modules(self) -> frozenset[str]:
        """The modules that its given cells import."""
        given = [c.source for c in self.notebook.cells if role(c) == "given"]
        code = [node for source in given for node in ast.walk(ast.parse(source))]
        named = [a.name for n in code if isinstance(n, ast.Import) for a in n.names]
        whole = [node.module for node in code if isinstance(node, ast.ImportFrom)]
        return frozenset(named) | frozenset(whole)

    @property
    def title(self) -> str:
        """The heading of the notebook, or its name."""
        texts = [c.source for c in self.notebook.cells if c.cell_type == "markdown"]
        found = TITLE.search("\n".join(texts))
        return found[1] if found else self.name

    def student_version(self) -> NotebookNode:
        """The notebook for students, made by nbgrader's own steps."""
        from nbgrader import preprocessors as steps

        notebook = copy.deepcopy(self.notebook)
        for step in (
            steps.LockCells,
            steps.ClearSolutions,
            steps.ClearOutput,
            steps.CheckCellMetadata,
            steps.ClearHiddenTests,
            steps.ComputeChecksums,
        ):
            notebook, _ = step().preprocess(notebook, {})
        return notebook

    @cached_property
    def wrong_answers(self) -> list[dict]:
        """Typical wrong answers; see ``homework/README.md``."""
        text = (self.folder / "wrong_answers.yml").read_text(encoding="utf8")
        return yaml.safe_load(text)


def masters(folder: Path = HOMEWORK) -> list[Master]:
    """All assignments of a folder, in their order.

    Raises
    ------
    MasterError
        If there is none, if one cannot be used, or if two share the name of a cell.
    """
    found = [read_master(path) for path in sorted(folder.glob("*/assignment.md"))]
    if not found:
        raise MasterError(f"{folder} holds no folder with an assignment.md")
    owner = {}
    for master in found:
        for name in master.cells:
            other = owner.setdefault(name, master)
            if other is not master and name != "setup":
                raise MasterError(f"{other.name} and {master.name} share a cell {name}")
    return found


def read_master(path: Path) -> Master:
    """Read a master and complain about what nbgrader or the grader could not use."""
    notebook = jupytext.read(path)
    notebook.metadata = NotebookNode(kernelspec=NotebookNode(KERNEL))
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        if cell.metadata.get("nbgrader"):
            defaults = {"grade": False, "locked": False, "solution": False}
            filled = defaults | cell.metadata.nbgrader
            filled |= {"schema_version": 3, "task": False}
            cell.metadata.nbgrader = NotebookNode(filled)
        elif cell.cell_type == "markdown":  # text is not for students to change
            cell.metadata |= {"editable": False, "deletable": False}
        if cell.cell_type == "code":
            try:
                ast.parse(cell.source)
            except SyntaxError as error:
                title = cell_name(cell) or cell.source.partition("\n")[0]
                problem = f"{error.msg} in line {error.lineno} of the cell {title}"
                raise MasterError(f"{path}: {problem}") from None
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    master = Master(path.parent, notebook)
    for name, cell in master.cells.items():
        if role(cell) in ("test", "essay") and "points" not in cell.metadata.nbgrader:
            raise MasterError(f"{path}: say how many points the cell {name} is worth")
    if not master.parts:
        raise MasterError(f"{path}: no cell earns points")
    return master


def cell_name(cell: NotebookNode) -> str | None:
    """The ``grade_id`` of a cell, if it has one."""
    data = cell.get("metadata", {}).get("nbgrader")
    name = data.get("grade_id") if isinstance(data, dict) else None
    return name if isinstance(name, str) else None


def role(cell: NotebookNode) -> str:
    """The role of a cell of a master; see the module."""
    data = cell.metadata.get("nbgrader", {})
    match bool(data.get("grade")), bool(data.get("solution")):
        case True, True:
            return "essay"
        case True, False:
            return "test"
        case False, True:
            return "answer"
    return "given" if data.get("locked") else "open"


def bound_names(source: str) -> set[str]:
    """Names that a piece of Python binds at its top level, and nowhere else."""
    names = set()
    waiting = list(ast.parse(source).body)
    while waiting:
        node = waiting.pop()
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
            case ast.Lambda() | ast.ListComp() | ast.GeneratorExp() | ast.DictComp():
                pass
            case _:
                waiting.extend(ast.iter_child_nodes(node))
    return names


def used_names(source: str) -> set[str]:
    """All names that a piece of Python reads."""
    return {
        node.id
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
