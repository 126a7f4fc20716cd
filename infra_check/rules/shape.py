"""Rules of form: every resource fits the vendor's schema and has an id of its own."""

import re
from collections import Counter
from collections.abc import Iterator

from infra_check.rules import Complaint, Rule, Trial
from infra_check.schemas import schemas

_STORAGE_NAME = re.compile("[a-z0-9]{3,24}")
_GUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
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


RULES: tuple[Rule, ...] = (fits, own_ids, names)
