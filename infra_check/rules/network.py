"""Rules of the network: nothing is reachable without need, and what is private can be found."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import combinations
from typing import Final

from infra_check.deployed import Resource
from infra_check.rules import Complaint, Rule, Trial
from infra_check.rules.app import SITE
from infra_check.rules.safety import ACCOUNT

_NETWORK: Final = "Microsoft.Network/virtualNetworks"
_ENDPOINT: Final = "Microsoft.Network/privateEndpoints"
_BOOK: Final = "Microsoft.Network/privateEndpoints/privateDnsZoneGroups"
_ZONE: Final = "Microsoft.Network/privateDnsZones"
_LINK: Final = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"
_SMALLEST: Final = 27
"""Source: https://learn.microsoft.com/azure/azure-functions/flex-consumption-how-to"""
_ZONES: Final = {
    "blob": "privatelink.blob.core.windows.net",
    "queue": "privatelink.queue.core.windows.net",
    "table": "privatelink.table.core.windows.net",
    "sites": "privatelink.azurewebsites.net",
}
"""Source: https://learn.microsoft.com/azure/private-link/private-endpoint-dns"""


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


def way_out(trial: Trial) -> Iterator[Complaint]:
    """Hold what the app sends to the subnet that was asked for, or to one made for it."""
    scenario, networks = trial.scenario, trial.deployed.of(_NETWORK)
    made = scenario.network != "public" and scenario.existing is None
    if len(networks) != made:
        yield None, f"{len(networks)} networks are made in {scenario.name!r}"
    for site in trial.deployed.of(SITE):
        subnet = site.at("properties.virtualNetworkSubnetId")
        if (subnet is None) != (scenario.network == "public"):
            yield site, f"virtualNetworkSubnetId is {subnet!r} where it is {scenario.network}"
        elif scenario.existing is not None and subnet != scenario.existing.app:
            yield site, "the app does not send from the subnet that it was given"
        elif made and not _delegated(trial, str(subnet)):
            yield site, "the app's subnet is not delegated to Microsoft.App/environments"
    for network in networks:
        prefixes = network.at("properties.addressSpace.addressPrefixes")
        if scenario.addresses and prefixes != [scenario.addresses]:
            yield network, f"the network has other addresses than {scenario.addresses}"
        yield from ((network, complaint) for complaint in _misplaced(network))


def _misplaced(network: Resource) -> Iterator[str]:
    """Find subnets that are outside of their network, too small, or share addresses."""
    listed, spaces = (
        network.at("properties.subnets"),
        network.at("properties.addressSpace.addressPrefixes"),
    )
    whole = [IPv4Network(str(each)) for each in spaces] if isinstance(spaces, list) else []
    subnets = listed if isinstance(listed, list) else []
    parts = {each["name"]: IPv4Network(each["properties"]["addressPrefix"]) for each in subnets}
    for name, part in parts.items():
        if not any(part.subnet_of(space) for space in whole):
            yield f"the subnet {name} is outside of the network"
        if part.prefixlen > _SMALLEST:
            yield f"the subnet {name} is smaller than a /{_SMALLEST}"
    for one, other in combinations(parts, 2):
        if parts[one].overlaps(parts[other]):
            yield f"the subnets {one} and {other} share addresses"


def _delegated(trial: Trial, subnet: str) -> bool:
    for network in trial.deployed.of(_NETWORK):
        subnets = network.at("properties.subnets")
        for each in subnets if isinstance(subnets, list) else ():
            services = [
                one["properties"]["serviceName"]
                for one in each["properties"].get("delegations", ())
            ]
            if subnet == f"{network.id}/subnets/{each['name']}":
                return services == ["Microsoft.App/environments"]
    return False


def private_addresses(trial: Trial) -> Iterator[Complaint]:
    """Hold private endpoints to what the network needs, and each to its subnet."""
    network, existing = trial.scenario.network, trial.scenario.existing
    wanted, endpoints = _wanted(trial), _endpoints(trial)
    for group in wanted - endpoints.keys():
        yield None, f"there is no private endpoint for {group} where the network is {network}"
    for group in endpoints.keys() - wanted:
        yield endpoints[group], f"a private endpoint for {group} where the network is {network}"
    subnets = [f"{each.id}/subnets/endpoints" for each in trial.deployed.of(_NETWORK)]
    for group, each in endpoints.items():
        if each.at("properties.subnet.id") not in ([existing.endpoints] if existing else subnets):
            yield each, f"the private endpoint for {group} is in another subnet"


def names(trial: Trial) -> Iterator[Complaint]:
    """Let every private address be found: in a zone that was given, or in one made and linked."""
    existing = trial.scenario.existing
    given = {zone.split("/")[-1]: zone for zone in (existing.zones if existing else ())}
    made = {zone.name: zone for zone in trial.deployed.of(_ZONE)}
    needed = {_ZONES[group] for group in _wanted(trial)}
    for name in made.keys() ^ (needed - given.keys()):
        yield made.get(name), f"the zone {name} is not made where it is needed, or made needlessly"
    linked = {each.scope: each for each in trial.deployed.of(_LINK)}
    for name, zone in made.items():
        network = linked[zone.id].at("properties.virtualNetwork.id") if zone.id in linked else None
        if network is None or not _is_ours(trial, str(network)):
            yield zone, f"{name} is not linked to the network"
        elif linked[zone.id].at("properties.registrationEnabled") is not False:
            yield zone, f"machines of the network would write their names into {name}"
    zones = {**given, **{name: zone.id for name, zone in made.items()}}
    books = {each.scope: each for each in trial.deployed.of(_BOOK)}
    for group, endpoint in _endpoints(trial).items():
        if _written_in(books.get(endpoint.id)) != [zones.get(_ZONES.get(group, ""))]:
            yield endpoint, f"the private address for {group} is not in its zone"


def _is_ours(trial: Trial, network: str) -> bool:
    existing = trial.scenario.existing
    if existing is not None:
        return existing.app.startswith(f"{network}/subnets/")
    return network in {each.id for each in trial.deployed.of(_NETWORK)}


def _wanted(trial: Trial) -> set[str]:
    """Name what must have a private address."""
    network = trial.scenario.network
    wanted = set() if network == "public" else {"blob", "queue", "table"}
    return wanted | ({"sites"} if network == "isolated" else set())


def _endpoints(trial: Trial) -> dict[str, Resource]:
    """Give the private endpoints by what they are for."""
    return {_group(each): each for each in trial.deployed.of(_ENDPOINT)}


def _group(endpoint: Resource) -> str:
    connections = endpoint.at("properties.privateLinkServiceConnections")
    if not isinstance(connections, list) or len(connections) != 1:
        return "?"
    return str(connections[0]["properties"]["groupIds"][0])


def _written_in(book: Resource | None) -> list[object]:
    """Give the zones in which an endpoint has a name."""
    listed = book.at("properties.privateDnsZoneConfigs") if book is not None else None
    zones = listed if isinstance(listed, list) else []
    return [each["properties"]["privateDnsZoneId"] for each in zones]


RULES: tuple[Rule, ...] = (reach, way_out, private_addresses, names)
