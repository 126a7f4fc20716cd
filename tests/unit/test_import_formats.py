"""`policy import` reads what people have: scripts, tasks, Terraform, Bicep, workflows."""

import json
from base64 import b64encode

import pytest

from purge_core.policies.importing.imported import import_policy
from tests.unit.acr import problems_of
from tests.unit.imports import (
    BICEP,
    DOCUMENTED,
    EARLY,
    ENCODED,
    LOOP,
    POWERSHELL,
    TERRAFORM,
    WORKFLOW,
    lines,
    read,
)


def test_the_vendors_example() -> None:
    """A variable holds the line; the registry is that of the command which runs it."""
    imported = read(DOCUMENTED)
    assert imported.lines == ("acr purge --filter 'hello-world:.*' --untagged --ago 1d",)
    assert imported.policy.registries == ("myregistry",)
    assert imported.notes == ()


def test_a_line_of_2019() -> None:
    """--repository becomes a filter; the image, the schedule and the difference are told."""
    imported = read(EARLY)
    assert imported.lines == ("acr purge --filter 'scratch:.*' --ago 10d",)
    assert imported.schedules == ("0 0 10 * * *",)
    assert imported.policy.untagged is None
    assert [note.partition(":")[0] for note in imported.notes] == [
        "the program '{{.Run.Registry}}/acr' is read as acr",
        "line 1",
        "line 1",
    ]


@pytest.mark.parametrize(
    ("line", "modern"),
    [
        (
            "acr purge --repository team/a.b --filter ^ci- --ago 1d",
            r"acr purge --filter 'team/a\.b:^ci-' --ago 1d",
        ),
        ("acr purge --dangling --repository=a", "acr purge --untagged-only --filter 'a:.*'"),
        (
            "acr purge --dangling=false --repository a --ago 2d",
            "acr purge --filter 'a:.*' --ago 2d",
        ),
    ],
)
def test_old_flags(line: str, modern: str) -> None:
    """What was said in 2019 is said as today."""
    assert lines(line) == (modern,)


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("acr purge --dangling --ago 1d", "line 1, --dangling"),
        ("acr purge --repository A*b --ago 1d", "line 1, --repository"),
        ("acr purge --repository a --filter b:c --ago 1d", "line 1, --repository"),
        ("acr purge --repository a", "line 1, --ago"),
    ],
)
def test_old_flags_that_stay_unclear(line: str, path: str) -> None:
    """Nothing is guessed, the default age of 2019 neither."""
    assert problems_of(lambda: import_policy(line))[0].path == path


def test_terraform() -> None:
    """A task in a here-document, with values of the file; comments and names are no lines."""
    imported = read(TERRAFORM)
    assert imported.lines == (
        "acr purge --untagged-only --ago 7d",
        "acr purge --filter 'web:^ci-' --ago 30d --untagged",
    )
    assert imported.schedules == ("0 0 2 * * *",)
    assert imported.policy.untagged is not None
    assert imported.policy.untagged.repositories == ()


def test_given_values_win() -> None:
    """What is given counts, not the default that stands in the file."""
    assert lines(TERRAFORM, var__days="9")[0] == "acr purge --untagged-only --ago 9d"


def test_terraform_that_encodes() -> None:
    """A step as an object; what has no value is named with its line."""
    (problem,) = problems_of(lambda: import_policy(ENCODED))
    assert (problem.path, problem.found) == ("line 8, line 1", "'${var.name}'")
    assert "--set var.name=..." in problem.expected
    assert lines(ENCODED, var__name="web") == ("acr purge --filter 'web:v.*' --ago 0d --keep 5",)


def test_terraform_that_puts_a_line_together() -> None:
    """A part of an expression is no line: what narrows it may stand elsewhere."""
    text = 'resource "a" "b" {\n  cmd = join(" ", ["acr purge --untagged-only", "--ago 9d"])\n}\n'
    assert problems_of(lambda: import_policy(text))[0].path == "line 2"


@pytest.mark.parametrize("end", ['+ "x"', "? 1 : 2", ', "x")'])
def test_terraform_that_goes_on(end: str) -> None:
    """A text that an operator follows is part of an expression, too."""
    text = f'locals {{\n  cmd = format("acr purge --untagged-only" {end}\n}}\n'
    assert problems_of(lambda: import_policy(text))[0].path == "line 2"


def test_bicep() -> None:
    """A text of several lines, an interpolated number, and a schedule by its parameter."""
    imported = read(BICEP)
    assert imported.lines == ("acr purge --filter 'snapshot/.*:.*' --ago 30d",)
    assert imported.schedules == ("0 0 3 * * Tue",)


def test_workflow() -> None:
    """A script in a workflow, its environment, its schedule, and a wildcard that is none."""
    imported = read(WORKFLOW)
    assert imported.lines == ("acr purge --filter 'web:v*' --keep 3 --ago 0d --untagged",)
    assert imported.schedules == ("0 0 0 * * 0",)
    assert any("match every tag" in note for note in imported.notes)


def test_powershell() -> None:
    """Back-ticks go on, variables are assigned with a dollar and never split."""
    imported = read(POWERSHELL)
    assert imported.lines == ("acr purge --filter 'web:dev-.*' --ago 14d",)
    assert imported.schedules == ("0 0 22 * * WED",)


def test_a_loop_over_all_repositories() -> None:
    """What a command computes is named with the loop; a value for it makes the policy."""
    (problem,) = problems_of(lambda: import_policy(LOOP))
    assert problem.path == "line 6"
    assert "the loop of line 3 runs over '$repos'" in problem.expected
    imported = read(LOOP, repo=".*")
    assert imported.lines == ("acr purge --filter '.*:.*' --ago 30d --untagged",)
    assert imported.policy.registries == ()
    assert any("name yours with --registry" in note for note in imported.notes)


def test_what_azure_shows() -> None:
    """The task in base64, its schedule, and the registry from its id."""
    task = b"version: v1.1.0\nsteps:\n- cmd: acr purge --filter 'a:.*' --ago 3d\n"
    shown = {
        "id": "/subscriptions/0/providers/Microsoft.ContainerRegistry/registries/contoso/tasks/t",
        "step": {"encodedTaskContent": b64encode(task).decode(), "type": "EncodedTask"},
        "trigger": {"timerTriggers": [{"name": "t1", "schedule": "0 1 * * Sun"}]},
    }
    imported = read(json.dumps(shown))
    assert imported.lines == ("acr purge --filter 'a:.*' --ago 3d",)
    assert imported.policy.registries == ("contoso",)
    assert imported.schedules == ("0 0 1 * * Sun",)


def shown(name: str, line: str, registry: str, status: str = "Enabled") -> dict[str, object]:
    """Write a task as Azure shows it."""
    task = f"steps:\n- cmd: {line}\n".encode()
    return {
        "id": f"/providers/Microsoft.ContainerRegistry/registries/{registry}/tasks/{name}",
        "name": name,
        "status": status,
        "step": {"encodedTaskContent": b64encode(task).decode()},
    }


def test_several_tasks_that_azure_lists() -> None:
    """One that is off takes nothing; those of two registries are no policy."""
    one = shown("one", "acr purge -f a:b --ago 1d", "contoso")
    off = shown("off", "acr purge -f '.*:.*' --ago 0d", "contoso", "Disabled")
    other = shown("other", "acr purge -f c:d --ago 1d", "fabrikam")
    imported = read(json.dumps([one, off]))
    assert imported.lines == ("acr purge -f a:b --ago 1d",)
    assert imported.policy.registries == ("contoso",)
    assert imported.notes == ("the task 'off' is off, and left out",)
    problem = problems_of(lambda: import_policy(json.dumps([one, other])))[0]
    assert problem.found == "different registries (contoso, fabrikam)"


def test_a_variable_with_two_values() -> None:
    """Which of them a script sees is not known here, so it has to be given."""
    jobs = "".join(
        f"  {name}:\n    env: {{REPO: {name}}}\n    steps:\n"
        f"      - run: acr purge -f $REPO:x --ago 1d\n"
        for name in ("web", "cart")
    )
    problems = problems_of(lambda: import_policy(f"jobs:\n{jobs}"))
    assert [problem.found for problem in problems] == ["'$REPO'", "'$REPO'"]


def test_a_repository_that_reads_like_a_wildcard() -> None:
    """It is told what it means."""
    notes = read("acr purge -f 'team/*:x' --ago 1d").notes
    assert any("repeats its last character" in note for note in notes)


def test_a_template_of_azure_with_an_expression() -> None:
    """What is no base64 is an error with its place."""
    text = json.dumps({"step": {"encodedTaskContent": "[base64(variables('x'))]"}})
    assert problems_of(lambda: import_policy(text))[0].path == "step.encodedTaskContent"


def test_a_task_with_other_steps() -> None:
    """Aliases are replaced; a step that is no purge is left out, and told."""
    task = (
        "alias:\n  values: {repo: samples/hello}\nsteps:\n"
        "  - cmd: acr tag list --registry $RegistryName --repository $repo\n"
        "  - cmd: $Registry/acr:1 purge --registry $RegistryName --filter $repo:.* --ago 7d\n"
    )
    imported = read(task)
    assert imported.lines == ("acr purge --filter 'samples/hello:.*' --ago 7d",)
    assert any(note.startswith("steps[0].cmd: 'acr tag list") for note in imported.notes)


def test_in_a_container() -> None:
    """`docker run` of the image is the command in it."""
    text = "docker run --rm -e A=b mcr.microsoft.com/acr/acr-cli:0.17 purge -f a:b --ago 3d"
    assert lines(text) == ("acr purge -f a:b --ago 3d",)
