"""`policy import` of YAML and JSON: tasks, what Azure shows of them, CronJobs."""

import json
from base64 import b64encode

import pytest

from purge_core.policies.importing.imported import import_policy
from tests.unit.acr import problems_of
from tests.unit.imports import read


def test_what_azure_shows() -> None:
    """The task in base64, its schedule, and the registry from its id."""
    task = b"version: v1.1.0\nsteps:\n- cmd: acr purge --filter 'a:.*' --ago 3d\n"
    shown = {
        "id": "/subscriptions/0/providers/Microsoft.ContainerRegistry/registries/contoso/tasks/t",
        "step": {"encodedTaskContent": b64encode(task).decode(), "type": "EncodedTask"},
        "trigger": {"timerTriggers": [{"name": "t1", "schedule": "0 1 * * Sun"}]},
    }
    imported = read(json.dumps(shown))
    assert imported.lines == ("acr purge --filter 'a:.*' --ago 3d --registry contoso",)
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
    assert imported.lines == ("acr purge -f a:b --ago 1d --registry contoso",)
    assert imported.policy.registries == ("contoso",)
    assert imported.notes == ("'off' is off, and left out",)
    problem = problems_of(lambda: import_policy(json.dumps([one, other])))[0]
    assert problem.found == "different registries (contoso, fabrikam)"


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


CRONJOB = """
apiVersion: batch/v1
kind: CronJob
metadata: {name: acr purge}
spec:
  schedule: "30 1 * * *"
  suspend: false
  jobTemplate:
    spec:
      template:
        spec:
          containers:
            - name: purge
              image: mcr.microsoft.com/acr/acr-cli:0.17
              args: ["purge", "--registry", "contoso", "--filter", "a:^ci-", "--ago", "3d"]
"""


def test_a_cronjob() -> None:
    """The container's arguments are the line; the image runs acr by itself."""
    imported = read(CRONJOB)
    assert imported.lines == ("acr purge --registry contoso --filter 'a:^ci-' --ago 3d",)
    assert imported.schedules == ("0 30 1 * * *",)
    with_command = CRONJOB.replace("args:", "command: [acr]\n              args:")
    assert read(with_command).lines == imported.lines


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("suspend: false", "suspend: true", "text"),
        ('"purge", ', '"manifest", ', "spec.jobTemplate.spec.template.spec.containers[0]"),
        (
            '["purge"',
            '["sh", "-c", "acr purge"',
            "spec.jobTemplate.spec.template.spec.containers[0]",
        ),
    ],
)
def test_a_cronjob_that_is_no_line(old: str, new: str, path: str) -> None:
    """One that is suspended takes nothing; one that does something else is told."""
    assert problems_of(lambda: import_policy(CRONJOB.replace(old, new)))[0].path == path


def test_when_a_cronjob_runs() -> None:
    """When either day fits, as in Unix; in another time zone than UTC a timer cannot say it."""
    both = CRONJOB.replace('"30 1 * * *"', '"30 1 1 * 5"')
    assert read(both).schedules == ()
    assert any("a timer needs both to fit" in note for note in read(both).notes)
    berlin = CRONJOB.replace("  suspend:", "  timeZone: Europe/Berlin\n  suspend:")
    assert read(berlin).schedules == ()
    assert any("meant in 'Europe/Berlin'" in note for note in read(berlin).notes)
    assert read(berlin.replace("Europe/Berlin", "Etc/UTC")).schedules == ("0 30 1 * * *",)
