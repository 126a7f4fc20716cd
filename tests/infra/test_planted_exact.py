"""Deployments that look right and are not: what a schema and names alone do not show."""

from pathlib import Path

import pytest

from tests.infra.planted import Mistake, found

MAIN, M = "infra/main.bicep", "infra/modules"
APP, STORAGE, REGISTRY = f"{M}/app.bicep", f"{M}/storage.bicep", f"{M}/registry.bicep"
NETWORK, ALERTS, LOGS = f"{M}/network.bicep", f"{M}/alerts.bicep", f"{M}/monitoring.bicep"
ENDPOINT, PARAMETERS = f"{M}/endpoint.bicep", "infra/main.parameters.json"
BOUND = "is not bound to the repositories that begin with shop/"
POISON = "    query: poisoned\n    measure: 'messages'\n    operator: 'GreaterThan'\n"

IDENTITY = [
    Mistake(MAIN, "clientId: identity.outputs.clientId", "clientId: token", "AZURE_CLIENT_ID is"),
    Mistake(APP, ";Authorization=AAD", "", "APPLICATIONINSIGHTS_AUTHENTICATION_STRING is"),
    Mistake(LOGS, "properties.ConnectionString", "properties.AppId", "CONNECTION_STRING is"),
    Mistake(APP, "ResourceId: identityId", "ResourceId: clientId", "is not the id of the app's"),
    Mistake(STORAGE, "Endpoints.blob", "Endpoints.queue", "not stored in a container"),
]
CONDITIONS = [
    Mistake(REGISTRY, "'content/delete', ", "", BOUND),
    Mistake(REGISTRY, "}) OR (${named", "}) AND (${named", BOUND),
    Mistake(REGISTRY, "'!(ActionMatches{", "'(ActionMatches{", BOUND),
    Mistake(REGISTRY, ":name] StringStarts", ":tag] StringStarts", BOUND),
]
ALERT = [
    Mistake(ALERTS, "enabled: true\n    severity: 2", "enabled: false\n    severity: 2", "is off"),
    Mistake(ALERTS, f"{POISON}    threshold: 0", f"{POISON}    threshold: 9", "at the first that"),
    Mistake(ALERTS, POISON, POISON.replace("Greater", "Less"), "at the first that it finds"),
    Mistake(ALERTS, "window: 'PT2H'", "window: 'PT5M'", "between two windows"),
    Mistake(
        ALERTS, "(run.registry))\n", "(run.registry)) by tostring(run.registry)\n", "it has no"
    ),
]
QUERIES = [
    Mistake(ALERTS, "AppTraces\n", "traces\n", "there is no 'Message' in traces"),
    Mistake(ALERTS, "where TimeGenerated", "where timestamp", "there is no 'timestamp' in AppT"),
    Mistake(ALERTS, "'Total'", "'Count'", "timeAggregation is not Total"),
    Mistake(ALERTS, "ToAlert: 1", "ToAlert: 6", "the alert waits, or is silent"),
    Mistake(ALERTS, "autoMitigate: true", "muteActionsDuration: 'P1D'", "waits, or is silent"),
]
NETWORKS = [
    Mistake(ENDPOINT, "Enabled: false", "Enabled: true", "would write their names into"),
    Mistake(NETWORK, "(addresses, 27, 2)", "(addresses, 27, 1)", "endpoints share addresses"),
    Mistake(NETWORK, "(addresses, 27, 2)", "('10.1.0.0/24', 27, 2)", "outside of the network"),
    Mistake(NETWORK, "(addresses, 26, 0)", "(addresses, 28, 0)", "app is smaller than a /27"),
]
AZD = [
    Mistake(PARAMETERS, "{PURGE_MODE=plan}", "{PURGE_MODE=purge}", "'mode' is 'plan' by default"),
    Mistake(PARAMETERS, "LOCKED=false", "LOCKED=true", "'includeLocked' is 'false' by default"),
    Mistake(PARAMETERS, "{PURGE_SCHEDULE}", "{PURGE_POLICY}", "is filled in by PURGE_POLICY"),
    Mistake(MAIN, "'azd-env-name'", "'env'", "the tag azd-env-name is not 'purge'"),
    Mistake(APP, "'azd-service-name'", "'service'", "the tag azd-service-name is not 'purge'"),
    Mistake(MAIN, "output AZURE_RESOURCE_GROUP", "output GROUP", "not name the resource group"),
    Mistake(MAIN, "string = app.outputs.url", "string = webhookUrl", "PURGE_APP_URL tells the"),
    Mistake(MAIN, "@secure()\n", "", "'webhookUrl' is a secret and not @secure()"),
    Mistake(APP, "@secure()\n", "", "'webhookUrl' is a secret and not @secure()"),
]
APART = [
    Mistake(STORAGE, "name: name\n  location", "name: 'stpurge'\n  location", "both make stpurge"),
    Mistake(
        REGISTRY,
        "guid(registry.id, principalId, role.value)",
        "guid(registry.id, role.value)",
        "two environments would both make",
    ),
]
AZURE = [
    Mistake("azure.yaml", "path: infra", "path: infrastructure", "not deploy infra/main.bicep"),
    Mistake("azure.yaml", "provider: bicep", "provider: terraform", "not deploy infra/main.bicep"),
    Mistake("azure.yaml", "project: .", "project: src", "is no folder with a host.json"),
    Mistake("azure.yaml", "  predown:", "  postdown:", "nothing stops azd down (posix)"),
    Mistake(
        "azure.yaml", "        exit 1\n    w", "        exit 0\n    w", "stops azd down (posix)"
    ),
]
SIZES = [
    Mistake(APP, "InstanceCount: 40", "InstanceCount: 0", "not between 1 and 1000"),
    Mistake(APP, "'func-purge-${token}'", "'function-app-that-purges-${token}'", "more than 32"),
    Mistake(LOGS, "InDays: 90", "InDays: 7", "not between 30 and 730"),
    Mistake(STORAGE, "days: 7", "days: 0", "not between 1 and 365"),
    Mistake(ALERTS, "'acr-purge'", "'acr-purge-alerts'", "has more than 12 characters"),
]
OPEN = [
    Mistake(STORAGE, "bypass: 'None'", "bypass: 'AzureServices'", "networkAcls.bypass is"),
    Mistake(STORAGE, "'StorageV2'", "'BlobStorage'", "kind is 'BlobStorage'"),
    Mistake(STORAGE, "'Standard_LRS'", "'Premium_LRS'", "sku.name is 'Premium_LRS'"),
    Mistake("host.json", '"00:30:00"', '"-1"', "functionTimeout leaves"),
    Mistake(APP, "Enabled: true\n", "Enabled: true\n cors: {allowedOrigins: ['*']}\n", "cors is"),
    Mistake("host.json", '"Azure.Core"', '"Function"', "logLevel.Function could drop"),
]


PARTS = (IDENTITY, CONDITIONS, ALERT, QUERIES, NETWORKS, AZD, APART, AZURE, SIZES, OPEN)


@pytest.mark.parametrize("mistake", [each for part in PARTS for each in part], ids=str)
def test_is_found(mistake: Mistake, tmp_path: Path) -> None:
    """The mistake is told, in words that say what is wrong."""
    problems = found(tmp_path, mistake)
    assert any(mistake.complaint in problem.message for problem in problems), problems


def test_the_longest_environment_is_tried(tmp_path: Path) -> None:
    """A name that follows the environment's can be too long, where the others are not."""
    name = "'plan-${tags['azd-env-name']}-${token}${token}'"
    problems = found(tmp_path, Mistake(APP, "'plan-purge-${token}'", name, "characters"))
    assert any("has more than 60 characters" in each.message for each in problems), problems
