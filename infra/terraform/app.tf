# The function app, on Flex Consumption, which knows no FTP. What it logs goes to the workspace twice: through Application Insights,
# which the alerts ask, and by the platform itself, which needs no identity. docs/configuration.md explains every PURGE_ setting.
locals {
  client_id = azapi_resource.identity.output.properties.clientId
  stopped   = var.paused ? "true" : "false"
  tuned     = merge(var.tuning, { PURGE_WEBHOOK_URL = var.webhook_url })
  # What is fixed here wins.
  settings = merge({ for name, value in local.tuned : name => value if value != "" }, {
    AzureWebJobsStorage__accountName          = azapi_resource.storage.name
    AzureWebJobsStorage__credential           = "managedidentity"
    AzureWebJobsStorage__clientId             = local.client_id
    AZURE_CLIENT_ID                           = local.client_id
    APPLICATIONINSIGHTS_CONNECTION_STRING     = azapi_resource.insights.output.properties.ConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING = "ClientId=${local.client_id};Authorization=AAD"
    PURGE_REGISTRIES                          = join(",", [for id, permissions in local.registries : data.azapi_resource.registry[id].output.properties.loginServer])
    PURGE_MODE                                = var.mode
    PURGE_SCHEDULE                            = var.schedule
    PURGE_POLICY                              = var.policy
    PURGE_SKU                                 = var.registry_sku
    # The host starts neither function while this is true: no night begins, and the queue keeps its messages.
    "AzureWebJobs.nightly.Disabled" = local.stopped
    "AzureWebJobs.work.Disabled"    = local.stopped
  })
}

resource "azapi_resource" "plan" {
  type      = "Microsoft.Web/serverfarms@2024-11-01"
  name      = "plan-purge-${local.token}"
  parent_id = azapi_resource.group.id
  location  = var.location
  tags      = local.tags
  body = {
    kind = "functionapp"
    sku = {
      name = "FC1"
      tier = "FlexConsumption"
    }
    properties = {
      reserved = true
    }
  }
}

resource "azapi_resource" "site" {
  type      = "Microsoft.Web/sites@2024-11-01"
  name      = "func-purge-${local.token}"
  parent_id = azapi_resource.group.id
  location  = var.location
  tags      = local.tags
  identity {
    type         = "UserAssigned"
    identity_ids = [azapi_resource.identity.id]
  }
  body = {
    kind = "functionapp,linux"
    properties = {
      serverFarmId              = azapi_resource.plan.id
      keyVaultReferenceIdentity = azapi_resource.identity.id
      httpsOnly                 = true
      publicNetworkAccess       = var.network == "isolated" ? "Disabled" : "Enabled"
      virtualNetworkSubnetId    = local.private ? local.app_subnet : null
      functionAppConfig = {
        deployment = {
          storage = {
            type  = "blobContainer"
            value = "${azapi_resource.storage.output.properties.primaryEndpoints.blob}${azapi_resource.packages.name}"
            authentication = {
              type                           = "UserAssignedIdentity"
              userAssignedIdentityResourceId = azapi_resource.identity.id
            }
          }
        }
        runtime = {
          name    = "python"
          version = "3.13"
        }
        scaleAndConcurrency = {
          instanceMemoryMB     = 2048
          maximumInstanceCount = 40
        }
      }
      siteConfig = {
        minTlsVersion          = "1.2"
        scmMinTlsVersion       = "1.2"
        http20Enabled          = true
        remoteDebuggingEnabled = false
        appSettings            = [for name, value in local.settings : { name = name, value = value }]
      }
    }
  }
  ignore_null_property   = true
  response_export_values = ["properties.defaultHostName"]
}

# They come with the app.
resource "azapi_update_resource" "passwords" {
  for_each  = toset(["ftp", "scm"])
  type      = "Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01"
  name      = each.value
  parent_id = azapi_resource.site.id
  body = {
    properties = {
      allow = false
    }
  }
}

resource "azapi_resource" "site_log" {
  type      = "Microsoft.Insights/diagnosticSettings@2021-05-01-preview"
  name      = "log"
  parent_id = azapi_resource.site.id
  body = {
    properties = {
      workspaceId = azapi_resource.workspace.id
      logs = [
        {
          category = "FunctionAppLogs"
          enabled  = true
        }
      ]
    }
  }
}
