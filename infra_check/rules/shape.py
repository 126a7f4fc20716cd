"""Rules of form: every resource fits the vendor's schema and has an id of its own."""

import re
from collections import Counter
from collections.abc import Iterator

from infra_check.rules import Complaint, Rule, Trial
from infra_check.schemas import schemas

_STORAGE_NAME = re.compile("[a-z0-9]{3,24}")
_GUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONGEST = {
    "Microsoft.Resources/resourceGroups": 90,
    "Microsoft.ManagedIdentity/userAssignedIdentities": 128,
    "Microsoft.OperationalInsights/workspaces": 63,
    "Microsoft.Web/serverfarms": 60,
    "Microsoft.Web/sites": 32,
    "Microsoft.Network/virtualNetworks": 64,
    "Microsoft.Network/privateEndpoints": 64,
}
"""Characters of a name; an app's host knows itself by no more than the first 32 of them.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
"""
_RANGES = {
    (
        "Microsoft.Web/sites",
        "properties.functionAppConfig.scaleAndConcurrency.maximumInstanceCount",
    ): (
        1,
        1000,
    ),
    ("Microsoft.OperationalInsights/workspaces", "properties.retentionInDays"): (30, 730),
    (
        "Microsoft.Storage/storageAccounts/blobServices",
        "properties.deleteRetentionPolicy.days",
    ): (1, 365),
    ("Microsoft.Insights/scheduledQueryRules", "properties.severity"): (0, 4),
}
"""Least and most of a number, which the schemas do not tell. Source: the reference of each type."""
_SHORT_NAME = 12
_GUID_NAMED = {"Microsoft.Authorization/roleAssignments", "Microsoft.Authorization/roleDefinitions"}


def fits(trial: Trial) -> Iterator[Complaint]:
    """Hold each resource to the schema of its type and version."""
    for resource in trial.deployed.resources:
        schema = schemas().get(resource.versioned)
        if schema is None:
            yield resource, f"{resource.versioned} is no type and version that the checks know"
        elif not resource.existing:
            yield from ((resource, misfit) for misfit in schema.misfits(resource.body))


def own_ids(trial: Trial) -> Iterator[Complaint]:
    """Find two resources that would be one."""
    made = [each for each in trial.deployed.resources if not each.existing]
    counts = Counter(each.id.lower() for each in made)
    for resource in made:
        if counts[resource.id.lower()] > 1:
            yield resource, f"there are two of {resource.id}"


def names(trial: Trial) -> Iterator[Complaint]:
    """Hold names to what Azure takes."""
    for resource in trial.deployed.resources:
        if resource.type == "Microsoft.Storage/storageAccounts":
            if not _STORAGE_NAME.fullmatch(resource.name):
                yield resource, f"{resource.name!r} is no name of a storage account"
        elif resource.type in _GUID_NAMED and not _GUID.fullmatch(resource.name):
            yield resource, f"{resource.name!r} is no GUID, as the name of a {resource.type} is"


def sizes(trial: Trial) -> Iterator[Complaint]:
    """Hold numbers and lengths to what Azure takes."""
    for resource in trial.deployed.resources:
        longest = _LONGEST.get(resource.type)
        if longest is not None and len(resource.name) > longest:
            yield resource, f"{resource.name!r} has more than {longest} characters"
    for (kind, path), (least, most) in _RANGES.items():
        for resource in trial.deployed.of(kind):
            value = resource.at(path)
            if not isinstance(value, int) or not least <= value <= most:
                yield resource, f"{path} is {value!r}, not between {least} and {most}"
    for resource in trial.deployed.of("Microsoft.Insights/actionGroups"):
        name = resource.at("properties.groupShortName")
        if len(str(name)) > _SHORT_NAME:
            yield resource, f"groupShortName {name!r} has more than {_SHORT_NAME} characters"


RULES: tuple[Rule, ...] = (fits, own_ids, names, sizes)
