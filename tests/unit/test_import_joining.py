"""`policy import` of several lines, and of what is no part of a policy."""

from functools import partial

import pytest

from purge_core.durations import format_duration
from purge_core.policies.importing.imported import import_policy
from purge_core.policies.importing.schedules import ncrontab
from tests.unit.acr import problems_of
from tests.unit.imports import lines, read


def test_youngest_first() -> None:
    """The rule with the smaller age comes first, or it would never see its tags."""
    imported = read("acr purge -f '.*:.*' --ago 90d --keep 2\nacr purge -f '.*:^ci-' --ago 7d")
    ages = [format_duration(rule.older_than) for rule in imported.policy.rules]
    assert ages == ["7d", "90d"]
    assert [rule.name for rule in imported.policy.rules] == ["line 2", "line 1"]
    assert any("counts only tags that no rule before it owns" in note for note in imported.notes)


def test_the_same_line_twice() -> None:
    """What is said twice is one rule."""
    imported = read("acr purge -f a:b --ago 1d\nacr purge --ago 1d -f a:b")
    assert [rule.name for rule in imported.policy.rules] == ["filters"]


def test_untagged_of_one_line_covers_the_other() -> None:
    """A younger threshold everywhere takes all that an older one takes somewhere."""
    imported = read("acr purge --untagged-only --ago 7d\nacr purge -f a:b --ago 30d --untagged")
    untagged = imported.policy.untagged
    assert untagged is not None
    assert (format_duration(untagged.older_than), untagged.repositories) == ("7d", ())


@pytest.mark.parametrize(
    ("one", "other", "joined"),
    [
        ("--ago 7d", "-f a:x --ago 7d --keep 2", ("7d", 0, [])),
        ("-f a:x -f b:x --ago 7d", "-f b:x --ago 30d", ("7d", 0, ["a", "b"])),
        ("-f a:x --ago 7d", "-f b:x --ago 7d", ("7d", 0, ["a", "b"])),
        ("-f a:x --ago 7d", "-f b:x -f a:x --ago 7d", ("7d", 0, ["b", "a"])),
        ("--ago 7d --keep 2", "-f a:x --ago 7d --keep 2", ("7d", 2, [])),
        ("--ago 7d --keep 2", "--ago 30d", None),
        ("--ago 7d --keep 2", "--ago 7d", ("7d", 0, [])),
        ("-f a:x --ago 7d", "-f b:x --ago 30d", None),
        ("-f a:x --ago 7d", "-f a:x -f b:x --ago 30d", None),
        ("-f a:x --ago 7d", "--ago 30d", None),
    ],
)
def test_untagged_of_two_lines(
    one: str, other: str, joined: tuple[str, int, list[str]] | None
) -> None:
    """One part that takes all that the other takes is enough; else both must be alike."""
    for pair in ((one, other), (other, one)):
        script = "\n".join(f"acr purge --untagged-only {flags}" for flags in pair)
        if joined is None:
            assert problems_of(partial(import_policy, script))[0].path == "--untagged"
            continue
        part = read(script).policy.untagged
        assert part is not None
        names = [pattern.text for pattern in part.repositories]
        age = format_duration(part.older_than)
        assert (age, part.keep_newest, sorted(names)) == (*joined[:2], sorted(joined[2]))


@pytest.mark.parametrize(
    ("script", "path"),
    [
        (
            "acr purge -f a:b --ago 1d --untagged\nacr purge -f c:d --ago 2d --untagged",
            "--untagged",
        ),
        ("acr purge -f a:b --ago 1d -r x\nacr purge -f c:d --ago 1d -r y", "line 1 to line 2"),
        ("acr purge -f a:b --ago 1d -r x\nacr purge -f c:d --ago 1d", "line 1 to line 2"),
        (
            "acr purge -f a:b --ago 1d --include-locked\nacr purge -f c:d --ago 1d",
            "line 1 to line 2",
        ),
    ],
)
def test_lines_that_no_policy_holds_together(script: str, path: str) -> None:
    """What would take more than the lines do is refused."""
    assert [problem.path for problem in problems_of(lambda: import_policy(script))] == [path]


def test_a_dry_run() -> None:
    """It is said; beside lines that delete, the line itself is left out."""
    alone = read("acr purge -f a:b --ago 1d --dry-run")
    assert alone.policy.rules
    assert "--dry-run is no part of a policy" in alone.notes[0]
    both = "acr purge -f a:b --ago 1d --dry-run\nacr purge -f c:d --ago 1d"
    assert lines(both) == ("acr purge -f c:d --ago 1d",)


def test_concurrency() -> None:
    """A setting of the program, not of the policy."""
    imported = read("acr purge -f a:b --ago 1d --concurrency 8")
    assert imported.notes == (
        "--concurrency is no part of a policy: PURGE_CONCURRENCY=8 is the same",
    )


@pytest.mark.parametrize(
    ("cron", "timer"),
    [
        ("0 1 * * *", "0 0 1 * * *"),
        ("0 */12 * * *", "0 0 */12 * * *"),
        ("30 9 * * 1-5", "0 30 9 * * 1-5"),
        ("0 1 * * Sun", "0 0 1 * * Sun"),
        ("0 1 * * 7", "0 0 1 * * 0"),
        ("0 1 * * 3,5-7", "0 0 1 * * 3,5-6,0"),
        ("0 1 * * 6-7", "0 0 1 * * 6,0"),
        ("0 1 * * 0-7", "0 0 1 * * 0-6"),
        ("0 1 * * 7-7", "0 0 1 * * 0"),
        ("0 1 * * 1-7/2", "0 0 1 * * 1,3,5,0"),
        ("0 1 * * 0-7/7", "0 0 1 * * 0"),
        ("0 1 * * 6,7,0", "0 0 1 * * 6,0"),
        ("*/5 1-5/2 * JAN-MAR mon-fri", "0 */5 1-5/2 * JAN-MAR mon-fri"),
        ("0 1 ? * Mon", "0 0 1 * * Mon"),
        ("0 0 1 * * *", "0 0 1 * * *"),
    ],
)
def test_schedules(cron: str, timer: str) -> None:
    """Seconds in front, Sunday as 0; six fields stay as they are."""
    assert ncrontab(cron, unix=True) == timer


@pytest.mark.parametrize(
    "cron",
    [
        *("@daily", "0 1 * *", "61 1 * * *", "0 1 1 * Mon", "0 1 1 * 7", "0 1 */2 * Mon"),
        *("0 1 1 * */2", "0 1 1-31 * 1", "5/15 * * * *", "0 1 * * 7-2", "0 1 * * Fri-Sun"),
        *("0 1 L * *", "0 24 * * *", "*/0 * * * *", "0 1 31 2 *"),
    ],
)
def test_schedules_that_have_no_translation(cron: str) -> None:
    """A Unix day of the month or of the week is not both at once."""
    with pytest.raises(ValueError, match=r"six fields|both to fit|a \w+.* from|write a|a date"):
        ncrontab(cron, unix=True)


def test_a_task_needs_both_days() -> None:
    """ACR Tasks read the day fields as the timer does, so there it is the same."""
    assert ncrontab("0 1 1-7 * Mon", unix=False) == "0 0 1 1-7 * Mon"


def test_a_schedule_that_is_none_is_told() -> None:
    """It deletes nothing, so the policy is written all the same."""
    imported = read('az acr task create --cmd "acr purge -f a:b --ago 1d" --schedule "@daily" -r x')
    assert imported.schedules == ()
    assert imported.notes[0].startswith("line 1: the schedule '@daily' has no PURGE_SCHEDULE")
