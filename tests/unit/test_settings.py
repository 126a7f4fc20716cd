"""Settings from the environment."""

import pytest

from purge_core.errors import SettingsError
from purge_core.settings import Settings


def test_nothing_set() -> None:
    """Everything has a default; an empty variable counts as not set."""
    assert Settings.from_environ({}) == Settings()
    empty = dict.fromkeys(("ACR_DEFAULT_REGISTRY", "PURGE_CONCURRENCY", "PURGE_POLICY"), " ")
    assert Settings.from_environ(empty) == Settings()


def test_everything_set() -> None:
    """Spaces around values do not matter."""
    settings = Settings.from_environ(
        {
            "ACR_DEFAULT_REGISTRY": " contoso ",
            "PURGE_TRUSTED_HOSTS": "a.example.com, b.example.com:5000,",
            "PURGE_CONCURRENCY": "64",
            "PURGE_POLICY": "policy.yaml",
        }
    )
    assert settings == Settings(
        registry="contoso",
        trusted_hosts=("a.example.com", "b.example.com:5000"),
        concurrency=64,
        policy="policy.yaml",
    )


@pytest.mark.parametrize("text", ["0", "65", "-1", "x", "1.5", "1_0", "\u0661", "9" * 10])
def test_concurrency_is_a_small_number(text: str) -> None:
    """Anything else is a problem of that variable."""
    with pytest.raises(SettingsError, match="PURGE_CONCURRENCY"):
        Settings.from_environ({"PURGE_CONCURRENCY": text})


@pytest.mark.parametrize(("text", "share"), [("0%", 0.0), ("20%", 0.2), ("90%", 0.9)])
def test_a_share_is_left_to_others(text: str, share: float) -> None:
    """It is written as a percentage."""
    assert Settings.from_environ({"PURGE_QUOTA_RESERVE": text}).quota_reserve == share


@pytest.mark.parametrize("text", ["91%", "-1%", "20", "0.2", "20 %", "%", "1e1%", "\u0661%"])
def test_a_share_is_a_percentage_of_less_than_all(text: str) -> None:
    """Whoever leaves everything to others cannot read at all."""
    with pytest.raises(SettingsError, match="from 0% to 90%"):
        Settings.from_environ({"PURGE_QUOTA_RESERVE": text})


def test_all_problems_at_once() -> None:
    """Each with its variable, what was found and what would be right."""
    bad = {
        "ACR_DEFAULT_REGISTRY": "https://contoso",
        "PURGE_TRUSTED_HOSTS": "a.example.com,$HOST",
        "PURGE_CONCURRENCY": "many",
    }
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ(bad)
    assert [problem.path for problem in caught.value.problems] == list(bad)
