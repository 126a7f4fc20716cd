"""Rules of the identity: the app signs in as its one identity, to what is its own."""

from collections.abc import Iterator, Mapping

from infra_check.deployed import Resource, settings_of
from infra_check.rules import Complaint, Rule, Trial, one
from infra_check.values import shown

SITE = "Microsoft.Web/sites"
IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
_ACCOUNT = "Microsoft.Storage/storageAccounts"
_CONTAINER = f"{_ACCOUNT}/blobServices/containers"


def names_itself(trial: Trial) -> Iterator[Complaint]:
    """Hold settings that name the identity to its client id, and telemetry to its own place."""
    site, identity = one(trial, SITE), one(trial, IDENTITY)
    insights = one(trial, "Microsoft.Insights/components")
    if site is None or identity is None or insights is None:
        return  # told elsewhere
    client = f"<{identity.name}.properties.clientId>"
    wanted = {
        "AzureWebJobsStorage__clientId": client,
        "AZURE_CLIENT_ID": client,
        "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": f"ClientId={client};Authorization=AAD",
        "APPLICATIONINSIGHTS_CONNECTION_STRING": f"<{insights.name}.properties.ConnectionString>",
    }
    given = settings_of(site)
    for name, value in wanted.items():
        if name in given and shown(given[name]) != value:
            yield site, f"{name} is {shown(given[name])!r} and must be {value!r}"


def package(trial: Trial) -> Iterator[Complaint]:
    """Hold the package to the one container, fetched with the one identity."""
    site, identity = one(trial, SITE), one(trial, IDENTITY)
    account, container = one(trial, _ACCOUNT), one(trial, _CONTAINER)
    if site is None or identity is None or account is None or container is None:
        return  # told elsewhere
    where = f"<{account.name}.properties.primaryEndpoints.blob>{container.name}"
    if shown(_storage(site).get("value", "")) != where:
        yield site, f"the package is not stored in a container of this deployment, {where}"
    signs_in = _storage(site).get("authentication")
    member = "userAssignedIdentityResourceId"
    if not isinstance(signs_in, Mapping) or signs_in.get(member) != identity.id:
        yield site, f"{member} is not the id of the app's identity"


def _storage(site: Resource) -> Mapping[str, object]:
    """Give where the package is, as far as it is told."""
    where = site.at("properties.functionAppConfig.deployment.storage")
    return where if isinstance(where, Mapping) else {}


RULES: tuple[Rule, ...] = (names_itself, package)
