"""`policy import` of Terraform: what is off, what depends, and values behind values."""

import pytest

from purge_core.policies.importing.imported import import_policy
from tests.unit.acr import problems_of
from tests.unit.imports import read

LINE = "acr purge -f a:b --ago 1d"
OTHER = "acr purge -f c:d --ago 2d"
CONDITION = "a line that runs only under a condition"


def task(more: str = "", *, line: str = LINE, content: str = "", timer: str = "") -> str:
    """Write a task; ``content`` stands in place of the text with ``line``."""
    text = content or f'base64encode("steps:\\n- cmd: {line}")'
    return (
        f'resource "azurerm_container_registry_task" "t" {{\n  {more}\n'
        f"  encoded_step {{\n    task_content = {text}\n  }}\n"
        f'  timer_trigger {{\n    name = "n"\n    schedule = "0 1 * * *"\n    {timer}\n  }}\n}}\n'
    )


def local(name: str, value: str) -> str:
    """Write a value of the file."""
    return f"locals {{\n  {name} = {value}\n}}\n"


@pytest.mark.parametrize(
    ("off", "before"),
    [
        (task("enabled = false"), ""),
        (task("enabled = local.on"), local("on", "false")),
        (task("enabled = local.on"), local("on", "local.off") + local("off", "false")),
        (task("count = 0"), ""),
        (task("is_system_task = true"), ""),
        (task(timer="enabled = false"), ""),
        (task(content='yamlencode({ enabled = false, cmd = "' + LINE + '" })'), ""),
    ],
)
def test_a_task_that_is_off(off: str, before: str) -> None:
    """It is left out, and told; alone it is no policy."""
    imported = read(before + off + task(line=OTHER))
    assert imported.lines == (OTHER,)
    assert [note for note in imported.notes if note.endswith("is off, and left out")]
    (problem,) = problems_of(lambda: import_policy(before + off))
    assert problem.found.startswith("no acr purge that runs (")


@pytest.mark.parametrize(
    ("more", "timer", "why"),
    [
        ("enabled = var.on", "", "enabled: '${var.on}'"),
        ("enabled = !var.off", "", "enabled: '[!var.off]'"),
        ("count = var.on == 1 ? 1 : 0", "", "count: 'var.on == 1 ? 1 : 0'"),
        ("count = var.on ? 1 : 0", "", "count: 'var.on ? 1 : 0'"),
        ('for_each = toset(["a"])', "", "for_each: 'toset([\"a\"])'"),
        ("is_system_task = var.x", "", "is_system_task: 'var.x'"),
        ("", "enabled = var.on", "timer_trigger.enabled: 'var.on'"),
        (
            'dynamic "timer_trigger" {\n  for_each = var.x\n  content {}\n}',
            "",
            "dynamic timer_trigger",
        ),
    ],
)
def test_a_task_that_depends(more: str, timer: str, why: str) -> None:
    """Whether it is deployed is not known here, nor by a default; --set may settle it."""
    text = 'variable "on" {\n  default = true\n}\n' + task(more, timer=timer)
    problems = problems_of(lambda: import_policy(text))
    assert [problem.found for problem in problems] == [f"{CONDITION} ({why})"]
    if "var.on" in more + timer and "==" not in more:
        assert read(text, var__on="true").lines == (LINE,)
        off = problems_of(lambda: import_policy(text, {"var.on": "false"}))
        assert off[0].found.startswith("no acr purge that runs (")


@pytest.mark.parametrize("more", ["enabled = true", "count = 1", "is_system_task = false"])
def test_a_task_that_is_on(more: str) -> None:
    """What says so asks nothing; a timer that is off beside one that is on loses its schedule."""
    assert read(task(more)).lines == (LINE,)
    second = 'timer_trigger {\n  schedule = "0 5 * * *"\n  enabled = false\n}'
    imported = read(task(second))
    assert (imported.lines, imported.schedules) == ((LINE,), ("0 0 1 * * *",))


def test_a_block_that_is_made_of_a_list() -> None:
    """A dynamic block stands as often as its list says."""
    inner = f'content {{\n  task_content = "steps:\\n- cmd: {LINE}"\n}}'
    text = (
        f'resource "a" "b" {{\n  dynamic "encoded_step" {{\n  for_each = [1]\n  {inner}\n}}\n}}\n'
    )
    (problem,) = problems_of(lambda: import_policy(text))
    assert problem.found == f"{CONDITION} (dynamic encoded_step)"


def test_values_behind_values() -> None:
    """They are followed, within objects too, and a default among them is told."""
    before = (
        'variable "days" {\n  default = 3\n}\n'
        + local("plan", '{\n cron = "0 5 * * *"\n age = "${local.days}d" }')
        + local("days", "var.days")
        + local("line", '"acr purge -f a:b --ago ${local.plan.age}"')
    )
    text = before + task(content='"steps:\\n- cmd: ${local.line}"')
    imported = read(text.replace('"0 1 * * *"', "local.plan.cron"))
    assert imported.lines == ("acr purge -f a:b --ago 3d",)
    assert imported.schedules == ("0 0 5 * * *",)
    assert imported.notes == (
        "var.days is taken as '3'; --set var.days=... if it is set otherwise",
    )


def chain(length: int) -> str:
    """Write values each of which is the next one."""
    rows = "".join(f"  a{n} = local.a{n + 1}\n" for n in range(length))
    return f'locals {{\n{rows}  a{length} = "1d"\n}}\n'


def test_values_without_end() -> None:
    """Twenty deep is enough; a circle, or one value of a million parts, is refused."""
    content = '"steps:\\n- cmd: acr purge -f a:b --ago ${local.a0}"'
    assert read(chain(18) + task(content=content)).lines == (LINE,)
    for text in (chain(25), local("a0", '"${local.a0}x"'), local("a0", "[local.a0]")):
        problem = problems_of(lambda text=text: import_policy(text + task(content=content)))[0]  # type: ignore[misc]
        assert "local.a" in problem.found + problem.path
    rows = "".join(f'  a{n} = "${{local.a{n + 1}}}${{local.a{n + 1}}}"\n' for n in range(19))
    bomb = f'locals {{\n{rows}  a19 = "acr purge"\n}}\n' + task(content=content)
    assert "characters" in problems_of(lambda: import_policy(bomb))[0].found


def test_two_values_for_one_name() -> None:
    """Which of them holds is not known here, so it has to be given."""
    text = local("d", '"1d"') + local("d", '"9d"')
    text += task(content='"steps:\\n- cmd: acr purge -f a:b --ago ${local.d}"')
    assert problems_of(lambda: import_policy(text))[0].found == "'${local.d}'"
    assert read(text, local__d="1d").lines == (LINE,)


@pytest.mark.parametrize(
    "content",
    [
        f"<<EOT\nsteps:\n%{{ if var.x }}\n- cmd: {LINE}\n%{{ endif }}\nEOT\n",
        f'join("\\n", ["steps:", "- cmd: {LINE}"])',
        'replace(local.text, "1d", "0d")',
        "var.x ? local.text : var.y",
        "[local.text]",
        'join(" ", ["acr", "purge", "-f", "a:b", "--ago", "1d"])',
        'yamlencode({ steps = [{ cmd = join(" ", ["acr", "purge"]) }] })',
        '"steps:\\n- cmd: acr purge -f a:b --ago $${var.days}d"',
    ],
)
def test_a_text_that_is_put_together(content: str) -> None:
    """It is named with its line, also where the words stand elsewhere in the file."""
    text = local("text", f'"steps:\\n- cmd: {LINE}"') + task(content=content)
    (problem,) = problems_of(lambda: import_policy(text))
    assert problem.expected == "a text by itself; this one is part of an expression"
    assert problem.path == "line 7"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (task(content='base64encode(file("p.yaml"))'), "'file(\"p.yaml\")' is not followed"),
        (
            'resource "a" "b" {\n file_step {\n  task_file_path = "p.yaml"\n }\n}\n',
            "the file 'p.yaml' is not read",
        ),
        (f'output "o" {{\n  value = "{LINE}"\n}}\n', "runs nothing"),
    ],
)
def test_what_stands_elsewhere(text: str, told: str) -> None:
    """It is left out beside lines that are read, and told; alone it is no policy."""
    imported = read(text + task(line=OTHER))
    assert imported.lines == (OTHER,)
    assert any(told in note for note in imported.notes)
    assert told in problems_of(lambda: import_policy(text))[0].found


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ("}", "line 12"),
        ('resource "a" "b" {\n', "line 12"),
        ("x = <<EOT\n", "line 12"),
        ('x = "y\n', "line 12"),
        ('x = "${y"\n', "line 12"),
        ("x = " + "(" * 60 + ")" * 60, "line 12"),
    ],
)
def test_what_is_not_closed(more: str, path: str) -> None:
    """What a line belongs to would be a guess."""
    assert problems_of(lambda: import_policy(task() + more))[0].path == path


def test_a_hash_of_a_task() -> None:
    """It runs nothing."""
    text = local("text", f'"steps:\\n- cmd: {LINE}"')
    text += 'resource "n" "x" {\n  triggers = { now = sha256(local.text) }\n}\n'
    assert read(text + task(content="base64encode(local.text)")).lines == (LINE,)
