"""A policy as text: a document or an `acr purge` line."""

import pytest

from purge_core.policies.policy import Dialect, Policy
from purge_core.policies.source import load_policy, load_source
from tests.unit.acr import problems_of


def test_a_document() -> None:
    """YAML is a document, and has no command."""
    source = load_source("version: 1\n")
    assert (source.policy, source.command) == (Policy(), None)


def test_a_line() -> None:
    """A line keeps what is no part of the policy."""
    source = load_source("acr purge --filter 'a:b' --ago 1d --dry-run -r contoso\n")
    assert source.command is not None
    assert source.command.dry_run
    assert source.policy.dialect is Dialect.ACR_PURGE
    assert source.policy.registries == ("contoso",)


def test_only_the_policy() -> None:
    """Who wants only the policy gets the same one."""
    line = "acr purge --untagged-only --ago 1d"
    assert load_policy(line) == load_source(line).policy


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("acr purge", "--filter"),
        ("acr purge --ago 7", "--filter"),
        ("acr delete x", "document"),
        ("acr purge: x", "version"),
        ("", "document"),
        ("nothing of the kind", "document"),
    ],
)
def test_neither(text: str, path: str) -> None:
    """What is neither is told as what it looks like."""
    assert problems_of(lambda: load_policy(text))[0].path == path
