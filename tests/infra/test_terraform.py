"""Reading Terraform and working it out: small files with known answers."""

from pathlib import Path

import pytest

from infra_check.deployed import Findings
from infra_check.problems import Fault
from infra_check.terraform.deployment import Apply
from infra_check.terraform.files import read_terraform
from infra_check.terraform.names import misnamed
from infra_check.values import Value


def worked_out(folder: Path, text: str, **variables: Value) -> tuple[dict[str, Value], Findings]:
    """Work a file out; give its outputs, and what was found."""
    path = folder / "main.tf"
    path.write_text(text)
    findings = Findings()
    deployed = Apply(read_terraform(path), variables, findings, folder).run()
    return dict(deployed.outputs), findings


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3 - 4", 3),
        ("(1 + 2) * 3", 9),
        ('1 < 2 && 2 == 2 ? "y" : "n"', "y"),
        ("!false || false", True),
        ('"a${1 + 1}-$${x}-\\"q\\""', 'a2-${x}-"q"'),
        ("[for n in [1, 2, 3] : n * n if n != 2]", [1, 9]),
        ('[for k, v in { b = 1, a = 2 } : "${k}${v}"]', ["a2", "b1"]),
        ('{ for n in ["x", "y"] : n => 1 }', {"x": 1, "y": 1}),
        ('merge([{ a = 1 }, { "b" = 2 }]...)', {"a": 1, "b": 2}),
        ("[{ id = 7 }, { id = 8 }][*].id", [7, 8]),
        ('{ a = { "b-c" = 7 } }.a["b-c"]', 7),
        ('join("/", slice(split("/", "a/b/c"), 0, 2))', "a/b"),
        ('cidrsubnet("10.66.0.0/24", 3, 2)', "10.66.0.64/27"),
        ("<<-X\n    a\n      b\n  X\n", "a\n  b\n"),
        ("-1 + 2", 1),
        ("null", None),
    ],
)
def test_expression(expression: str, value: Value, tmp_path: Path) -> None:
    """An expression has the value that Terraform gives it."""
    outputs, findings = worked_out(tmp_path, f'output "x" {{\n  value = {expression}\n}}\n')
    assert findings.problems == set()
    assert outputs["x"] == value


VARIABLE = """
variable "mode" {
  type    = string
  default = "plan"
  validation {
    condition     = contains(["plan", "purge"], var.mode)
    error_message = "plan or purge."
  }
}
output "x" {
  value = var.mode
}
"""


def test_variables(tmp_path: Path) -> None:
    """A variable has its default or what is given, and its validation is heeded."""
    assert worked_out(tmp_path, VARIABLE)[0]["x"] == "plan"
    assert worked_out(tmp_path, VARIABLE, mode="purge")[0]["x"] == "purge"
    for wrong in ("look", 3):
        problems = worked_out(tmp_path, VARIABLE, mode=wrong)[1].problems
        assert [problem.line for problem in problems] == [2]


@pytest.mark.parametrize(
    ("text", "line"),
    [('locals {\n  a = "x\n}\n', 2), ("locals {\n  a = 1\n  a = 2\n}\n", 3), ("locals {\n", 2)],
)
def test_no_terraform(text: str, line: int, tmp_path: Path) -> None:
    """What is no Terraform is told with its line."""
    path = tmp_path / "main.tf"
    path.write_text(text)
    with pytest.raises(Fault) as caught:
        read_terraform(path)
    assert caught.value.line >= line - 1


def test_names(tmp_path: Path) -> None:
    """Names that do not exist, and those that nobody uses, are told."""
    path = tmp_path / "main.tf"
    path.write_text("locals {\n  a = var.b\n  c = [for d in local.e : d]\n  f = uper(local.c)\n}\n")
    assert {message for _, message in misnamed(read_terraform(path))} == {
        "there is no 'var.b'",
        "there is no 'local.e'",
        "there is no function 'uper' that the checks know",
        "'local.a' is used nowhere",
        "'local.f' is used nowhere",
    }
