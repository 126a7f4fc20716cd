"""Mistakes of form in Bicep, each of which is found: names, types, missing and read-only values."""

from pathlib import Path

import pytest

from tests.infra.planted import Mistake, found

MAIN, M = "infra/main.bicep", "infra/modules"
APP, STORAGE, REGISTRY = f"{M}/app.bicep", f"{M}/storage.bicep", f"{M}/registry.bicep"
NETWORK, ALERTS, LOGS = f"{M}/network.bicep", f"{M}/alerts.bicep", f"{M}/monitoring.bicep"
ENDPOINT = f"{M}/endpoint.bicep"

MISTAKES = [
    # --- what is written ---
    Mistake(APP, "resource plan 'Microsoft", "resource plan Microsoft", "does not end"),
    Mistake(APP, "    reserved: true\n  }\n}", "    reserved: true\n  }\n", "is missing"),
    Mistake(APP, "token string\n", "token string = 'x\n", "does not end"),
    # --- symbols ---
    Mistake(APP, "serverFarmId: plan.id", "serverFarmId: plam.id", "there is no 'plam'"),
    Mistake(APP, "isolated ? 'Disabled'", "isolatd ? 'Disabled'", "there is no 'isolatd'"),
    Mistake(ALERTS, "[people.id]", "[peeple.id]", "there is no 'peeple'"),
    Mistake(APP, "param token string", "param token string\nparam other string", "used nowhere"),
    Mistake(APP, "param isolated bool", "param isolated bool\nvar token = ''", "is there twice"),
    Mistake(APP, "join(registries, ',')", "joined(registries, ',')", "no function 'joined'"),
    Mistake(ENDPOINT, "zone.id", "zone.ID", "has no 'ID'"),
    Mistake(
        LOGS, "insights.properties.ConnectionString", "insights.properties.Connection", "has no"
    ),
    Mistake("infra/modules/identity.bicep", "properties.clientId", "properties.clientID", "has no"),
    # --- modules ---
    Mistake(MAIN, "    isolated: network", "    closed: network", "no parameter 'closed'"),
    Mistake(MAIN, "    location: location\n    tags: tags\n  }", "    tags: tags\n  }", "missing"),
    Mistake(MAIN, "storage.outputs.name\n    dep", "storage.outputs.nam\n    dep", "no 'nam'"),
    Mistake(MAIN, "'modules/app.bicep'", "'modules/application.bicep'", "there is no module"),
    Mistake(MAIN, "length(registries)\n", "registries\n", "not of type int"),
    Mistake(MAIN, "paused bool = false", "paused bool = 'no'", "not of type bool"),
    Mistake(MAIN, "tuning object = {}", "tuning array = []", "not of type array"),
    Mistake(MAIN, "mode string = 'plan'", "mode string = 'look'", "which is not allowed"),
    # --- schemas ---
    Mistake(APP, "httpsOnly: true", "httpOnly: true", "httpsOnly does"),
    Mistake(APP, "sites@2024-11-01'", "sites@2019-11-01'", "no type and version"),
    Mistake(APP, "name: 'python'", "name: 'phyton'", "not one of"),
    Mistake(APP, "instanceMemoryMB: 2048", "instanceMemoryMB: '2048'", "not of type int"),
    Mistake(APP, "allow: false", "allow: 'false'", "not of type bool"),
    Mistake(STORAGE, "    name: 'Standard_LRS'", "    tier: 'Standard'", "sku.name is missing"),
    Mistake(STORAGE, "kind: 'StorageV2'", "kind: 'StorageV3'", "not one of"),
    Mistake(STORAGE, "accessTier: 'Hot'", "creationTime: 'now'", "is read only"),
    Mistake(NETWORK, "addressPrefixes: [addresses]", "addressPrefixes: addresses", "not a list"),
    Mistake(ENDPOINT, "registrationEnabled: false", "registration: false", "does not exist"),
    Mistake(ALERTS, "operator: 'LessThan'", "operator: 'Less'", "not one of"),
    Mistake(REGISTRY, "    principalId: principalId\n", "", "principalId is missing"),
    # --- names of resources ---
    Mistake(MAIN, "name: 'stpurge${token}'", "name: 'st-purge-${token}'", "is no name of a"),
    Mistake(REGISTRY, "name: guid(registry.id, principalId, role.value)", "name: 'r'", "no GUID"),
    Mistake(STORAGE, "guid(account.id, principalId, role.value)", "guid(account.id)", "are two of"),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_is_found(mistake: Mistake, tmp_path: Path) -> None:
    """The mistake is told, in its own words and not only by what follows from it."""
    problems = found(tmp_path, mistake)
    assert any(mistake.complaint in problem.message for problem in problems), problems
