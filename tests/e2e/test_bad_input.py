"""Whatever is typed: one clear line per problem on standard error, exit code 2, no traceback."""

import pytest

from tests.e2e.shop import Shop

PURGE = ("purge", "--filter", "a:b", "--ago", "7d")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("purge",), "--filter: found nothing"),
        (("plan", "--policy", "missing.yaml"), "No such file or directory"),
        (("apply", "missing.json"), "FILE: found 'missing.json'"),
        (("purgge",), "No such command"),
    ],
)
def test_bad_input_is_told(shop: Shop, arguments: tuple[str, ...], said: str) -> None:
    """Where, what was found, what would be right."""
    result = shop.run(*arguments)
    assert (result.code, result.out) == (2, "")
    assert said in result.err


def test_empty_policy_deletes_nothing_and_says_so(shop: Shop) -> None:
    """It is no error, and it is loud."""
    result = shop.run("purge", "--policy", "{version: 1}")
    assert result.code == 0
    assert "nothing can ever be deleted" in result.err


def test_unreachable_registry_is_fatal(shop: Shop) -> None:
    """Nobody listens: one line, and 1."""
    result = shop.run("repositories", "-r", "127.0.0.1:9")
    assert result.code == 1
    assert "127.0.0.1:9" in result.err


@pytest.mark.parametrize("command", [PURGE, (*PURGE, "--dry-run"), ("repositories",)])
def test_certificates_that_cannot_be_read(shop: Shop, command: tuple[str, ...]) -> None:
    """A wrong SSL_CERT_FILE is one problem, not one for each repository."""
    result = shop.run(*command, SSL_CERT_FILE="missing.pem")
    assert (result.code, result.out) == (2, "")
    assert result.err.count("missing.pem") == len(result.err.splitlines()) == 1
    assert "SSL_CERT_FILE: found 'missing.pem' (No such file or directory)" in result.err


def test_catastrophic_pattern_is_stopped_before_anything_is_deleted(shop: Shop) -> None:
    """The time limit of a match ends the run, with a clear error."""
    shop.seed(f'  "{{shop}}/web":\n    images:\n      - {{tags: [pr-1, "{"a" * 60}-b"], age: 30d}}')
    filters = ("--filter", "{shop}/web:^pr-", "--filter", "{shop}/web:^(a|aa)+$")
    result = shop.run("purge", *filters, "--ago", "7d", "--filter-timeout-seconds", "1")
    assert (result.code, result.out) == (2, "")
    assert "more than 1 s" in result.err
    assert "pr-1" in shop.tags("web")
