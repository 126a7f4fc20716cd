"""Mistakes in the Terraform variant, each found: by itself, or as a difference to Bicep."""

from pathlib import Path

import pytest

from tests.infra.planted import Mistake, found

T = "infra/terraform"
APP, STORAGE, REGISTRIES = f"{T}/app.tf", f"{T}/storage.tf", f"{T}/registries.tf"
VARIABLES = f"{T}/variables.tf"
MAIN, ALERTS, NETWORK = f"{T}/main.tf", f"{T}/alerts.tf", f"{T}/network.tf"
ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"

MISTAKES = [
    # --- form ---
    Mistake(APP, "body = {", "body = {{", "Unexpected token"),
    Mistake(APP, "azapi_resource.plan.id", "azapi_resource.plam.id", "no 'azapi_resource.plam'"),
    Mistake(APP, "local.client_id\n", "local.client\n", "there is no 'local.client'"),
    Mistake(APP, "= var.mode", "= var.mod", "there is no 'var.mod'"),
    Mistake(MAIN, "  private ", "  spare        = 1\n  private ", "'local.spare' is used nowhere"),
    Mistake(MAIN, "  private ", "  given        = 1\n  private ", "'local.given' is there twice"),
    Mistake(MAIN, "substr(sha256(", "substr(md5(", "no function 'md5'"),
    Mistake(APP, "httpsOnly  ", "httpOnly  ", "httpsOnly does"),
    Mistake(APP, "sites@2024-11-01", "sites@2018-11-01", "no type and version"),
    Mistake(APP, "reserved = true", 'reserved = "yes"', "not of type bool"),
    Mistake(STORAGE, '"TLS1_2"', '"TLS12"', "not one of"),
    Mistake(STORAGE, '    sku = {\n      name = "Standard_LRS"\n    }\n', "", "sku is missing"),
    Mistake(STORAGE, "accessTier   ", "creationTime ", "is read only"),
    Mistake(MAIN, '["properties.clientId", ', "[", "does not ask for properties.clientId"),
    Mistake(APP, '.defaultHostName"]', '.defaultHost"]', "does not ask for"),
    Mistake(APP, "  ignore_null_property   = true\n", "", "a null would be sent"),
    Mistake(APP, "  identity {", "  timeout = 3\n  identity {", "has no 'timeout'"),
    Mistake(VARIABLES, '"plan", "purge"', '"look", "purge"', "plan or purge."),
    # --- sense ---
    Mistake(APP, "PURGE_MODE  ", "PURGE_MODUS ", "PURGE_MODUS is read by nobody"),
    Mistake(APP, 'version = "3.13"', 'version = "3.9"', "which CI does not test with"),
    Mistake(APP, '"1.2"', '"1.1"', "minTlsVersion is '1.1'"),
    Mistake(APP, '["ftp", "scm"]', '["ftp"]', "not refused for scm"),
    Mistake(STORAGE, '"purge-work-poison"', '"purge-poison"', "purge-work-poison is missing"),
    Mistake(STORAGE, '"PurgeLeases", ', "", "PurgeLeases is missing"),
    Mistake(
        STORAGE, "allowSharedKeyAccess         = false", "allowSharedKeyAccess = true", "Shared"
    ),
    Mistake(REGISTRIES, "[var.mode]", '["purge"]', "AcrDelete on"),
    Mistake(REGISTRIES, ACR_PULL, ACR_PULL[::-1], "AcrPull on"),
    Mistake(REGISTRIES, "var.include_locked &&", "", "a role of its own on"),
    Mistake(REGISTRIES, "registries/metadata/write", "registries/*", "may do more"),
    Mistake(ALERTS, '"purge-run-began "', '"run-began "', "not for ['purge-run-began '"),
    Mistake(ALERTS, "ago(26h)", "ago(20h)", "no alert of the sort 'missing'"),
    Mistake(ALERTS, '"P2D"', '"PT26H"', "none that Azure takes"),
    Mistake(ALERTS, "var.nightly && !var.paused", "var.nightly", "nobody expects a run"),
    Mistake(APP, '"AzureWebJobs.work.Disabled"', '"AzureWebJobs.w.Disabled"', "is read by nobody"),
    Mistake(APP, '"true" : "false"', '"1" : "0"', "must be true where paused is True"),
    Mistake(APP, 'if value != ""', 'if value == ""', "PURGE_RETENTION is not handed on"),
    Mistake(APP, "= var.webhook_url", '= ""', "PURGE_WEBHOOK_URL is not handed on"),
    Mistake(APP, "= azapi_resource.identity.id\n", '= ""\n', "not read with the one identity"),
    Mistake(VARIABLES, '      "PURGE_RETENTION",\n', "", "No such setting"),
    Mistake(VARIABLES, "default     = {}", 'default     = ""', "not of type map"),
    Mistake(APP, "local.app_subnet :", "local.endpoint_subnet :", "that it was given"),
    Mistake(NETWORK, ": var.app_subnet_id", ': ""', "that it was given"),
    Mistake(NETWORK, "26 - local.length", "2", "is not as in Bicep"),
    Mistake(NETWORK, "if !contains", "if contains", "made needlessly"),
    Mistake(NETWORK, "? local.known_zones[each.value] ", "? each.value ", "is not in its zone"),
    Mistake(STORAGE, "974c5e8b-", "974c5e8c-", "Storage Queue Data Contributor on"),
    Mistake(STORAGE, '"StorageDelete"', '"StorageRead"', "StorageDelete of"),
    Mistake(APP, '"FunctionAppLogs"', '"AppLogs"', "FunctionAppLogs of"),
    Mistake(NETWORK, 'var.network == "isolated"', "local.private", "endpoint for sites where"),
    # --- difference ---
    Mistake(APP, "maximumInstanceCount = 40", "maximumInstanceCount = 100", "is not as in Bicep"),
    Mistake(STORAGE, "    days    = 7", "    days    = 1", "is not as in Bicep"),
    Mistake(ALERTS, '"PT1H"', '"PT6H"', "is not as in Bicep"),
    Mistake("infra/modules/monitoring.bicep", "Days: 90", "Days: 30", "is not as in Bicep"),
    Mistake("infra/modules/storage.bicep", "'changes'", "'all'", "0 of them, and 1 in Bicep"),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_is_found(mistake: Mistake, tmp_path: Path) -> None:
    """The mistake is told, in words that say what is wrong."""
    problems = found(tmp_path, mistake)
    assert any(mistake.complaint in problem.message for problem in problems), problems
