"""The commands that mend what is missing, ready to be copied."""

import json
import shlex
from typing import Final

from purge_core.checkup.sights import RegistrySight

_PLACEHOLDER: Final = "OBJECT_ID"
UNLOCKS: Final = "Reads and writes the lock attributes of repositories, tags and manifests."
UNLOCKING: Final = (
    "Microsoft.ContainerRegistry/registries/metadata/read",
    "Microsoft.ContainerRegistry/registries/metadata/write",
)
"""All that the role that unlocks may do; infra/ makes the same one."""
_AZURE: Final = (".azurecr.io", ".azurecr.cn", ".azurecr.us")
_LOOPBACK: Final = ("127.", "localhost", "[::1]")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: a development registry, or Azurite."""
    return host.startswith(_LOOPBACK)


def registry_name(host: str) -> str:
    """Give the name by which ``az`` knows a registry, as far as its host tells it."""
    name = host.partition(":")[0]
    return name.partition(".")[0] if name.endswith(_AZURE) else "REGISTRY"


def assign_role(role: str, sight: RegistrySight) -> str:
    """Give the command that assigns a role on the registry to whoever signed in."""
    who = sight.who
    object_id = (who.object_id if who is not None else None) or _PLACEHOLDER
    kind = "User" if who is not None and who.is_user else "ServicePrincipal"
    name = shlex.quote(registry_name(sight.host))
    return (
        f"az role assignment create --role {shlex.quote(role)}"
        f" --assignee-object-id {shlex.quote(object_id)} --assignee-principal-type {kind}"
        f' --scope "$(az acr show --name {name} --query id --output tsv)"'
    )


def assign_own_role(sight: RegistrySight) -> tuple[str, ...]:
    """Give the commands that make and assign the role that unlocks, for there is no built-in one.

    It can be assigned in the registry's resource group only. docs/security.md shows it.
    """
    name = registry_name(sight.host)
    role = f"ACR purge: unlock in {name}"
    definition = {"Name": role, "IsCustom": True, "Description": UNLOCKS, "Actions": UNLOCKING}
    scope = f"$(az acr show --name {shlex.quote(name)} --query id --output tsv | cut -d/ -f1-5)"
    text = json.dumps({**definition, "AssignableScopes": ["SCOPE"]})
    given = shlex.quote(text).replace("SCOPE", f"'\"{scope}\"'")
    return (
        "an app that is deployed: azd env set PURGE_INCLUDE_LOCKED true, then azd provision",
        f"az role definition create --role-definition {given}",
        assign_role(role, sight),
    )


def sign_in() -> tuple[str, ...]:
    """Give the ways to sign in."""
    return (
        "az login",
        "in Azure: give the app an identity, and name a user-assigned one in AZURE_CLIENT_ID",
    )


def network(host: str) -> tuple[str, ...]:
    """Give the commands that show whether the registry lets this address in."""
    if is_loopback(host):
        return ("python -m acr_emulator (it says its address)",)
    name = shlex.quote(registry_name(host))
    return (
        f"az acr show --name {name} --query '[publicNetworkAccess,networkRuleSet]'",
        f"az acr network-rule add --name {name} --ip-address ADDRESS",
    )


def certificates() -> tuple[str, ...]:
    """Say how to trust a certificate of one's own."""
    return ("SSL_CERT_FILE=FILE, a file with the certificates to trust",)


def show_storage(account: str) -> str:
    """Give the command that shows who may reach a storage account."""
    name = shlex.quote(account.partition(".")[0])
    return (
        f"az storage account show --name {name}"
        " --query '[publicNetworkAccess,networkRuleSet,allowSharedKeyAccess]'"
    )


def show_soft_delete(host: str) -> tuple[str, ...]:
    """Give the command that tells for sure; a development registry has none."""
    if is_loopback(host):
        return ()
    return (f"az acr config soft-delete show --registry {shlex.quote(registry_name(host))}",)


def assign_storage_role(role: str, account: str) -> str:
    """Give the command that assigns a role on a storage account to the app's identity."""
    return (
        f"az role assignment create --role {shlex.quote(role)}"
        f" --assignee-object-id {_PLACEHOLDER} --assignee-principal-type ServicePrincipal"
        f' --scope "$(az storage account show --name {shlex.quote(account)}'
        ' --query id --output tsv)"'
    )
