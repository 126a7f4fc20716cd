"""Refreshes schemas/vendor.json from the vendor's package: ``make infra-schemas``.

The package (msmcp-azure, MIT licence) holds the schemas of all of Azure in a program of 160 MB for
one platform each, so what the checks need of it is kept here instead: the types in ``TYPES``,
without their descriptions. It answers offline.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

PACKAGE: Final = "msmcp-azure==3.0.0"
FILE: Final = Path(__file__).parent / "schemas" / "vendor.json"
TYPES: Final = (
    "Microsoft.Authorization/roleAssignments",
    "Microsoft.Authorization/roleDefinitions",
    "Microsoft.ContainerRegistry/registries",
    "Microsoft.Insights/components",
    "Microsoft.ManagedIdentity/userAssignedIdentities",
    "Microsoft.Network/privateEndpoints",
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
    "Microsoft.Network/virtualNetworks",
    "Microsoft.OperationalInsights/workspaces",
    "Microsoft.Resources/resourceGroups",
    "Microsoft.Storage/storageAccounts",
    "Microsoft.Storage/storageAccounts/blobServices",
    "Microsoft.Storage/storageAccounts/blobServices/containers",
    "Microsoft.Storage/storageAccounts/queueServices",
    "Microsoft.Storage/storageAccounts/queueServices/queues",
    "Microsoft.Storage/storageAccounts/tableServices",
    "Microsoft.Storage/storageAccounts/tableServices/tables",
    "Microsoft.Web/serverfarms",
    "Microsoft.Web/sites",
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies",
)

Json = dict[str, Any]


def main() -> None:
    """Ask for every type and write the file."""
    resources: Json = {}
    for name in TYPES:
        answer = _ask(name)
        resource = next(part for part in answer if part["$type"] == "Resource")
        resources[resource["name"]] = _compact(resource["bodyType"], answer)
    source = f"{PACKAGE} (MIT licence, Copyright (c) Microsoft Corporation): azmcp bicepschema get"
    document = {"source": source, "resources": resources}
    FILE.write_text(json.dumps(document, indent=0, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{FILE.name}: {len(resources)} types, {FILE.stat().st_size:,} bytes")


def _ask(name: str) -> list[Json]:
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "tool", "run", "--system-certs", "--from", PACKAGE, "azmcp"]
    done = subprocess.run(
        [*command, "bicepschema", "get", "--resource-type", name],
        env={**os.environ, "AZURE_MCP_COLLECT_TELEMETRY": "false"},
        capture_output=True,
        text=True,
        check=True,
    )
    answer: list[Json] = json.loads(done.stdout)["results"]["BicepSchemaResult"]
    return answer


def _compact(body: Json, answer: Iterable[Json]) -> Json:
    """Keep a resource's body and the objects that it leads to."""
    known = {part["name"]: part for part in answer if "Object" in part["$type"]}
    kept: Json = {}
    waiting = ["body"]
    objects = {**known, "body": body}
    while waiting:
        name = waiting.pop()
        if name not in kept:
            kept[name] = _object(objects[name])
            waiting += [n for n in _named(kept[name]) if n in objects]
    return kept


def _object(part: Json) -> Json:
    if part["$type"] == "DiscriminatedObject":
        return {
            "by": part["discriminator"],
            "base": _properties(part["baseProperties"]),
            "one": [_properties(each["properties"]) for each in part["elements"]],
        }
    more = part.get("additionalPropertiesType")
    return {"is": _properties(part.get("properties", []))} | ({"more": more} if more else {})


def _properties(listed: Iterable[Json]) -> dict[str, str]:
    """Write each property as its type, and what is special about it."""
    return {each["name"]: _written(each) for each in listed}


def _written(each: Json) -> str:
    flags = each.get("flags", "").split(", ")
    marks = "!" * ("Required" in flags) + "=" * ("ReadOnly" in flags)
    return f"{marks} {each['type']}"


def _named(part: Mapping[str, Any]) -> Iterator[str]:
    """Name the types that a written object leads to."""
    groups = [part.get("is", {}), part.get("base", {}), *part.get("one", [])]
    for group in groups:
        for text in group.values():
            kind = text.partition(" ")[2]
            yield from (name.removesuffix("[]") for name in kind.split(" | "))
    if "more" in part:
        yield part["more"].removesuffix("[]")


if __name__ == "__main__":
    main()
