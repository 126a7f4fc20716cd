# Where the logs go. Telemetry is accepted from the identity only, never by key.
locals {
  # Monitoring Metrics Publisher: sends telemetry, reads none.
  metrics_publisher = "3913510d-42f4-4e42-8a64-420c390055eb"
}

resource "azapi_resource" "workspace" {
  type      = "Microsoft.OperationalInsights/workspaces@2025-02-01"
  name      = "log-purge-${local.token}"
  parent_id = azapi_resource.group.id
  location  = var.location
  tags      = local.tags
  body = {
    properties = {
      sku = {
        name = "PerGB2018"
      }
      retentionInDays = 90
      features = {
        disableLocalAuth                            = true
        enableLogAccessUsingOnlyResourcePermissions = true
      }
    }
  }
}

resource "azapi_resource" "insights" {
  type      = "Microsoft.Insights/components@2020-02-02"
  name      = "appi-purge-${local.token}"
  parent_id = azapi_resource.group.id
  location  = var.location
  tags      = local.tags
  body = {
    kind = "web"
    properties = {
      Application_Type    = "web"
      WorkspaceResourceId = azapi_resource.workspace.id
      DisableLocalAuth    = true
    }
  }
  response_export_values = ["properties.ConnectionString"]
}

resource "azapi_resource" "publishes" {
  type      = "Microsoft.Authorization/roleAssignments@2022-04-01"
  name      = uuidv5("url", "${azapi_resource.insights.id}/${local.token}/${local.metrics_publisher}")
  parent_id = azapi_resource.insights.id
  body = {
    properties = {
      principalId      = azapi_resource.identity.output.properties.principalId
      principalType    = "ServicePrincipal"
      roleDefinitionId = "${local.subscription}/providers/Microsoft.Authorization/roleDefinitions/${local.metrics_publisher}"
    }
  }
}
