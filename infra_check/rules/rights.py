"""Rules of rights: exactly the roles that a scenario needs, each where it is needed."""

from collections.abc import Iterator

from infra_check.deployed import Resource
from infra_check.rules import Complaint, Rule, Trial
from infra_check.scenarios import Scenario
from infra_check.values import Unknown, shown

ASSIGNMENT = "Microsoft.Authorization/roleAssignments"
DEFINITION = "Microsoft.Authorization/roleDefinitions"
ROLES = {
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
    "974c5e8b-45b9-4653-ba55-5f855dd0fb88": "Storage Queue Data Contributor",
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
    "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
    "7f951dda-4ed3-4680-a7ca-43fe172d538d": "AcrPull",
    "c2f4ef07-c644-48eb-af81-4b1b4947fb11": "AcrDelete",
    "b93aa761-3e63-49ed-ac28-beffa264f7ac": "Container Registry Repository Reader",
    "2efddaa5-3f1f-4df3-97df-af3f13818f4c": "Container Registry Repository Contributor",
    "bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7": "Container Registry Repository Catalog Lister",
}
"""Built-in roles. Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles"""
OWN = "a role of its own"
"""Stands for the custom role that unlocks."""
_UNLOCKS = {
    "Microsoft.ContainerRegistry/registries/metadata/read",
    "Microsoft.ContainerRegistry/registries/metadata/write",
}
_LISTER = "Container Registry Repository Catalog Lister"
_REPOSITORY = "Microsoft.ContainerRegistry/registries/repositories"
_LOOKS = ("content/read", "metadata/read")
_CHANGES = ("content/write", "content/delete", "metadata/write", "metadata/delete")
"""What the roles on repositories permit.

Source: https://learn.microsoft.com/azure/container-registry/container-registry-rbac-built-in-roles-overview
"""


def assigned(trial: Trial) -> Iterator[Complaint]:
    """Compare the roles on each thing with those that the scenario needs."""
    given: dict[str, dict[str, Resource]] = {}
    for each in trial.deployed.of(ASSIGNMENT):
        given.setdefault(each.scope, {})[_role(trial, each)] = each
    wanted = dict(_wanted(trial))
    for scope in given.keys() | wanted.keys():
        have, need = given.get(scope, {}), wanted.get(scope, frozenset())
        place = "/".join(scope.split("/")[-2:])
        for role in have.keys() - need:
            yield have[role], f"{role} on {place} is more than {trial.scenario.name!r} needs"
        for role in need - have.keys():
            yield None, f"{role} on {place} is missing in {trial.scenario.name!r}"


def _role(trial: Trial, assignment: Resource) -> str:
    """Name the role of an assignment; its id where nobody knows it."""
    identity = shown(assignment.at("properties.roleDefinitionId"))
    if any(each.id == identity for each in trial.deployed.of(DEFINITION)):
        return OWN
    return ROLES.get(identity.split("/")[-1], identity)


def _wanted(trial: Trial) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each thing that rights are needed on, with their roles."""
    kinds = {
        "Microsoft.Storage/storageAccounts": frozenset(
            {
                "Storage Blob Data Owner",
                "Storage Queue Data Contributor",
                "Storage Table Data Contributor",
            }
        ),
        "Microsoft.Insights/components": frozenset({"Monitoring Metrics Publisher"}),
    }
    for kind, roles in kinds.items():
        yield from ((each.id, roles) for each in trial.deployed.of(kind))
    scenario = trial.scenario
    yield from ((registry, _plain(scenario)) for registry in scenario.plain)
    yield from ((registry, _abac(scenario)) for registry in scenario.abac)


def _plain(scenario: Scenario) -> frozenset[str]:
    if scenario.mode == "plan":
        return frozenset({"AcrPull"})
    return frozenset({"AcrPull", "AcrDelete"} | ({OWN} if scenario.include_locked else set()))


def _abac(scenario: Scenario) -> frozenset[str]:
    role = "Reader" if scenario.mode == "plan" else "Contributor"
    return frozenset({f"Container Registry Repository {role}", _LISTER})


def one_identity(trial: Trial) -> Iterator[Complaint]:
    """Every right is for the app's identity, as a service principal."""
    for each in trial.deployed.of(ASSIGNMENT):
        principal = each.at("properties.principalId")
        if not isinstance(principal, Unknown) or not principal.text.endswith("principalId"):
            yield each, "the right is not given to the app's identity"
        if each.at("properties.principalType") != "ServicePrincipal":
            yield each, "principalType is not ServicePrincipal"


def conditions(trial: Trial) -> Iterator[Complaint]:
    """Prefixes bind every role on an ABAC registry but the catalogue's, which cannot be bound."""
    for each in trial.deployed.of(ASSIGNMENT):
        role = _role(trial, each)
        binds = trial.scenario.prefixes and each.scope in trial.scenario.abac and role != _LISTER
        said = each.at("properties.condition")
        wanted = (_condition(trial.scenario), "2.0")
        if binds and (said, each.at("properties.conditionVersion")) != wanted:
            named = ", ".join(trial.scenario.prefixes)
            yield each, f"{role} is not bound to the repositories that begin with {named}"
        if not binds and said is not None:
            yield each, f"{role} has a condition that nobody asked for"


def _condition(scenario: Scenario) -> str:
    """Write the condition: any action that is none of these, or a repository of these.

    Source: https://learn.microsoft.com/azure/container-registry/container-registry-rbac-abac-repository-permissions
    """
    actions = _LOOKS if scenario.mode == "plan" else (*_LOOKS, *_CHANGES)
    others = " AND ".join(f"!(ActionMatches{{'{_REPOSITORY}/{action}'}})" for action in actions)
    named = " OR ".join(
        f"@Request[{_REPOSITORY}:name] StringStartsWith '{prefix}'" for prefix in scenario.prefixes
    )
    return f"(({others}) OR ({named}))"


def custom_role(trial: Trial) -> Iterator[Complaint]:
    """The role that unlocks can do that and no more, and only where the registry is."""
    for each in trial.deployed.of(DEFINITION):
        permissions = each.at("properties.permissions")
        if permissions not in (
            [{"actions": sorted(_UNLOCKS)}],
            [{"actions": sorted(_UNLOCKS), "dataActions": []}],
        ):
            yield each, "the role of its own may do more, or less, than unlock"
        if each.at("properties.assignableScopes") != [each.scope]:
            yield each, "the role of its own can be assigned elsewhere"


RULES: tuple[Rule, ...] = (assigned, one_identity, conditions, custom_role)
