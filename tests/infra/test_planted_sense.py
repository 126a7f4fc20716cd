"""Deployments that are well formed and wrong: each is found by comparing them with the code."""

from pathlib import Path

import pytest

from tests.infra.planted import Mistake, found

MAIN, M = "infra/main.bicep", "infra/modules"
APP, STORAGE, REGISTRY = f"{M}/app.bicep", f"{M}/storage.bicep", f"{M}/registry.bicep"
NETWORK, ALERTS, LOGS = f"{M}/network.bicep", f"{M}/alerts.bicep", f"{M}/monitoring.bicep"
ENDPOINT, PARAMETERS = f"{M}/endpoint.bicep", "infra/main.parameters.json"
ACR_DELETE = "c2f4ef07-c644-48eb-af81-4b1b4947fb11"
ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"

SETTINGS = [
    Mistake(APP, "PURGE_MODE: mode", "PURGE_MOD: mode", "PURGE_MOD is read by nobody"),
    Mistake(APP, "  PURGE_MODE: mode\n", "", "the setting PURGE_MODE is missing"),
    Mistake(APP, "PURGE_MODE: mode", "PURGE_MODE: 'purge'", "PURGE_MODE is not plan"),
    Mistake(APP, "PURGE_SKU: registrySku", "PURGE_SKU: 'free'", "the app refuses its settings"),
    Mistake(MAIN, "'0 0 1 * * *'", "'0 1 * * *'", "the app refuses its settings"),
    Mistake(MAIN, "'purge-policy.yaml'", "'purge.yaml'", "the app refuses its settings"),
    Mistake(APP, "join(registries, ',')", "registries[0]", "does not name all registries"),
    Mistake(
        APP,
        "  AZURE_CLIENT_ID",
        "  FUNCTIONS_WORKER_RUNTIME: 'python'\n  AZURE_CLIENT_ID",
        "FUNCTIONS_WORKER_RUNTIME must not be set on Flex",
    ),
    Mistake(
        APP,
        "  AZURE_CLIENT_ID",
        "  AzureWebJobsStorage: 'AccountName=a;AccountKey=Yg=='\n  AZURE_CLIENT_ID",
        "AzureWebJobsStorage must not be set on Flex",
    ),
    Mistake(APP, "keyVaultReferenceIdentity: identityId", "", "not read with the one identity"),
    Mistake(APP, "credential: 'managedidentity'", "credential: 'managed'", "is not managedid"),
]
HOSTING = [
    Mistake(APP, "version: '3.13'", "version: '3.14'", "which CI does not test with"),
    Mistake(APP, "name: 'FC1'", "name: 'Y1'", "is not Flex Consumption"),
    Mistake(APP, "instanceMemoryMB: 2048", "instanceMemoryMB: 1024", "instanceMemoryMB is none"),
    Mistake(APP, "'UserAssignedIdentity'", "'SystemAssignedIdentity'", "the app's identity"),
    Mistake(APP, "value: deploymentContainer", "value: 'https://a/b'", "not stored in a container"),
    Mistake(APP, "'azd-service-name': 'purge'", "'azd-service-name': 'app'", "knows no service"),
    Mistake("azure.yaml", "  purge:\n", "  app:\n", "knows no service"),
    Mistake("azure.yaml", "remoteBuild: true", "remoteBuild: false", "install the requirements"),
    Mistake(STORAGE, "'purge-work-poison'", "'purge-poison'", "purge-work-poison is missing"),
    Mistake(STORAGE, "'PurgeLeases'", "'PurgeLease'", "the code knows no PurgeLease"),
    Mistake(
        MAIN,
        "storageName: storage.outputs.name\n    dep",
        "storageName: 'a'\n    dep",
        "another account",
    ),
]
RIGHTS = [
    Mistake(REGISTRY, f"plan: {{\n      AcrPull: '{ACR_PULL}'", "plan: {\n", "AcrPull on"),
    Mistake(REGISTRY, f"AcrPull: '{ACR_PULL}'", f"AcrPull: '{ACR_DELETE}'", "AcrDelete on"),
    Mistake(REGISTRY, f"AcrDelete: '{ACR_DELETE}'", f"AcrDelete: '{ACR_PULL[::-1]}'", "is more"),
    Mistake(REGISTRY, "roles[permissions][mode]", "roles[permissions].purge", "AcrDelete on"),
    Mistake(REGISTRY, "includeLocked && mode", "mode", "a role of its own on"),
    Mistake(REGISTRY, "&& mode == 'purge' ", "", "a role of its own on"),
    Mistake(REGISTRY, "'Microsoft.ContainerRegistry/registries/metadata/read'", "'*'", "do more"),
    Mistake(REGISTRY, "[resourceGroup().id]", "[subscription().id]", "assigned elsewhere"),
    Mistake(REGISTRY, " StringStartsWith ", " StringEquals ", "is not bound to"),
    Mistake(REGISTRY, "role.value == catalogLister ? null", "false ? null", "nobody asked for"),
    Mistake(STORAGE, "b7e6dc6d-", "b7e6dc6e-", "Storage Blob Data Owner on"),
    Mistake(LOGS, "scope: insights", "scope: workspace", "Monitoring Metrics Publisher on"),
    Mistake(LOGS, "principalType: 'ServicePrincipal'", "principalType: 'User'", "principalType"),
]
SAFETY = [
    Mistake(APP, "httpsOnly: true", "httpsOnly: false", "httpsOnly is False"),
    Mistake(APP, "minTlsVersion: '1.2'", "minTlsVersion: '1.0'", "minTlsVersion is '1.0'"),
    Mistake(APP, "http20Enabled: true", "ftpsState: 'Disabled'", "ftpsState must be left out"),
    Mistake(APP, "allow: false", "allow: true", "not refused for ftp"),
    Mistake(STORAGE, "allowSharedKeyAccess: false", "allowSharedKeyAccess: true", "SharedKey"),
    Mistake(STORAGE, "'TLS1_2'", "'TLS1_0'", "minimumTlsVersion"),
    Mistake(STORAGE, "allowBlobPublicAccess: false", "allowBlobPublicAccess: true", "BlobPublic"),
    Mistake(STORAGE, "private ? 'Disabled'", "private ? 'Enabled'", "publicNetworkAccess must be"),
    Mistake(STORAGE, "private ? 'Deny'", "private ? 'Allow'", "networkAcls.defaultAction"),
    Mistake(LOGS, "DisableLocalAuth: true", "DisableLocalAuth: false", "DisableLocalAuth"),
    Mistake(MAIN, "['blob', 'queue', 'table']", "['blob', 'queue']", "endpoint for table"),
    Mistake(NETWORK, "'Microsoft.App/environments'", "'Microsoft.Web/serverFarms'", "delegated"),
    Mistake(MAIN, "if (network == 'isolated')", "if (private)", "endpoint for sites where"),
    Mistake(LOGS, "Id: workspace.id", "Id: insights.id", "telemetry goes to another workspace"),
    Mistake(APP, "category: 'FunctionAppLogs'", "category: 'AppLogs'", "FunctionAppLogs of"),
    Mistake(STORAGE, "scope: tableService", "scope: queueService", "tableServices/default is not"),
    Mistake(STORAGE, "category: 'StorageDelete'", "category: 'StorageRead'", "StorageDelete of"),
]
ALERT = [
    Mistake(ALERTS, '"purge-run-began "', '"purge-run-ended "', "not for ['purge-run-began '"),
    Mistake(ALERTS, 'Message startswith "purge-run-began " or ', "", "not for ['purge-run-began '"),
    Mistake(ALERTS, "run.troubled", "run.trouble", "the code logs no 'trouble'"),
    Mistake(ALERTS, '"failed", "held"', '"failure", "held"', "never is 'failure'"),
    Mistake(ALERTS, '"mark_failed"', '"mark_poison"', "no function 'mark_poison'"),
    Mistake(ALERTS, "'P2D'", "'PT26H'", "none that Azure takes"),
    Mistake(ALERTS, "'P2D'", "'P1D'", "further back than the window"),
    Mistake(ALERTS, "measure: 'runs'", "measure: 'n'", "one row"),
    Mistake(ALERTS, "dcount(tostring(run.registry))", "count() by x", "one row"),
    Mistake(ALERTS, "threshold: registryCount", "threshold: 1", "each of 2 registries"),
    Mistake(ALERTS, "ago(26h)", "ago(20h)", "no alert of the sort 'missing'"),
    Mistake(ALERTS, "enabled: nightly", "enabled: true", "nobody expects a run"),
    Mistake(MAIN, "nightly && !paused", "nightly", "nobody expects a run"),
    Mistake(ALERTS, "ends == 0 and began < ago(26h)", "ends == 0", "of the sort 'endless'"),
]
PAUSED_AND_TUNED = [
    Mistake(MAIN, "    paused: paused\n", "    paused: false\n", "where paused is True"),
    Mistake(APP, "paused ? 'true' : 'false'", "paused ? 'yes' : 'false'", "must be true where"),
    Mistake(APP, "'AzureWebJobs.work.Dis", "'AzureWebJobs.works.Dis", "works.Disabled is read by"),
    Mistake(APP, "  'AzureWebJobs.nightly.Disabled': stopped\n", "", "nightly.Disabled must be"),
    Mistake("function_app.py", "def nightly(", "def at_night(", "at_night.Disabled must be false"),
    Mistake(APP, "union(tuned, {", "union({}, {", "PURGE_RETENTION is not handed on"),
    Mistake(
        MAIN,
        "    webhookUrl: webhookUrl",
        "    webhookUrl: ''",
        "PURGE_WEBHOOK_URL is not handed on",
    ),
    Mistake(PARAMETERS, '"PURGE_RETENTION"', '"PURGE_KEEP"', "is handed on and not tried"),
    Mistake(PARAMETERS, "{PURGE_RETENTION}", "{PURGE_SKU}", "filled in by another variable"),
    Mistake(MAIN, "output PURGE_TABLES", "output PURGE_JOURNAL", "is an output, which azd"),
]
NETWORKS = [
    Mistake(MAIN, "private && empty(appSubnetId)", "private", "1 networks are made in"),
    Mistake(MAIN, ": private ? appSubnetId", ": private ? endpointSubnetId", "that it was given"),
    Mistake(MAIN, "empty(addresses) ? ", "true ? ", "other addresses than 10.9.8.0/25"),
    Mistake(
        MAIN, "networking!.outputs.endpointSubnetId", "networking!.outputs.appSubnetId", "other"
    ),
    Mistake(ENDPOINT, "empty(known) ? zone.id : known[0]", "zone.id", "is not in its zone"),
    Mistake(ENDPOINT, "if (empty(known)) {\n  par", "if (!empty(known)) {\n  par", "not linked"),
    Mistake(
        ENDPOINT,
        "= if (empty(known)) {\n  name: zoneName",
        "= {\n  name: zoneName",
        "made needlessly",
    ),
    Mistake(
        MAIN, "privatelink.azurewebsites.net", "privatelink.azurewebsite.net", "not made where"
    ),
]
PROJECT = [
    Mistake("host.json", '"00:30:00"', '"00:20:00"', "PURGE_TIME_BUDGET"),
    Mistake("host.json", '"batchSize": 1', '"batchSize": 16', "batchSize"),
    Mistake("host.json", '"base64"', '"none"', "messageEncoding"),
    Mistake("host.json", "Exception;Trace", "Exception", "sampling could drop"),
    Mistake("infra/main.parameters.json", '"mode"', '"modus"', "no parameter 'modus'"),
    Mistake("infra/main.parameters.json", '"schedule"', '"policy2"', "cannot be set with azd"),
    Mistake("infra/main.parameters.json", '"${PURGE_SCHEDULE}"', '"0 0 2 * * *"', "no variable"),
]


@pytest.mark.parametrize(
    "mistake",
    [*SETTINGS, *HOSTING, *RIGHTS, *SAFETY, *ALERT, *PROJECT, *PAUSED_AND_TUNED, *NETWORKS],
    ids=str,
)
def test_is_found(mistake: Mistake, tmp_path: Path) -> None:
    """The mistake is told, in words that say what is wrong."""
    problems = found(tmp_path, mistake)
    assert any(mistake.complaint in problem.message for problem in problems), problems
