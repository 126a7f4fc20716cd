"""The rules that every module keeps: size, purity, layers, docstrings."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CODE = ("acr_emulator", "demo", "devhost", "infra_check", "purge_core")
SHELLS = {
    "__main__",
    "adapters",
    "bootstrap",
    "cli",
    "execution",
    "hosting",
    "purging",
    "run",
    "service",
    "settings",
}
"""The modules of purge_core that may touch the outside world; every other one is pure."""

MAX_FILE = 250
MAX_FUNCTION = 40
USUAL_FUNCTION = 25

Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules(*folders: str) -> list[Path]:
    """Return the Python files below the folders."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def shown(path: Path) -> str:
    """Return a path as a test's name shows it."""
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(), filename=str(path))


def functions(path: Path) -> Iterator[Function]:
    """Yield all functions and methods of a file, nested ones too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, Function):
            yield node


def length(function: Function) -> int:
    """Return the number of lines from `def` to the end of the body."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def is_pure(path: Path) -> bool:
    """Tell whether a module belongs to the pure core."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[0] == "purge_core" and parts[1] not in SHELLS


PRODUCT = [*modules(*CODE), *ROOT.glob("function_app.py")]
PURE = [path for path in PRODUCT if is_pure(path)]
TESTS = [path for path in modules("tests") if path.name.startswith("test_")]


@pytest.mark.parametrize("path", PRODUCT, ids=shown)
def test_file_is_short(path: Path) -> None:
    """A file that nobody can take in at once is two files."""
    lines = path.read_text().count("\n")
    assert lines <= MAX_FILE


@pytest.mark.parametrize("path", PRODUCT, ids=shown)
def test_no_function_is_long(path: Path) -> None:
    """No function goes over the limit."""
    assert [f.name for f in functions(path) if length(f) > MAX_FUNCTION] == []


def test_nearly_all_functions_are_short() -> None:
    """Nine functions of ten stay under the usual length."""
    lengths = [length(f) for path in PRODUCT for f in functions(path)]
    assert sum(n < USUAL_FUNCTION for n in lengths) >= 0.9 * len(lengths)


def test_layers_hold() -> None:
    """The import contracts of pyproject.toml hold."""
    lint = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert lint.returncode == 0, lint.stdout + lint.stderr


@pytest.mark.parametrize("path", PURE, ids=shown)
def test_core_reads_no_clock(path: Path) -> None:
    """Time comes into the core as an argument, never from a clock."""
    called = {
        node.func.attr
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert not called & {"now", "utcnow", "today", "monotonic", "perf_counter"}


def loose_dataclasses(path: Path) -> Iterator[str]:
    """Yield the dataclasses that could grow attributes or, unless they are private, change."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ClassDef):
            wanted = ["slots=True"] if node.name.startswith("_") else ["slots=True", "frozen=True"]
            for decorator in map(ast.unparse, node.decorator_list):
                if decorator.startswith("dataclass") and not all(w in decorator for w in wanted):
                    yield node.name


@pytest.mark.parametrize("path", PURE, ids=shown)
def test_core_values_are_frozen_and_slotted(path: Path) -> None:
    """A value of the core never changes and carries no dictionary."""
    assert list(loose_dataclasses(path)) == []


def undocumented(body: list[ast.stmt], prefix: str = "") -> Iterator[str]:
    """Yield the public classes, functions and methods without a docstring."""
    for node in body:
        if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_"):
            if ast.get_docstring(node) is None:
                yield prefix + node.name
            if isinstance(node, ast.ClassDef):
                yield from undocumented(node.body, f"{node.name}.")


@pytest.mark.parametrize("path", [*PRODUCT, *TESTS], ids=shown)
def test_everything_public_says_what_it_is(path: Path) -> None:
    """Modules, public classes and functions, and tests have a docstring."""
    module = tree(path)
    assert ast.get_docstring(module) is not None
    assert list(undocumented(module.body)) == []


@pytest.mark.parametrize("path", TESTS, ids=shown)
def test_no_mocks(path: Path) -> None:
    """Tests use fakes that keep state; a mock would only repeat what the code does."""
    imported = {
        alias.name
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    } | {node.module for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)}
    assert not imported & {"mock", "unittest.mock", "pytest_mock"}
