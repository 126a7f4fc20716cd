"""Rules of safety: no key works, nothing is open without need, and what changes is logged."""

from collections.abc import Iterator, Mapping

from infra_check.deployed import Resource
from infra_check.rules import Complaint, Rule, Trial
from infra_check.values import Value

ACCOUNT = "Microsoft.Storage/storageAccounts"
SITE = "Microsoft.Web/sites"
_FIXED: Mapping[str, Mapping[str, Value]] = {
    ACCOUNT: {
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


def reach(trial: Trial) -> Iterator[Complaint]:
    """Hold what is reachable from outside to the network that was asked for."""
    network = trial.scenario.network
    wanted = {ACCOUNT: network == "public", SITE: network != "isolated"}
    for kind, is_open in wanted.items():
        for each in trial.deployed.of(kind):
            word = "Enabled" if is_open else "Disabled"
            if each.at("properties.publicNetworkAccess") != word:
                yield each, f"publicNetworkAccess must be {word} where the network is {network}"
    for account in trial.deployed.of(ACCOUNT):
        action = account.at("properties.networkAcls.defaultAction")
        if action != ("Allow" if network == "public" else "Deny"):
            yield account, f"networkAcls.defaultAction is {action!r} where the network is {network}"
    yield from _private(trial, network)


def _private(trial: Trial, network: str) -> Iterator[Complaint]:
    """Hold private endpoints, their names and the app's way out to each other."""
    wanted = set() if network == "public" else {"blob", "queue", "table"}
    wanted |= {"sites"} if network == "isolated" else set()
    endpoints = {_group(each): each for each in trial.deployed.of(_ENDPOINT)}
    for group in wanted - endpoints.keys():
        yield None, f"there is no private endpoint for {group} where the network is {network}"
    for group in endpoints.keys() - wanted:
        yield endpoints[group], f"a private endpoint for {group} where the network is {network}"
    zones = {zone.id for zone in trial.deployed.of("Microsoft.Network/privateDnsZones")}
    if len(zones) != len(wanted):
        yield None, f"{len(zones)} private DNS zones for {len(wanted)} private endpoints"
    linked = {each.scope for each in trial.deployed.of(_LINK)}
    for zone in zones - linked:
        yield None, f"{zone.split('/')[-1]} is not linked to the network"
    for site in trial.deployed.of(SITE):
        subnet = site.at("properties.virtualNetworkSubnetId")
        if (subnet is None) != (network == "public"):
            yield site, f"virtualNetworkSubnetId is {subnet!r} where the network is {network}"
        elif subnet is not None and not _delegated(trial, str(subnet)):
            yield site, "the app's subnet is not delegated to Microsoft.App/environments"


_ENDPOINT = "Microsoft.Network/privateEndpoints"
_LINK = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"


def _group(endpoint: Resource) -> str:
    connections = endpoint.at("properties.privateLinkServiceConnections")
    if not isinstance(connections, list) or len(connections) != 1:
        return "?"
    return str(connections[0]["properties"]["groupIds"][0])


def _delegated(trial: Trial, subnet: str) -> bool:
    for network in trial.deployed.of("Microsoft.Network/virtualNetworks"):
        subnets = network.at("properties.subnets")
        for each in subnets if isinstance(subnets, list) else ():
            services = [
                one["properties"]["serviceName"]
                for one in each["properties"].get("delegations", ())
            ]
            if subnet == f"{network.id}/subnets/{each['name']}":
                return services == ["Microsoft.App/environments"]
    return False


def logged(trial: Trial) -> Iterator[Complaint]:
    """Changes of storage reach the workspace, and so does what the app says, by its telemetry."""
    workspaces = {each.id for each in trial.deployed.of("Microsoft.OperationalInsights/workspaces")}
    settings = trial.deployed.of("Microsoft.Insights/diagnosticSettings")
    for each in settings:
        if each.at("properties.workspaceId") not in workspaces:
            yield each, "the log goes to another workspace"
        if f"/{SITE}/" in each.scope:
            yield each, "Flex Consumption takes no diagnostic settings"
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


def _categories(setting: Resource) -> Iterator[str]:
    logs = setting.at("properties.logs")
    for each in logs if isinstance(logs, list) else ():
        if each.get("enabled") is True:
            yield str(each.get("category"))


RULES: tuple[Rule, ...] = (fixed, no_passwords, reach, logged)
