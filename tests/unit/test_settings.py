"""The environment: defaults, what each variable becomes, and every problem at once."""

from base64 import b64encode

import pytest

from purge_core.durations import parse_duration
from purge_core.errors import SettingsError
from purge_core.journal import Mode
from purge_core.journal_address import ConnectionString, TableEndpoint
from purge_core.settings import Settings, Sku
from purge_core.storage_address import QueueEndpoint

SECRET = b64encode(b"a very secret key").decode()
ACCOUNT = f"AccountName=logs;AccountKey={SECRET}"


def read(**environ: str) -> Settings:
    """Read an environment that holds nothing else."""
    return Settings.from_environ(environ)


def problems(environ: dict[str, str], *, app: bool = False) -> dict[str, str]:
    """Return what is expected, by the variable that has something else."""
    with pytest.raises(SettingsError) as refused:
        (Settings.of_app if app else Settings.from_environ)(environ)
    assert SECRET not in str(refused.value)
    return {problem.path: problem.expected for problem in refused.value.problems}


def test_nothing_is_set() -> None:
    """The defaults are cautious: a run only plans, and one worker has a registry to itself."""
    settings = read()
    assert settings == Settings()
    assert settings.mode is Mode.PLAN
    assert settings.workers_per_registry == 1
    assert settings.schedule.text == "0 0 1 * * *"
    assert settings.retention == parse_duration("400d")
    assert settings.plan_max_age == parse_duration("24h")


def test_everything_is_set() -> None:
    """Each variable has its place."""
    settings = read(
        ACR_DEFAULT_REGISTRY="mine",
        PURGE_REGISTRIES=" contoso.azurecr.io, 127.0.0.1:5000 ,,contoso.azurecr.io",
        PURGE_SCHEDULE="0 30 2 * * 1-5",
        PURGE_MODE="purge",
        PURGE_POLICY="acr purge --filter 'a:b' --ago 1d",
        PURGE_CONCURRENCY="8",
        PURGE_TIME_BUDGET="4m30s",
        PURGE_WORKERS_PER_REGISTRY="3",
        PURGE_SKU="premium",
        PURGE_JOURNAL="https://logs.table.core.windows.net/",
        PURGE_RETENTION="30d",
        PURGE_PLAN_MAX_AGE="2h",
        PURGE_TRUSTED_HOSTS="registry.example.com",
        AzureWebJobsStorage=ACCOUNT,
    )
    assert settings.registry == "mine"
    assert settings.registries == ("contoso.azurecr.io", "127.0.0.1:5000")
    assert settings.schedule.text == "0 30 2 * * 1-5"
    assert settings.mode is Mode.PURGE
    assert settings.policy == "acr purge --filter 'a:b' --ago 1d"
    assert settings.concurrency == 8
    assert settings.time_budget == parse_duration("270s")
    assert settings.workers_per_registry == 3
    assert settings.sku is Sku.PREMIUM
    assert settings.journal == TableEndpoint("https://logs.table.core.windows.net")
    assert settings.queues == ConnectionString(ACCOUNT)
    assert settings.retention == parse_duration("30d")
    assert settings.plan_max_age == parse_duration("2h")
    assert settings.trusted_hosts == ("registry.example.com",)


def test_an_empty_variable_is_not_set() -> None:
    """App settings that were left empty mean their defaults."""
    assert read(PURGE_MODE="", PURGE_TIME_BUDGET=" ", AzureWebJobsStorage="") == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PURGE_REGISTRIES", "https://contoso.azurecr.io"),
        ("PURGE_REGISTRIES", "contoso/azurecr"),
        ("PURGE_REGISTRIES", "{{.Run.Registry}}"),
        ("PURGE_SCHEDULE", "0 1 * * *"),
        ("PURGE_SCHEDULE", "01:00:00"),
        ("PURGE_MODE", "Purge"),
        ("PURGE_MODE", "delete"),
        ("PURGE_CONCURRENCY", "0"),
        ("PURGE_CONCURRENCY", "65"),
        ("PURGE_CONCURRENCY", "٣"),
        ("PURGE_TIME_BUDGET", "20"),
        ("PURGE_TIME_BUDGET", "0m"),
        ("PURGE_TIME_BUDGET", "P1D"),
        ("PURGE_WORKERS_PER_REGISTRY", "0"),
        ("PURGE_SKU", "Premium"),
        ("PURGE_JOURNAL", "somewhere"),
        ("PURGE_JOURNAL", f"AccountKey={SECRET}"),
        ("PURGE_RETENTION", "-400d"),
        ("PURGE_PLAN_MAX_AGE", "1day"),
        ("PURGE_TRUSTED_HOSTS", "a b"),
        ("AzureWebJobsStorage", "https://logs.table.core.windows.net"),
        ("AzureWebJobsStorage", f"AccountKey={SECRET}"),
        ("AzureWebJobsStorage__accountName", "Logs!"),
        ("AzureWebJobsStorage__queueServiceUri", "http://logs.queue.core.windows.net"),
        ("AzureWebJobsStorage__tableServiceUri", "ftp://x"),
    ],
)
def test_a_wrong_value(name: str, value: str) -> None:
    """A malformed value is an error that names the variable, and is never a default."""
    assert list(problems({name: value})) == [name]


def test_all_problems_at_once() -> None:
    """Whoever sets the app up learns of every mistake in one go."""
    wrong = {"PURGE_MODE": "x", "PURGE_RETENTION": "7", "PURGE_SKU": "y", "PURGE_JOURNAL": "z"}
    found = problems(wrong, app=True)
    assert found.keys() == {*wrong, "PURGE_REGISTRIES", "AzureWebJobsStorage"}


def test_secrets_are_not_shown() -> None:
    """No key is in what is printed of settings, right or wrong."""
    settings = read(AzureWebJobsStorage=ACCOUNT, PURGE_JOURNAL=ACCOUNT)
    assert SECRET not in repr(settings)
    assert SECRET not in repr(problems({"PURGE_JOURNAL": f"AccountKey={SECRET}"}))


def test_storage_with_a_key() -> None:
    """The host's account holds the queue and, unless another is named, the tables."""
    settings = read(AzureWebJobsStorage=ACCOUNT)
    assert settings.queues == settings.journal == ConnectionString(ACCOUNT)


def test_storage_for_development() -> None:
    """The short form for Azurite is passed on in the spelling that its clients know."""
    settings = read(AzureWebJobsStorage="usedevelopmentstorage=TRUE;")
    assert settings.queues == ConnectionString("UseDevelopmentStorage=true")


def test_storage_without_a_key() -> None:
    """The account's name is enough; addresses of single services win over it."""
    settings = read(AzureWebJobsStorage__accountName="logs")
    assert settings.queues == QueueEndpoint("https://logs.queue.core.windows.net")
    assert settings.journal == TableEndpoint("https://logs.table.core.windows.net")
    settings = read(
        AzureWebJobsStorage__accountName="logs",
        AzureWebJobsStorage__queueServiceUri="https://logs.queue.core.chinacloudapi.cn/",
        AzureWebJobsStorage__tableServiceUri="https://logs.table.core.chinacloudapi.cn",
    )
    assert settings.queues == QueueEndpoint("https://logs.queue.core.chinacloudapi.cn")
    assert settings.journal == TableEndpoint("https://logs.table.core.chinacloudapi.cn")


@pytest.mark.parametrize(
    "storage",
    [
        {"AzureWebJobsStorage": ACCOUNT},
        {"AzureWebJobsStorage__accountName": "logs"},
        {"AzureWebJobsStorage__queueServiceUri": "https://logs.queue.core.windows.net"},
    ],
)
def test_what_the_app_needs(storage: dict[str, str]) -> None:
    """The app needs a registry and storage; the command line needs neither."""
    assert Settings.of_app({"PURGE_REGISTRIES": "contoso", **storage}).registries == ("contoso",)
    assert problems(storage, app=True).keys() == {"PURGE_REGISTRIES"}
