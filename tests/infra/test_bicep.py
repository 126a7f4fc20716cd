"""Reading Bicep and working it out: small files with known answers."""

from pathlib import Path

import pytest

from infra_check.bicep.deployment import deploy
from infra_check.bicep.files import read_bicep
from infra_check.deployed import Findings
from infra_check.problems import Fault
from infra_check.values import Value


def outputs(folder: Path, text: str, **parameters: Value) -> dict[str, Value]:
    """Work a file out; nothing may be wrong with it."""
    file = folder / "infra" / "main.bicep"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    findings = Findings()
    deployed = deploy(file, parameters, findings)
    assert findings.problems == set()
    return dict(deployed.outputs)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3 - 4", 3),
        ("(1 + 2) * 3", 9),
        ("1 < 2 && 2 < 3 ? 'y' : 'n'", "y"),
        ("false || true && false", False),
        ("!(1 == 2)", True),
        ("null ?? 'else'", "else"),
        ("true ? false ? 1 : 2 : 3", 2),
        ("'a${1 + 1}-${toLower('B')}'", "a2-b"),
        ("'it\\'s \\${x} {y}'", "it's ${x} {y}"),
        ("'''\na ${b}\n'''", "a ${b}\n"),
        ("[1, 2][1]", 2),
        ("{ a: { 'b-c': 7 } }.a['b-c']", 7),
        ("[for n in [1, 2]: n * n]", [1, 4]),
        ("[for (n, i) in ['x', 'y']: '${i}${n}']", ["0x", "1y"]),
        ("[for n in [1, 2, 3]: if (n != 2) n]", [1, 3]),
        ("map(filter(split(' a,,b', ','), s => !empty(s)), s => trim(s))", ["a", "b"]),
        ("items({ b: 1, a: 2 })[0].key", "a"),
        ("cidrSubnet('10.0.0.0/24', 27, 2)", "10.0.0.64/27"),
    ],
)
def test_expression(expression: str, value: Value, tmp_path: Path) -> None:
    """An expression has the value that Bicep gives it."""
    kind = {bool: "bool", int: "int", str: "string", list: "array"}[type(value)]
    assert outputs(tmp_path, f"output x {kind} = {expression}\n")["x"] == value


def test_declarations_may_come_in_any_order(tmp_path: Path) -> None:
    """A variable may use what is declared behind it."""
    text = "param name string = '${stem}-1'\noutput x string = name\nvar stem = 'a'\n"
    assert outputs(tmp_path, text)["x"] == "a-1"
    assert outputs(tmp_path, text, name="b")["x"] == "b"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("var a = 'x\nvar b = 1\n", 1),
        ("var a = 1\nvar b = (2\n", 2),
        ("var a = {\n  b: 1\n  c 2\n}\n", 3),
        ("\n\nvariable a = 1\n", 3),
        ("var a = 1 2\n", 1),
        ("var a = 'x${1\n'\n", 1),
        ("var a = #\n", 1),
    ],
)
def test_no_bicep(text: str, line: int, tmp_path: Path) -> None:
    """What is no Bicep is told with its line."""
    path = tmp_path / "main.bicep"
    path.write_text(text)
    with pytest.raises(Fault) as caught:
        read_bicep(path)
    assert caught.value.line == line


def test_a_circle_is_no_endless_loop(tmp_path: Path) -> None:
    """Two variables that need each other come to an end."""
    file = tmp_path / "infra" / "main.bicep"
    file.parent.mkdir()
    file.write_text("var a = b + 1\nvar b = a + 1\noutput x int = a\n")
    findings = Findings()
    deploy(file, {}, findings)
    assert findings.problems
