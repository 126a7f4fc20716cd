"""The webhook as it is set: only addresses that are safe to send to, and never shown."""

import pytest

from purge_core.errors import SettingsError
from purge_core.hosting import configure
from purge_core.notices.webhook import Event, Format, Webhook
from purge_core.settings import Settings
from tests.conftest import ROOT

SECRET = "t0p5ecret"
LEAST = {"PURGE_REGISTRIES": "contoso", "AzureWebJobsStorage": "AccountName=a;AccountKey=c2Vj"}


def settings(**environ: str) -> Settings:
    """Read an environment that lacks nothing but what is given."""
    return Settings.of_app(LEAST | environ)


def test_nobody_is_told_unless_it_is_set() -> None:
    """Without an address the other settings mean nothing."""
    assert settings().webhook == Webhook()
    assert settings(PURGE_WEBHOOK_FORMAT="slack").webhook.told_of == frozenset()
    assert configure(LEAST, ROOT).options.told_of == frozenset()


def test_all_is_told_unless_less_is_asked_for() -> None:
    """In any order, each once."""
    url = f"https://hooks.contoso.com/{SECRET}"
    assert settings(PURGE_WEBHOOK_URL=url).webhook == Webhook(url)
    given = {"PURGE_WEBHOOK_URL": url, "PURGE_WEBHOOK_EVENTS": " failed, held,failed"}
    found = configure({**LEAST, **given, "PURGE_WEBHOOK_FORMAT": "teams"}, ROOT)
    assert found.settings.webhook.format is Format.TEAMS
    assert found.options.told_of == {Event.HELD, Event.FAILED}


@pytest.mark.parametrize(
    "url",
    [
        f"https://hooks.contoso.com:8443/a/b?sig={SECRET}&x=%2F",
        f"https://[2001:db8::1]/{SECRET}",
        f"http://127.0.0.1:8080/{SECRET}",
        f"http://localhost/{SECRET}",
        f"http://[::1]:80/{SECRET}",
        f"@Microsoft.KeyVault(SecretUri=https://vault.azure.net/secrets/{SECRET})",
    ],
)
def test_addresses_that_are_sent_to(url: str) -> None:
    """They are taken, and shown by no text of the settings."""
    found = settings(PURGE_WEBHOOK_URL=url)
    assert found.webhook.url == url
    assert SECRET not in f"{found!r} {found} {configure(LEAST | {'PURGE_WEBHOOK_URL': url}, ROOT)}"


@pytest.mark.parametrize(
    "url",
    [
        f"http://hooks.contoso.com/{SECRET}",
        f"http://127.0.0.1.evil.example/{SECRET}",
        f"http://localhost.evil.example/{SECRET}",
        f"ftp://hooks.contoso.com/{SECRET}",
        f"https://user:{SECRET}@hooks.contoso.com/",
        f"https://hooks.contoso.com/#{SECRET}",
        f"https:///{SECRET}",
        f"https://hooks.contoso.com:0/{SECRET}",
        f"https://hooks.contoso.com:99999/{SECRET}",
        f"https://hooks.contoso.com/a b{SECRET}",
        f"https://hooks.contoso.com/\r\nX: {SECRET}",
        f"https://hooks.contoso.com/ü{SECRET}",
        f"https://[::1/{SECRET}",
        f"https://hooks.contoso.com/{'x' * 5_000}{SECRET}",
        f"@Microsoft.KeyVault({SECRET})/../x",
        SECRET,
    ],
)
def test_addresses_that_are_refused(url: str) -> None:
    """The problem names the setting and what would be right, and repeats nothing."""
    with pytest.raises(SettingsError) as caught:
        settings(PURGE_WEBHOOK_URL=url)
    [problem] = caught.value.problems
    assert problem.path == "PURGE_WEBHOOK_URL"
    assert SECRET not in f"{caught.value!r} {caught.value}"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PURGE_WEBHOOK_FORMAT", "email"),
        ("PURGE_WEBHOOK_EVENTS", "everything"),
        ("PURGE_WEBHOOK_EVENTS", "held,,failed"),
    ],
)
def test_words_that_mean_nothing(name: str, text: str) -> None:
    """They are problems of the setting, like all others."""
    with pytest.raises(SettingsError) as caught:
        settings(**{name: text})
    assert [problem.path for problem in caught.value.problems] == [name]
