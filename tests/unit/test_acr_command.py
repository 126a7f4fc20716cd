"""Whole `acr purge` lines: read as the shell and acr-cli read them, strictly."""

import pytest

from purge_core.policies.acr_command import (
    AcrCommand,
    is_acr_command,
    parse_acr_command,
    parse_acr_policy,
)
from purge_core.policies.acr_dialect import AcrPurgeFlags
from purge_core.policies.policy import Dialect
from tests.unit.acr import problems_of

LINE = "acr purge --filter 'app:.*' --ago 1d"


def test_defaults() -> None:
    """What a line does not say has the defaults of acr purge."""
    assert parse_acr_command(LINE) == AcrCommand(flags=AcrPurgeFlags(filters=("app:.*",), ago="1d"))


def test_every_flag() -> None:
    """All supported flags are read."""
    command = parse_acr_command(
        "acr purge --registry contoso --filter 'a:.*' --filter 'b:x,y' --ago 2d --keep 3 "
        "--untagged --dry-run --include-locked --filter-timeout-seconds 5 --concurrency 8 "
        "--repository-page-size 50 --verbose"
    )
    assert command == AcrCommand(
        flags=AcrPurgeFlags(
            filters=("a:.*", "b:x,y"),
            ago="2d",
            keep=3,
            untagged=True,
            include_locked=True,
            filter_timeout_seconds=5,
        ),
        registry="contoso",
        dry_run=True,
        concurrency=8,
        repository_page_size=50,
        verbose=True,
    )


@pytest.mark.parametrize(
    "line",
    [
        "acr purge -r reg -f 'a:b' --ago 1d --keep 2 --untagged",
        "acr purge -r=reg -f='a:b' --ago=1d --keep=2 --untagged=true",
        'acr purge -rreg "-fa:b" "--ago" "1d" --keep="2" --untagged=T',
        "  acr   purge\t--untagged=1 --filter=a:b --ago 1d\n --keep 2 --registry=reg\n",
        "acr purge --registry reg \\\n  --filter 'a:b' \\\r\n  --ago 1d --keep 2 --untagged",
        "acr purge --ago 9d --ago 1d --keep 7 --keep 2 -r x -r reg -f a:b --untagged=f --untagged",
    ],
)
def test_spellings(line: str) -> None:
    """One meaning, however it is spelled; of several values the last counts."""
    assert parse_acr_command(line) == AcrCommand(
        flags=AcrPurgeFlags(filters=("a:b",), ago="1d", keep=2, untagged=True), registry="reg"
    )


@pytest.mark.parametrize("value", ["0", "f", "F", "false", "FALSE", "False"])
def test_switched_off(value: str) -> None:
    """A switch can be set to false."""
    command = parse_acr_command(f"{LINE} --untagged={value} --dry-run={value}")
    assert (command.flags.untagged, command.dry_run) == (False, False)


def test_quotes_reach_the_filter() -> None:
    """Quotes protect what a shell would take apart."""
    command = parse_acr_command("""acr purge --filter "a b:x|y" --filter 'c:\\d+$' --ago 0d""")
    assert command.flags.filters == ("a b:x|y", r"c:\d+$")


@pytest.mark.parametrize(
    ("number", "used", "notes"),
    [("0", None, 1), ("-3", None, 1), ("1", 1, 0), ("32", 32, 0), ("64", 32, 1)],
)
def test_concurrency(number: str, used: int | None, notes: int) -> None:
    """Concurrency out of range is brought into it, and noted."""
    command = parse_acr_command(f"{LINE} --concurrency {number}")
    assert (command.concurrency, len(command.notes)) == (used, notes)


def test_policy_of_a_line() -> None:
    """The line's policy is of the dialect and names the registry."""
    _, policy = parse_acr_policy(f"{LINE} -r contoso.azurecr.io --untagged")
    assert policy.dialect is Dialect.ACR_PURGE
    assert policy.registries == ("contoso.azurecr.io",)
    assert policy.untagged is not None


@pytest.mark.parametrize(
    ("more", "path", "found"),
    [
        ("--frobnicate", "--frobnicate", "an unknown flag"),
        ("--frobnicate=secret", "--frobnicate", "an unknown flag"),
        ("--frobnicate secret", "--frobnicate", "an unknown flag"),
        ("-x", "-x", "an unknown flag"),
        ("-", "-", "an unknown flag"),
        ("--", "--", "an unknown flag"),
        ("--=3", "--", "an unknown flag"),
        ("--Keep 3", "--Keep", "an unknown flag"),
        ("-u me", "-u", "a credential"),
        ("--password=secret", "--password", "a credential"),
        ("-psecret", "-p", "a credential"),
        ("--config f.json", "--config", "a credential"),
        ("--keep", "--keep", "nothing"),
        ("-r", "-r", "nothing"),
        ("--keep three", "--keep", "'three'"),
        ("--keep 1.0", "--keep", "'1.0'"),
        ("--keep 0x10", "--keep", "'0x10'"),
        ("--keep 010", "--keep", "'010'"),
        ("--keep 1_0", "--keep", "'1_0'"),
        ("--keep ''", "--keep", "''"),
        ("--keep ' 1'", "--keep", "' 1'"),
        ("--keep +1", "--keep", "'+1'"),
        ("--keep \u0663", "--keep", "'\u0663'"),
        ("--keep 9999999999", "--keep", "'9999999999'"),
        ("--keep -1", "--keep", "-1"),
        ("--concurrency many", "--concurrency", "'many'"),
        ("--filter-timeout-seconds 1s", "--filter-timeout-seconds", "'1s'"),
        ("--repository-page-size 0", "--repository-page-size", "0"),
        ("--repository-page-size x", "--repository-page-size", "'x'"),
        ("--untagged=yes", "--untagged", "'yes'"),
        ("--untagged=", "--untagged", "''"),
        ("--untagged false", "command", "'false'"),
        ("-r https://contoso.azurecr.io", "--registry", "'https://contoso.azurecr.io'"),
        ("-r $Registry", "--registry", "'$Registry'"),
        ("-r {{.Run.Registry}}", "--registry", "'{{.Run.Registry}}'"),
        ("-r ''", "--registry", "''"),
        ("--registry --untagged", "--registry", "'--untagged'"),
        ("stray", "command", "'stray'"),
        ("&& rm", "command", "'&&'"),
    ],
)
def test_refuses(more: str, path: str, found: str) -> None:
    """Nothing unknown or malformed is passed over, and no value of a credential is shown."""
    problems = problems_of(lambda: parse_acr_command(f"{LINE} {more}"))
    assert (problems[0].path, problems[0].found) == (path, found)
    assert "secret" not in "".join(map(str, problems))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("acr purge --filter 'app:.*", "quotes that are closed (No closing quotation)"),
        ("acr purge -f a:b --ago 1d " + "x" * 100_000, "at most 100000 characters"),
        ("acr delete", "a line that starts with acr purge"),
        ("az acr purge", "a line that starts with acr purge"),
        ("", "a line that starts with acr purge"),
    ],
)
def test_refuses_the_whole_line(line: str, expected: str) -> None:
    """What cannot be taken apart at all is one problem."""
    (problem,) = problems_of(lambda: parse_acr_command(line))
    assert (problem.path, problem.expected) == ("command", expected)


def test_all_problems_at_once() -> None:
    """Problems of the flags and of what they say come together, each once."""
    line = (
        "acr purge --filter '*:.*' --ago 7 --keep x --password p stray --untagged --untagged-only"
    )
    paths = [problem.path for problem in problems_of(lambda: parse_acr_command(line))]
    assert paths == ["--password", "command", "--keep", "--untagged-only", "--filter", "--ago"]


def test_a_missing_value_is_told_once() -> None:
    """A flag without its value is not also reported as absent."""
    problems = problems_of(lambda: parse_acr_command("acr purge -f a:b --ago"))
    assert [problem.expected for problem in problems] == ["a value"]


@pytest.mark.parametrize(
    ("text", "is_command"),
    [
        ("acr purge", True),
        ("acr purge --x", True),
        ("\n acr\tpurge\n", True),
        ("acr purged", False),
        ("acr purge: x", False),
        ("acrpurge", False),
        ("version: 1", False),
        ("", False),
    ],
)
def test_recognises_a_command(text: str, is_command: bool) -> None:
    """A command line is told from a document by how it starts."""
    assert is_acr_command(text) == is_command
