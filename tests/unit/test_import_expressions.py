"""`policy import` of Terraform and Bicep: objects, functions, and values within texts."""

from base64 import b64encode

import pytest

from purge_core.policies.importing.imported import import_policy
from tests.unit.acr import problems_of
from tests.unit.imports import read

LINE = "acr purge -f a:b --ago 1d"
STEPS = f"steps:\\n- cmd: {LINE}"
ENCODED = b64encode(f"steps:\n- cmd: {LINE}\n".encode()).decode()
CONDITION = "a line that runs only under a condition"


def resource(body: str) -> str:
    """Write a resource of Terraform."""
    return f'resource "azapi_resource" "t" {{\n  {body}\n}}\n'


def azure(content: str, *, more: str = "") -> str:
    """Write a task as Azure's own interface wants it."""
    return f"{{ properties = {{ {more} step = {{ encodedTaskContent = {content} }} }} }}"


@pytest.mark.parametrize("encode", ["jsonencode({})", "{}", "yamlencode({})"])
@pytest.mark.parametrize("content", [f'base64encode("{STEPS}")', f'"{STEPS}"', f'"{ENCODED}"'])
def test_a_task_by_azures_interface(encode: str, content: str) -> None:
    """An object, written out or not; its text encoded by a function, or already."""
    assert read(resource(f"body = {encode.format(azure(content))}")).lines == (LINE,)
    off = azure(content, more='status = "Disabled",')
    problem = problems_of(lambda: import_policy(resource(f"body = {encode.format(off)}")))[0]
    assert problem.found.startswith("no acr purge that runs (")
    depends = azure(content, more="status = var.status,")
    text = resource(f"body = {encode.format(depends)}")
    assert problems_of(lambda: import_policy(text))[0].found.startswith(f"{CONDITION} (status: ")
    assert read(text, var__status="Enabled").lines == (LINE,)


def test_a_task_that_is_already_encoded() -> None:
    """Azure takes it so, and so do Terraform and Bicep; conditions in it count."""
    assert read(resource(f'task_content = "{ENCODED}"')).lines == (LINE,)
    asking = b64encode(f"steps:\n- cmd: {LINE}\n  when: [a]\n".encode()).decode()
    problem = problems_of(lambda: import_policy(resource(f'task_content = "{asking}"')))[0]
    assert problem.found == f"{CONDITION} (when: \"['a']\")"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("yamlencode(local.task)", None),
        ("yamlencode({ steps = local.task.steps })", None),
        ("yamlencode({ steps = [for s in local.task.steps : s] })", "if or for"),
        ("yamlencode(merge(local.task, {}))", "merge(local.task, {})"),
        ("yamlencode({ steps = concat(local.task.steps, []) })", "concat(local.task.steps, [])"),
    ],
)
def test_an_object_by_its_name(value: str, found: str | None) -> None:
    """It is followed to where it stands; what a function makes of it is not."""
    task = f'locals {{\n  task = {{ steps = [{{ cmd = "{LINE}" }}] }}\n}}\n'
    text = task + resource(f"task_content = {value}")
    if found is None:
        assert read(text).lines == (LINE,)
    else:
        assert problems_of(lambda: import_policy(text))[0].found == repr(found)


def test_values_without_end_in_objects() -> None:
    """A list of lists of lists is looked at twenty deep; an object that holds itself is refused."""
    rows = "".join(f"  a{n} = [local.a{n + 1}, local.a{n + 1}]\n" for n in range(25))
    text = f'locals {{\n{rows}  a25 = "{LINE}"\n}}\n' + resource("x = local.a0")
    assert "more than 20 deep" in str(problems_of(lambda: import_policy(text)))
    circle = "locals {\n  a = { b = local.a }\n}\n" + resource("task_content = yamlencode(local.a)")
    assert "more than 20 deep" in str(problems_of(lambda: import_policy(circle)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (resource("task_content = var.task"), "--set var.task=..."),
        (resource('task_content = "' + STEPS + ' ${var.flags}"'), "--set var.flags=..."),
        (
            resource('task_content = "' + STEPS + '${lookup({ x = "}" }, "x")}"'),
            "",
        ),
    ],
)
def test_what_has_no_value(text: str, expected: str) -> None:
    """It is asked for by its name."""
    problem = problems_of(lambda: import_policy(text))[0]
    assert expected in problem.expected


def test_a_schedule_without_a_value() -> None:
    """It is told; the line is imported all the same."""
    imported = read(resource(f'task_content = "{STEPS}"\n  schedule = var.cron'))
    assert imported.lines == (LINE,)
    assert imported.notes == ("the schedule comes from var.cron, which has no value here",)


@pytest.mark.parametrize(("given", "on"), [("false", True), ("true", False)])
def test_a_condition_that_is_turned_round(given: str, on: bool) -> None:
    """``!var.off`` is settled by what is given for it."""
    text = resource(f'enabled = !var.off\n  task_content = "{STEPS}"')
    values = {"var.off": given}
    if on:
        assert import_policy(text, values).lines == (LINE,)
    else:
        found = problems_of(lambda: import_policy(text, values))[0].found
        assert found.startswith("no acr purge that runs (")


def test_a_loop_over_lines() -> None:
    """What it makes of them is not followed."""
    text = f"resource t 'x/y@1' = [for a in ['{LINE}']: {{\n  cmd: a\n}}]\n"
    problem = problems_of(lambda: import_policy(text))[0]
    assert (problem.path, problem.found) == ("line 1", f"\"for a in ['{LINE}']\"")


def test_a_loop_in_bicep_that_is_off() -> None:
    """Nothing of it is deployed, whatever it holds."""
    task = f"{{\n  properties: {{ step: {{ encodedTaskContent: '{ENCODED}' }} }}\n}}"
    text = f"resource t 'x/y@1' = if (false) {task}\nresource u 'x/y@1' = {task}\n"
    assert read(text).lines == (LINE,)
    looped = f"resource t 'x/y@1' = [for a in b: if (false) {task}]\nresource u 'x/y@1' = {task}\n"
    assert read(looped).notes == ("what begins on line 1 is off, and left out",)
