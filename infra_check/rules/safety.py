"""Rules of safety: no key works where an identity does, and what changes is logged."""

from collections.abc import Iterator, Mapping

from infra_check.deployed import Resource
from infra_check.rules import Complaint, Rule, Trial
from infra_check.values import Value

ACCOUNT = "Microsoft.Storage/storageAccounts"
SITE = "Microsoft.Web/sites"
_FIXED: Mapping[str, Mapping[str, Value]] = {
    ACCOUNT: {
        "kind": "StorageV2",
        "sku.name": "Standard_LRS",
        "properties.networkAcls.bypass": "None",
        "properties.allowBlobPublicAccess": False,
        "properties.allowCrossTenantReplication": False,
        "properties.allowSharedKeyAccess": False,
        "properties.minimumTlsVersion": "TLS1_2",
        "properties.supportsHttpsTrafficOnly": True,
    },
    f"{ACCOUNT}/blobServices/containers": {"properties.publicAccess": "None"},
    SITE: {
        "properties.httpsOnly": True,
        "properties.siteConfig.minTlsVersion": "1.2",
        "properties.siteConfig.scmMinTlsVersion": "1.2",
        "properties.siteConfig.remoteDebuggingEnabled": False,
        "properties.siteConfig.cors": None,
        "identity.type": "UserAssigned",
    },
    "Microsoft.Insights/components": {"properties.DisableLocalAuth": True},
    "Microsoft.OperationalInsights/workspaces": {"properties.features.disableLocalAuth": True},
}
_SERVICES = ("blobServices", "queueServices", "tableServices")
_POLICY = f"{SITE}/basicPublishingCredentialsPolicies"


def fixed(trial: Trial) -> Iterator[Complaint]:
    """Hold what must have one value to it."""
    for kind, values in _FIXED.items():
        made = trial.deployed.of(kind)
        if not made:
            yield None, f"there is no {kind}"
        for resource in made:
            for path, wanted in values.items():
                if resource.at(path) != wanted:
                    yield resource, f"{path} is {resource.at(path)!r} and must be {wanted!r}"


def no_passwords(trial: Trial) -> Iterator[Complaint]:
    """Neither FTP nor deployment takes a password."""
    closed = {p.name for p in trial.deployed.of(_POLICY) if p.at("properties.allow") is False}
    for name in {"ftp", "scm"} - closed:
        yield None, f"basic publishing credentials are not refused for {name}"


def logged(trial: Trial) -> Iterator[Complaint]:
    """Changes of storage reach the workspace, and so does what the app says, in two ways."""
    workspaces = {each.id for each in trial.deployed.of("Microsoft.OperationalInsights/workspaces")}
    settings = trial.deployed.of("Microsoft.Insights/diagnosticSettings")
    for each in settings:
        if each.at("properties.workspaceId") not in workspaces:
            yield each, "the log goes to another workspace"
    for each in trial.deployed.of("Microsoft.Insights/components"):
        if each.at("properties.WorkspaceResourceId") not in workspaces:
            yield each, "the telemetry goes to another workspace"
    for scope, wanted in _to_be_logged(trial):
        have = {name for each in settings if each.scope == scope for name in _categories(each)}
        for category in wanted - have:
            yield None, f"{category} of {scope.split('/', 8)[-1]} is not logged"


def _to_be_logged(trial: Trial) -> Iterator[tuple[str, set[str]]]:
    """Yield what has a log of its own, with the categories that are wanted of it."""
    for account in trial.deployed.of(ACCOUNT):
        for service in _SERVICES:
            yield f"{account.id}/{service}/default", {"StorageWrite", "StorageDelete"}
    for site in trial.deployed.of(SITE):
        yield site.id, {"FunctionAppLogs"}


def _categories(setting: Resource) -> Iterator[str]:
    logs = setting.at("properties.logs")
    for each in logs if isinstance(logs, list) else ():
        if each.get("enabled") is True:
            yield str(each.get("category"))


RULES: tuple[Rule, ...] = (fixed, no_passwords, logged)
