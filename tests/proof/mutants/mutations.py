"""Small changes of a module, each of which some test should notice."""

from __future__ import annotations

import ast
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
COMBINED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
}
LEFT_ALONE = (ast.Assert, ast.Raise, ast.Import, ast.ImportFrom, ast.JoinedStr)
NONE = ast.Constant(None)


class Mutant(NamedTuple):
    """A module with one change."""

    path: str
    line: int
    last: int
    before: str
    after: str
    source: str
    number: int = 0
    """Of those alike in the module."""
    text: str = ""
    """Of its first line."""

    def is_python(self) -> bool:
        """Whether it can be run."""
        try:
            compile(self.source, self.path, "exec")
        except SyntaxError:
            return False
        return True

    @property
    def key(self) -> str:
        """What it is, whatever line of its module it is in."""
        return " ".join(f"{self.path}: {self.text}: {self.before} -> {self.after}".split())

    @property
    def rank(self) -> str:
        """Where it comes in a draw: at random, and the same whatever else a module has."""
        text = f"{self.path}\n{self.before}\n{self.after}\n{self.number}"
        return hashlib.sha256(text.encode()).hexdigest()

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.before} -> {self.after}"


def find_mutants(path: Path, root: Path) -> Iterator[Mutant]:
    """Yield each change of a module; `is_python` tells of the few that are none."""
    source = path.read_text("utf-8")
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line.encode()))
    data, alike = source.encode(), Counter[tuple[str, str]]()
    for node, change in _Finder().find(ast.parse(source)):
        begin = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
        before, after = data[begin:end].decode(), ast.unparse(change)
        if isinstance(node, ast.expr):
            after = f"({after})"
        changed = (data[:begin] + after.encode() + data[end:]).decode()
        name = path.relative_to(root).as_posix()
        short = " ".join(before.split())[:80]
        number = alike[short, after]
        alike[short, after] += 1
        text = lines[node.lineno - 1].strip()
        last = node.end_lineno or node.lineno
        yield Mutant(name, node.lineno, last, short, after[:80], changed, number, text)


class _Finder(ast.NodeVisitor):
    """Finds changes: of no types, texts of errors, assertions or documentation."""

    def __init__(self) -> None:
        self.found: list[tuple[ast.expr | ast.stmt, ast.AST]] = []

    def find(self, tree: ast.Module) -> list[tuple[ast.expr | ast.stmt, ast.AST]]:
        self.visit(tree)
        return self.found

    def _add(self, node: ast.expr | ast.stmt, *changes: ast.AST) -> None:
        self.found += [(node, change) for change in changes]

    def visit(self, node: ast.AST) -> None:
        """Go through a node, if it may be changed."""
        if not isinstance(node, LEFT_ALONE):
            super().visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.visit(node.value)

    def visit_If(self, node: ast.If) -> None:
        if "TYPE_CHECKING" in ast.unparse(node.test):
            return
        self._add(node.test, ast.UnaryOp(ast.Not(), node.test))
        self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        if not isinstance(node.test, ast.Constant):
            self._add(node.test, ast.UnaryOp(ast.Not(), node.test))
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._add(node, node.body, node.orelse)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for default in [*node.args.defaults, *filter(None, node.args.kw_defaults)]:
            self.visit(default)
        for statement in node.body:
            self.visit(statement)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for statement in node.body:
            self.visit(statement)

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant):
            return
        if isinstance(node.value, ast.Call):
            self._add(node, ast.Pass())
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        names = {one.id for one in node.targets if isinstance(one, ast.Name)}
        aliases = isinstance(node.value, ast.BinOp) and all(name[:1].isupper() for name in names)
        if "__all__" in names or (aliases and "|" in ast.unparse(node.value)):
            return
        self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._add(node, ast.Pass())
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        if node.value and not isinstance(node.value, ast.Constant):
            self._add(node.value, NONE)
        self.generic_visit(node)

    def visit_Continue(self, node: ast.Continue) -> None:
        self._add(node, ast.Break())

    def visit_Break(self, node: ast.Break) -> None:
        self._add(node, ast.Continue())

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id == "cast":
            self.visit(node.args[1])
        else:
            self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        for at, old in enumerate(node.ops):
            for kind in COMPARED[type(old)]:
                ops = [*node.ops[:at], kind(), *node.ops[at + 1 :]]
                self._add(node, ast.Compare(node.left, ops, node.comparators))
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        self._add(node, ast.BoolOp(other, node.values))
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        self._add(node, node.operand)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        texts = (ast.JoinedStr, ast.Constant)
        is_text = any(
            isinstance(side, texts) and not isinstance(getattr(side, "value", ""), (int, float))
            for side in (node.left, node.right)
        )
        if type(node.op) in COMBINED and not is_text:
            other = COMBINED[type(node.op)]()
            self._add(node, ast.BinOp(node.left, other, node.right))
        self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> None:
        if node.arg != "strict":  # of zip, which is an assertion
            self.visit(node.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self._add(node, ast.Constant(not value))
        elif isinstance(value, (int, float)):
            self._add(node, ast.Constant(value + 1))
        elif isinstance(value, str) and value and not re.fullmatch(r"\w+( \| \w+)+", value):
            self._add(node, ast.Constant(""))
        elif isinstance(value, bytes) and value:
            self._add(node, ast.Constant(b""))
