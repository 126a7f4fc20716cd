"""The deployments that are tried out: each variant of the parameters that changes a resource."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from infra_check.values import Value

PLAIN: Final = (
    "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/images"
    "/providers/Microsoft.ContainerRegistry/registries/contoso"
)
ABAC: Final = (
    "/subscriptions/33333333-3333-3333-3333-333333333333/resourceGroups/more-images"
    "/providers/Microsoft.ContainerRegistry/registries/fabrikam"
)


_NETWORK: Final = (
    "/subscriptions/44444444-4444-4444-4444-444444444444/resourceGroups/hub"
    "/providers/Microsoft.Network"
)
TUNED: Final[Mapping[str, str]] = {
    "PURGE_BREAKER_FACTOR": "3",
    "PURGE_BREAKER_FLOOR": "50",
    "PURGE_CONCURRENCY": "8",
    "PURGE_EXACT_BYTES": "true",
    "PURGE_JOURNAL": "https://logs.table.core.windows.net",
    "PURGE_PLAN_MAX_AGE": "3d",
    "PURGE_QUOTA_RESERVE": "50%",
    "PURGE_RETENTION": "90d",
    "PURGE_TIME_BUDGET": "8m",
    "PURGE_TRUSTED_HOSTS": "registry.contoso.com",
    "PURGE_VERIFY": "true",
    "PURGE_WEBHOOK_EVENTS": "held,failed",
    "PURGE_WEBHOOK_FORMAT": "teams",
    "PURGE_WORKERS_PER_REGISTRY": "2",
}
"""A value for each setting that a deployment hands on as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """Two subnets that exist, and private DNS zones that they resolve by."""

    app: str
    endpoints: str
    zones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What somebody wants deployed. ``plain`` and ``abac`` are ids of registries.

    ``addresses`` are those of a network that is made; ``existing`` is one that is there.
    """

    name: str
    environment: str = "purge"
    mode: str = "plan"
    plain: tuple[str, ...] = ()
    abac: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    include_locked: bool = False
    network: str = "public"
    email: str = ""
    nightly: bool = True
    paused: bool = False
    addresses: str = ""
    existing: Existing | None = None
    webhook: str = ""
    tuning: Mapping[str, str] = field(default_factory=dict)

    @property
    def parameters(self) -> Mapping[str, Value]:
        """The parameters of main.bicep; those that are as by default are left out."""
        return {
            "environmentName": self.environment,
            "location": "westeurope",
            **({"registryIds": ", ".join(self.plain)} if self.plain else {}),
            **({"abacRegistryIds": ",".join(self.abac)} if self.abac else {}),
            **({"repositoryPrefixes": ",".join(self.prefixes)} if self.prefixes else {}),
            **({"mode": self.mode} if self.mode != "plan" else {}),
            **({"includeLocked": True} if self.include_locked else {}),
            **({"network": self.network} if self.network != "public" else {}),
            **({"alertEmail": self.email} if self.email else {}),
            **({} if self.nightly else {"nightly": False}),
            **({"paused": True} if self.paused else {}),
            **({"webhookUrl": self.webhook} if self.webhook else {}),
            **({"tuning": dict(self.tuning)} if self.tuning else {}),
            **({"addresses": self.addresses} if self.addresses else {}),
            **(_in_bicep(self.existing) if self.existing else {}),
        }

    @property
    def variables(self) -> Mapping[str, Value]:
        """The same as variables of Terraform."""
        lists = {
            "registry_ids": self.plain,
            "abac_registry_ids": self.abac,
            "repository_prefixes": self.prefixes,
        }
        return {
            "environment_name": self.environment,
            "location": "westeurope",
            **{name: list(values) for name, values in lists.items() if values},
            **({"mode": self.mode} if self.mode != "plan" else {}),
            **({"include_locked": True} if self.include_locked else {}),
            **({"network": self.network} if self.network != "public" else {}),
            **({"alert_email": self.email} if self.email else {}),
            **({} if self.nightly else {"nightly": False}),
            **({"paused": True} if self.paused else {}),
            **({"webhook_url": self.webhook} if self.webhook else {}),
            **({"tuning": dict(self.tuning)} if self.tuning else {}),
            **({"addresses": self.addresses} if self.addresses else {}),
            **(_in_terraform(self.existing) if self.existing else {}),
        }


def _in_bicep(existing: Existing) -> Mapping[str, Value]:
    return {
        "appSubnetId": existing.app,
        "endpointSubnetId": existing.endpoints,
        "dnsZoneIds": ", ".join(existing.zones),
    }


def _in_terraform(existing: Existing) -> Mapping[str, Value]:
    return {
        "app_subnet_id": existing.app,
        "endpoint_subnet_id": existing.endpoints,
        "dns_zone_ids": list(existing.zones),
    }


_HUB: Final = Existing(
    app=f"{_NETWORK}/virtualNetworks/hub/subnets/functions",
    endpoints=f"{_NETWORK}/virtualNetworks/hub/subnets/addresses",
    zones=(
        f"{_NETWORK}/privateDnsZones/privatelink.blob.core.windows.net",
        f"{_NETWORK}/privateDnsZones/privatelink.azurewebsites.net",
    ),
)


SCENARIOS: Final = (
    Scenario(name="only look", plain=(PLAIN,)),
    Scenario(name="purge", plain=(PLAIN,), mode="purge", email="owner@contoso.com"),
    Scenario(name="only look, locks included", plain=(PLAIN,), include_locked=True),
    Scenario(name="purge, locks included", plain=(PLAIN,), mode="purge", include_locked=True),
    Scenario(name="only look, ABAC", abac=(ABAC,), prefixes=("shop/",), nightly=False),
    Scenario(name="purge, ABAC", abac=(ABAC,), mode="purge", include_locked=True),
    Scenario(name="purge some, ABAC", abac=(ABAC,), mode="purge", prefixes=("shop/", "team/")),
    Scenario(name="both, private", plain=(PLAIN,), abac=(ABAC,), mode="purge", network="private"),
    Scenario(name="isolated", plain=(PLAIN,), network="isolated", email="owner@contoso.com"),
    Scenario(name="other addresses", plain=(PLAIN,), network="private", addresses="10.9.8.0/25"),
    Scenario(name="in a network", plain=(PLAIN,), network="isolated", existing=_HUB),
    Scenario(
        name="paused, and tuned",
        environment="the-longest-name-that-an-environment-has",
        plain=(PLAIN,),
        paused=True,
        webhook="https://hooks.contoso.com/purge",
        tuning=TUNED,
    ),
)
