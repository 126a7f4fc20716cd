"""`policy import` reads what people have: scripts, tasks, Terraform, Bicep, workflows."""

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
    assert imported.lines == (
        "acr purge --filter 'hello-world:.*' --untagged --ago 1d --registry myregistry",
    )
    assert imported.policy.registries == ("myregistry",)
    assert imported.notes == ()


def test_a_line_of_2019() -> None:
    """--repository becomes a filter; the image, the schedule and the difference are told."""
    imported = read(EARLY)
    assert imported.lines == ("acr purge --filter 'scratch:.*' --ago 10d --registry contoso",)
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
            "acr purge --dangling --repository a --filter ^v --ago 2d",
            "acr purge --untagged-only --filter 'a:.*' --ago 2d",
        ),
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


def test_a_part_of_a_line_is_no_line() -> None:
    """What another text is made of could be wider by itself; a default may be set otherwise."""
    text = (
        'variable "line" {\n  default = "acr purge --untagged-only"\n}\n'
        'locals {\n  more = "acr purge --filter a:b"\n}\n'
        'resource "a" "b" {\n  cmd = "${var.line} --ago 9d"\n'
        '  cmd_2 = "${local.more} --ago 9d --untagged"\n}\n'
    )
    imported = read(text)
    assert imported.lines == (
        "acr purge --untagged-only --ago 9d",
        "acr purge --filter a:b --ago 9d --untagged",
    )
    (told,) = imported.notes
    assert told.startswith("var.line is taken as 'acr purge --untagged-only'; --set var.line=...")


def test_given_values_win() -> None:
    """What is given counts, not the default that stands in the file."""
    assert lines(TERRAFORM, var__days="9")[0] == "acr purge --untagged-only --ago 9d"


def test_terraform_that_encodes() -> None:
    """A step as an object; what has no value is named with its line."""
    (problem,) = problems_of(lambda: import_policy(ENCODED))
    assert (problem.path, problem.found) == ("line 4, steps[0].cmd", "'${var.name}'")
    assert "--set var.name=..." in problem.expected
    assert lines(ENCODED, var__name="web") == ("acr purge --filter 'web:v.*' --ago 0d --keep 5",)


def test_terraform_that_puts_a_line_together() -> None:
    """A part of an expression is no line: what narrows it may stand elsewhere."""
    text = 'resource "a" "b" {\n  cmd = join(" ", ["acr purge --untagged-only", "--ago 9d"])\n}\n'
    assert problems_of(lambda: import_policy(text))[0].path == "line 2"


@pytest.mark.parametrize(
    "value",
    [
        'format("acr purge --untagged-only", 1)',
        '"acr purge --untagged-only" == var.x ? 1 : 2',
        'var.all ? local.y : "acr purge --untagged-only"',
        '["acr purge --untagged-only"]',
    ],
)
def test_terraform_that_goes_on(value: str) -> None:
    """A text that shares its value with anything else is part of an expression, too."""
    text = f"locals {{\n  cmd = {value}\n}}\n"
    assert problems_of(lambda: import_policy(text))[0].path == "line 2"


def test_bicep() -> None:
    """A text of several lines, an interpolated number, and a schedule by its parameter."""
    imported = read(BICEP)
    assert imported.lines == ("acr purge --filter 'snapshot/.*:.*' --ago 30d",)
    assert imported.schedules == ("0 0 3 * * Tue",)


@pytest.mark.parametrize("mark", ["", "$$"])
def test_bicep_that_takes_a_value_as_it_stands(mark: str) -> None:
    """Without exactly one dollar Bicep puts no value there: `${days}` is then somebody else's."""
    text = BICEP.replace("$'''", f"{mark}'''")
    assert problems_of(lambda: import_policy(text))[0].path == "line 5"
    assert read(text.replace("${days}d", "30d")).policy == read(BICEP).policy


def test_workflow() -> None:
    """A script in a workflow, its environment, its schedule, and a wildcard that is none."""
    imported = read(WORKFLOW)
    assert imported.lines == (
        "acr purge --filter 'web:v*' --keep 3 --ago 0d --untagged --registry contoso",
    )
    assert imported.schedules == ("0 0 0 * * 0",)
    assert any("match every tag" in note for note in imported.notes)


@pytest.mark.parametrize(
    ("tags", "noted"),
    [("v*", True), ("(pr-.*)?", True), ("^v*$", False), ("^(?!keep).*$", False), ("pr-.*", False)],
)
def test_a_wildcard_that_is_none(tags: str, noted: bool) -> None:
    """An expression that finds nothing at all in every tag is told, and no other."""
    notes = read(f"acr purge --filter 'web:{tags}' --ago 3d").notes
    assert any("match every tag" in note for note in notes) is noted


def test_a_cron_of_two_days() -> None:
    """GitHub runs when either day fits, which no timer can; a task needs both, as a timer."""
    imported = read(WORKFLOW.replace("0 0 * * 7", "0 0 1 * 7"))
    assert imported.schedules == ()
    assert any("a timer needs both to fit" in note for note in imported.notes)
    assert read(BICEP.replace("0 3 * * Tue", "0 3 1 * Tue")).schedules == ("0 0 3 1 * Tue",)


def test_powershell() -> None:
    """Back-ticks go on, variables are assigned with a dollar and never split."""
    imported = read(POWERSHELL)
    assert imported.lines == ("acr purge --filter 'web:dev-.*' --ago 14d --registry contoso",)
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


def test_in_a_container() -> None:
    """`docker run` of the image is the command in it."""
    text = "docker run --rm -e A=b mcr.microsoft.com/acr/acr-cli:0.17 purge -f a:b --ago 3d"
    assert lines(text) == ("acr purge -f a:b --ago 3d",)
