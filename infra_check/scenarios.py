"""The deployments that are tried out: each variant of the parameters that changes a resource."""

from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What somebody wants deployed. ``plain`` and ``abac`` are ids of registries."""

    name: str
    mode: str = "plan"
    plain: tuple[str, ...] = ()
    abac: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    include_locked: bool = False
    network: str = "public"
    email: str = ""
    nightly: bool = True

    @property
    def parameters(self) -> Mapping[str, Value]:
        """The parameters of main.bicep; those that are as by default are left out."""
        return {
            "environmentName": "purge",
            "location": "westeurope",
            **({"registryIds": ", ".join(self.plain)} if self.plain else {}),
            **({"abacRegistryIds": ",".join(self.abac)} if self.abac else {}),
            **({"repositoryPrefixes": ",".join(self.prefixes)} if self.prefixes else {}),
            **({"mode": self.mode} if self.mode != "plan" else {}),
            **({"includeLocked": True} if self.include_locked else {}),
            **({"network": self.network} if self.network != "public" else {}),
            **({"alertEmail": self.email} if self.email else {}),
            **({} if self.nightly else {"nightly": False}),
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
            "environment_name": "purge",
            "location": "westeurope",
            **{name: list(values) for name, values in lists.items() if values},
            **({"mode": self.mode} if self.mode != "plan" else {}),
            **({"include_locked": True} if self.include_locked else {}),
            **({"network": self.network} if self.network != "public" else {}),
            **({"alert_email": self.email} if self.email else {}),
            **({} if self.nightly else {"nightly": False}),
        }


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
)
