"""Bad input of every command: one clear line per problem, exit code 2, nothing asked of anyone."""

import pytest

from purge_core.cli import main

PURGE = ("purge", "--filter", "a:b", "--ago", "7d")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin with a registry, and nothing else."""
    for name in ("PURGE_POLICY", "PURGE_CONCURRENCY", "PURGE_TRUSTED_HOSTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ACR_DEFAULT_REGISTRY", "127.0.0.1:9")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("purge",), "--filter: found nothing"),
        (("purge", "--filter", "a:b"), "--ago: found nothing"),
        ((*PURGE, "--keep", "x"), "--keep: found 'x'"),
        ((*PURGE, "--ago", "thirty days"), "--ago: found 'thirty days'"),
        ((*PURGE, "--ago=-7d"), "--ago: found '-7d'"),
        ((*PURGE, "--filter", "no colon"), "--filter[1]: found 'no colon'"),
        ((*PURGE, "--filter", "a:("), "--filter[1]: found 'a:('"),
        ((*PURGE, "-u", "me", "-p", "secret"), "--password: found a credential"),
        ((*PURGE, "-c", "config.json"), "--config: found a credential"),
        ((*PURGE, "-r", "https://contoso.azurecr.io"), "--registry: found"),
        ((*PURGE, "-r", "registry.example.com"), "or a trusted one"),
        ((*PURGE, "--policy", "{}"), "--filter: found a flag beside --policy"),
        ((*PURGE, "--what"), "No such option"),
        (("plan", "--policy", "missing.yaml"), "No such file or directory"),
        (("plan", "--policy", "{rules: 1}"), "rules: found"),
        (("plan",), "--policy: found nothing"),
        (("plan", "--policy", "{version: 1}", "--out", ""), "--out: found ''"),
        (("plan", "--policy", "{version: 1}", "--out", "/"), "--out: found '/'"),
        (("plan", "--policy", "acr purge --ago 1d"), "--filter: found nothing"),
        (("apply", "missing.json"), "FILE: found 'missing.json'"),
        (("explain", "a", "--policy", "{version: 1}", "-r", "x y"), "--registry: found 'x y'"),
        (
            ("explain", "../a:b", "--policy", "{version: 1}", "-r", "x"),
            "REPOSITORY: found '../a:b'",
        ),
        (
            ("plan", "--policy", "{version: 1}", "-r", "x", "--repository", "../a"),
            "--repository: found '../a'",
        ),
        (("policy", "check", "{version: 1, rulez: []}"), "rulez: found an unknown key"),
        (("schema", "nothing"), "Invalid value"),
        (("purgge",), "No such command"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bad_input_is_told(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where, what was found, what would be right."""
    code = main(arguments)
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert said in err
    assert "secret" not in err


def test_all_problems_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Flags, registry and environment are told of together."""
    monkeypatch.setenv("PURGE_CONCURRENCY", "many")
    assert main(["purge", "--filter", "a", "--ago", "d", "-r", "a b"]) == 2
    err = capsys.readouterr().err
    for place in ("PURGE_CONCURRENCY", "--filter", "--ago", "--registry"):
        assert f"acr-purge: {place}: found" in err


def test_no_registry(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without one anywhere, both places are named."""
    monkeypatch.setenv("ACR_DEFAULT_REGISTRY", "")
    assert main(PURGE) == 2
    assert "--registry contoso (or ACR_DEFAULT_REGISTRY)" in capsys.readouterr().err


def test_registry_that_the_policy_is_not_for(capsys: pytest.CaptureFixture[str]) -> None:
    """A policy that names registries is never used on another."""
    policy = "{version: 1, registries: [contoso], untagged: {older_than: 7d}}"
    assert main(["purge", "--policy", policy, "-r", "127.0.0.1:9"]) == 2
    assert "contoso.azurecr.io" in capsys.readouterr().err


def test_hostile_input_is_not_repeated_raw(capsys: pytest.CaptureFixture[str]) -> None:
    """What was found is shown with everything unprintable escaped."""
    assert main(["policy", "check", '{version: 1, "a\\u001b[31m": 1}']) == 2
    assert main([*PURGE, "--ago", "\x1b[31m7d"]) == 2
    assert "\x1b" not in capsys.readouterr().err
