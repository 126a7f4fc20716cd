"""Rules of the function app: its settings, plan and runtime, and what the code expects of them."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from infra_check.deployed import Resource, settings_of
from infra_check.rules import Complaint, Rule, Trial, one
from infra_check.values import shown
from purge_core.errors import SettingsError
from purge_core.hosting import Configuration, configure

SITE = "Microsoft.Web/sites"
IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
OF_OTHERS = {
    "AzureWebJobsStorage__credential": "managedidentity",
    "AzureWebJobsStorage__clientId": None,
    "AZURE_CLIENT_ID": None,
    "APPLICATIONINSIGHTS_CONNECTION_STRING": None,
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": None,
}
"""Settings that the host, Azure's libraries or the telemetry read; a value, where one is right."""
NEEDED = {"AzureWebJobsStorage__accountName", "PURGE_REGISTRIES", "PURGE_MODE", "PURGE_SCHEDULE"}
OF_COMMAND_LINE = {
    "ACR_DEFAULT_REGISTRY",
    "PURGE_MANIFEST_CACHE",
    "PURGE_STORAGE_PRICE",
}
"""Settings that are read with the others, and mean nothing to the app."""
OF_OTHER_CLOUDS = {"AzureWebJobsStorage__queueServiceUri", "AzureWebJobsStorage__tableServiceUri"}
"""Settings for a storage that has other addresses than in the public cloud, which infra/ is for."""
NOT_ON_FLEX = {
    "AzureWebJobsStorage",
    "ENABLE_ORYX_BUILD",
    "FUNCTIONS_EXTENSION_VERSION",
    "FUNCTIONS_WORKER_RUNTIME",
    "SCM_DO_BUILD_DURING_DEPLOYMENT",
    "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING",
    "WEBSITE_CONTENTSHARE",
    "WEBSITE_RUN_FROM_PACKAGE",
    "WEBSITE_TIME_ZONE",
}
"""Settings that Flex Consumption refuses or ignores, or that bring a key back.

Source: https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan
"""
REFUSED_BY_FLEX = {
    "alwaysOn",
    "ftpsState",
    "functionAppScaleLimit",
    "functionsRuntimeScaleMonitoringEnabled",
    "javaContainer",
    "javaContainerVersion",
    "javaVersion",
    "linuxFxVersion",
    "netFrameworkVersion",
    "nodeVersion",
    "phpVersion",
    "powerShellVersion",
    "preWarmedInstanceCount",
    "pythonVersion",
    "use32BitWorkerProcess",
    "windowsFxVersion",
}
"""Members of siteConfig with which Flex Consumption refuses an app (error 51021), in some regions.

Source: https://learn.microsoft.com/azure/azure-functions/functions-app-settings
"""
_MEMORY = (512, 2048, 4096)
"""Megabytes. Source: as above."""


def settings(trial: Trial) -> Iterator[Complaint]:
    """Hold the settings to what is read: no name that nobody reads, none missing."""
    site = one(trial, SITE)
    if site is None:
        yield None, "there is not one function app"
        return
    given = settings_of(site)
    for name in given.keys() - trial.code.settings - OF_OTHERS.keys() - _switches(trial).keys():
        why = "must not be set on Flex Consumption" if name in NOT_ON_FLEX else "is read by nobody"
        yield site, f"the setting {name} {why}"
    for name in (given.keys() & trial.code.settings) & NOT_ON_FLEX:
        yield site, f"the setting {name} must not be set on Flex Consumption"
    for name in (NEEDED | OF_OTHERS.keys()) - given.keys():
        yield site, f"the setting {name} is missing"
    for name, wanted in OF_OTHERS.items():
        if wanted is not None and given.get(name, wanted) != wanted:
            yield site, f"the setting {name} is not {wanted}"


def switches(trial: Trial) -> Iterator[Complaint]:
    """Let the host start no function that begins or does work while the deployment is paused."""
    for site in trial.deployed.of(SITE):
        given = settings_of(site)
        for name, wanted in _switches(trial).items():
            if given.get(name) != wanted:
                yield site, f"{name} must be {wanted} where paused is {trial.scenario.paused}"


def _switches(trial: Trial) -> dict[str, str]:
    """Give the settings that turn those functions off, with their values."""
    work = {name for name, queue in trial.code.triggers.items() if not queue.endswith("-poison")}
    value = "true" if trial.scenario.paused else "false"
    return {f"AzureWebJobs.{name}.Disabled": value for name in work | trial.code.timers}


def tuned(trial: Trial) -> Iterator[Complaint]:
    """Let each setting of the app be set: a deployment removes what it does not know.

    Source: https://learn.microsoft.com/azure/azure-functions/functions-infrastructure-as-code
    """
    for site in trial.deployed.of(SITE):
        given = settings_of(site)
        webhook = trial.scenario.webhook or None
        for name, value in {**trial.scenario.tuning, "PURGE_WEBHOOK_URL": webhook}.items():
            if given.get(name) != value:
                yield site, f"{name} is not handed on by the deployment"
        if trial.scenario.tuning:
            own = trial.code.settings - OF_COMMAND_LINE - OF_OTHER_CLOUDS - NOT_ON_FLEX
            for name in own - given.keys():
                yield site, f"nobody can set {name}: infra/ does not hand it on"


def accepted(trial: Trial) -> Iterator[Complaint]:
    """Let the app itself read its settings: what it refuses, it would refuse in Azure."""
    for site in trial.deployed.of(SITE):
        environ = {name: _stands_for(shown(value)) for name, value in settings_of(site).items()}
        try:
            configured = _configured(tuple(environ.items()), trial.code.root)
        except SettingsError as error:
            yield site, f"the app refuses its settings: {error}"
            continue
        if configured.settings.mode.value != trial.scenario.mode:
            yield site, f"PURGE_MODE is not {trial.scenario.mode}"
        wanted = len(trial.scenario.plain) + len(trial.scenario.abac)
        if len(set(configured.settings.registries)) != wanted:
            yield site, "PURGE_REGISTRIES does not name all registries"


@cache
def _configured(environ: tuple[tuple[str, str], ...], root: Path) -> Configuration:
    return configure(dict(environ), root)


def _stands_for(text: str) -> str:
    """Put something likely where only a deployment knows the value."""
    text = re.sub(r"<(\w+)\.properties\.loginServer>", r"\1.azurecr.io", text)
    return re.sub(r"<[^<>]*>", "11111111-1111-1111-1111-111111111111", text)


def secrets(trial: Trial) -> Iterator[Complaint]:
    """Hold secrets to be read with the app's identity."""
    site, identity = one(trial, SITE), one(trial, IDENTITY)
    if site is None or identity is None:
        return  # told elsewhere
    if site.at("properties.keyVaultReferenceIdentity") != identity.id:
        yield site, "references to a key vault are not read with the one identity"


def storage(trial: Trial) -> Iterator[Complaint]:
    """Hold queues and tables to those of the code, and the app to this account."""
    base = "Microsoft.Storage/storageAccounts"
    kinds = {
        f"{base}/queueServices/queues": trial.code.queues,
        f"{base}/tableServices/tables": trial.code.tables,
    }
    for kind, wanted in kinds.items():
        made = {each.name: each for each in trial.deployed.of(kind)}
        for name in wanted - made.keys():
            yield None, f"{kind.split('/')[-1]}: {name} is missing"
        for name in made.keys() - wanted:
            yield made[name], f"the code knows no {name}"
    account, site = one(trial, base), one(trial, SITE)
    if account and site:
        named = settings_of(site).get("AzureWebJobsStorage__accountName")
        if named != account.name:
            yield site, "AzureWebJobsStorage__accountName names another account"


def flex(trial: Trial) -> Iterator[Complaint]:
    """Hold plan and app to what Flex Consumption takes."""
    plan, site = one(trial, "Microsoft.Web/serverfarms"), one(trial, SITE)
    if plan is None or site is None:
        yield None, "there is not one plan with one app"
        return
    if (plan.at("sku.name"), plan.at("sku.tier")) != ("FC1", "FlexConsumption"):
        yield plan, "the plan is not Flex Consumption (FC1)"
    if plan.at("properties.reserved") is not True:
        yield plan, "properties.reserved is not true: Flex Consumption is Linux"
    if site.at("properties.serverFarmId") != plan.id:
        yield site, "the app is on another plan"
    if site.at("properties.functionAppConfig.scaleAndConcurrency.instanceMemoryMB") not in _MEMORY:
        yield site, f"instanceMemoryMB is none of {_MEMORY}"
    given = site.at("properties.siteConfig")
    for name in sorted(REFUSED_BY_FLEX & set(given if isinstance(given, Mapping) else ())):
        yield site, f"siteConfig.{name} must be left out on Flex Consumption"
    yield from _deployment(trial, site)
    yield from _runtime(trial, site)


def _deployment(trial: Trial, site: Resource) -> Iterator[Complaint]:
    where = site.at("properties.functionAppConfig.deployment.storage")
    where = where if isinstance(where, Mapping) else {}
    signs_in = where.get("authentication", {})
    if not isinstance(signs_in, Mapping) or signs_in.get("type") != "UserAssignedIdentity":
        yield site, "the package is not fetched with the app's identity"
    identity = one(trial, IDENTITY)
    given = site.at("identity.userAssignedIdentities")
    if identity is None or not isinstance(given, Mapping) or set(given) != {identity.id}:
        yield site, "the app does not have the one identity"


def _runtime(trial: Trial, site: Resource) -> Iterator[Complaint]:
    if site.at("properties.functionAppConfig.runtime.name") != "python":
        yield site, "the runtime is not python"
    version = site.at("properties.functionAppConfig.runtime.version")
    if version not in trial.code.pythons:
        yield site, f"the runtime is {version}, which CI does not test with"


def service_tag(trial: Trial) -> Iterator[Complaint]:
    """Hold the app to the name by which azure.yaml deploys to it."""
    name, service = trial.code.service
    for site in trial.deployed.of(SITE):
        if site.at("tags.azd-service-name") not in (name, None):
            yield site, f"azure.yaml knows no service {site.at('tags.azd-service-name')!r}"
        if (service.get("host"), service.get("language")) != ("function", "py"):
            yield site, "azure.yaml does not deploy a function app in Python"
        if service.get("remoteBuild") is not True:
            yield site, "azure.yaml does not let Azure install the requirements"


RULES: tuple[Rule, ...] = (settings, switches, tuned, accepted, secrets, storage, flex, service_tag)
