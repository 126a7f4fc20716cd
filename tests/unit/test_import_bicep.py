"""`policy import` of Bicep: what is off, what depends, and what its texts say."""

import pytest

from purge_core.policies.importing.imported import import_policy
from tests.unit.acr import problems_of
from tests.unit.imports import read

LINE = "acr purge -f a:b --ago 1d"
OTHER = "acr purge -f c:d --ago 2d"
STEPS = f"var steps = '''\nsteps:\n- cmd: {LINE}\n'''\n"
CONDITION = "a line that runs only under a condition"


def task(
    head: str = "= {",
    *,
    tail: str = "}",
    more: str = "",
    content: str = "base64(steps)",
    timer: str = "",
) -> str:
    """Write a task."""
    return (
        f"resource t 'Microsoft.ContainerRegistry/registries/tasks@2019-04-01' {head}\n"
        f"  name: 'purge'\n  properties: {{\n    {more}\n"
        f"    step: {{\n      type: 'EncodedTask'\n      encodedTaskContent: {content}\n    }}\n"
        "    trigger: {\n      timerTriggers: [\n        {\n          name: 'n'\n"
        f"          schedule: '0 3 * * Tue'\n          {timer}\n        }}\n      ]\n    }}\n  }}\n"
        f"{tail}\n"
    )


ANOTHER = task(content=f"base64('steps:\\n- cmd: {OTHER}')")


@pytest.mark.parametrize(
    ("off", "before"),
    [
        (task(more="status: 'Disabled'"), ""),
        (task(more="status: st"), "var st = 'Disabled'\n"),
        (task("= if (false) {"), ""),
        (task("= if (on) {"), "var on = false\n"),
        (task(timer="status: 'Disabled'"), ""),
        (task(more="isSystemTask: true"), ""),
    ],
)
def test_a_task_that_is_off(off: str, before: str) -> None:
    """It is left out, and told; alone it is no policy."""
    imported = read(before + STEPS + off + ANOTHER)
    assert (imported.lines, imported.schedules) == ((OTHER,), ("0 0 3 * * Tue",))
    assert imported.notes[0].endswith("is off, and left out")
    (problem,) = problems_of(lambda: import_policy(before + STEPS + off))
    assert problem.found.startswith("no acr purge that runs (what begins on line")


@pytest.mark.parametrize(
    ("depending", "why"),
    [
        (task(more="status: st"), "status: '${st}'"),
        (task(more="status: on ? 'Enabled'\n  : 'Disabled'"), "status: "),
        (task("= if (on) {"), "if"),
        (task("= if (st == 'x') {"), "if"),
        (task("= [for r in repos: {", tail="}]"), "for"),
        (task("= [for r in repos: if (on) {", tail="}]"), "for"),
        (task(timer="status: st"), "status: '${st}'"),
        (task(more="isSystemTask: on"), "isSystemTask: '${on}'"),
        (f"resource r 'x/y@1' = {{\n  name: 'r'\n  {task('= if (on) {')}}}\n", "if"),
    ],
)
def test_a_task_that_depends(depending: str, why: str) -> None:
    """A parameter may be set otherwise: its default settles nothing, --set may."""
    text = f"param st string = 'Enabled'\nparam on bool = true\n{STEPS}{depending}"
    (problem,) = problems_of(lambda: import_policy(text))
    assert problem.found.startswith(f"{CONDITION} ({why}")
    if "on ?" in depending or "= if (on)" in depending:
        assert read(text, on="true").lines == (LINE,)
        off = problems_of(lambda: import_policy(text, {"on": "false"}))
        assert off[0].found.startswith("no acr purge that runs (")


@pytest.mark.parametrize("head", ["= if (true) {", "= {"])
def test_a_task_that_is_on(head: str) -> None:
    """What says so asks nothing; a resource that exists is not deployed, nor is an output."""
    other = f"resource r 'x/y@1' existing = {{\n  name: '{OTHER}'\n}}\noutput o string = steps\n"
    decorated = "@description('what acr purge is given')\nparam x string?\n"
    imported = read(decorated + STEPS + task(head, more="status: 'Enabled'") + other)
    assert (imported.lines, imported.schedules) == ((LINE,), ("0 0 3 * * Tue",))


def test_values_behind_values() -> None:
    """They are followed, and a default among them is told."""
    text = (
        "param days int = 9\nvar age = '${days}d'\nvar line = 'acr purge -f a:b --ago ${age}'\n"
        "var steps = 'steps:\\n- cmd: ${line}'\n" + task()
    )
    imported = read(text)
    assert imported.lines == ("acr purge -f a:b --ago 9d",)
    assert imported.notes == ("days is taken as '9'; --set days=... if it is set otherwise",)
    assert read(text, days="1").lines == (LINE,)
    twice = text + "var days = 3\n"
    assert problems_of(lambda: import_policy(twice))[0].found == "'${days}'"


@pytest.mark.parametrize("age", ["$days", "\\${days}d", "${string(days)}d"])
def test_what_is_no_value_of_bicep(age: str) -> None:
    """Neither a shell's variable, nor an escaped one, nor a function."""
    text = f"param days int = 9\nvar steps = 'steps:\\n- cmd: acr purge -f a:b --ago {age}'\n"
    assert len(problems_of(lambda: import_policy(text + task()))) == 1


@pytest.mark.parametrize(
    "content",
    [
        "on ? base64(steps) : ''",
        "base64(replace(steps, '1d', '0d'))",
        "base64(concat('steps:\\n- cmd: acr ', 'purge -f a:b --ago 1d'))",
    ],
)
def test_a_text_that_is_put_together(content: str) -> None:
    """It is named with its line, also where the words stand elsewhere in the file."""
    (problem,) = problems_of(lambda: import_policy(STEPS + task(content=content)))
    assert problem.expected == "a text by itself; this one is part of an expression"
    assert problem.path == "line 11"


def test_a_text_that_stands_elsewhere() -> None:
    """It is told, and no line is made of it."""
    text = task(content="loadFileAsBase64('p.yaml')")
    assert read(text + ANOTHER).lines == (OTHER,)
    assert "is not followed" in problems_of(lambda: import_policy(text))[0].found


def test_a_module() -> None:
    """What it is given is a line like any other, and so are its conditions."""
    text = f"module m 'm.bicep' = {{\n  params: {{ cmd: '{LINE}' }}\n}}\n"
    assert read(text).lines == (LINE,)
    (problem,) = problems_of(lambda: import_policy(text.replace("= {", "= if (x) {")))
    assert problem.found == f"{CONDITION} (if: 'x')"
