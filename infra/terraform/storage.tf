# The app's memory: the package, the host's leases and keys (blobs), the work (queues), the records (tables). No shared key works here.
locals {
  # What the Functions host and the app need of each service of this account, and of no other.
  storage_roles = {
    "Storage Blob Data Owner"        = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"
    "Storage Queue Data Contributor" = "974c5e8b-45b9-4653-ba55-5f855dd0fb88"
    "Storage Table Data Contributor" = "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"
  }
  queues           = ["purge-work", "purge-work-poison"]
  tables           = ["PurgeRuns", "PurgeRepositories", "PurgeSteps", "PurgeHistory", "PurgeLeases", "PurgeManifests"]
  storage_services = ["blobServices", "queueServices", "tableServices"]
}

resource "azapi_resource" "storage" {
  type      = "Microsoft.Storage/storageAccounts@2025-01-01"
  name      = "stpurge${local.token}"
  parent_id = azapi_resource.group.id
  location  = var.location
  tags      = local.tags
  body = {
    kind = "StorageV2"
    sku = {
      name = "Standard_LRS"
    }
    properties = {
      accessTier                   = "Hot"
      allowBlobPublicAccess        = false
      allowCrossTenantReplication  = false
      allowSharedKeyAccess         = false
      defaultToOAuthAuthentication = true
      minimumTlsVersion            = "TLS1_2"
      supportsHttpsTrafficOnly     = true
      publicNetworkAccess          = local.private ? "Disabled" : "Enabled"
      networkAcls = {
        bypass        = "None"
        defaultAction = local.private ? "Deny" : "Allow"
      }
    }
  }
  response_export_values = ["properties.primaryEndpoints"]
}

# Comes with the account.
resource "azapi_update_resource" "blobs" {
  type      = "Microsoft.Storage/storageAccounts/blobServices@2025-01-01"
  name      = "default"
  parent_id = azapi_resource.storage.id
  body = {
    properties = {
      deleteRetentionPolicy = {
        enabled = true
        days    = 7
      }
    }
  }
}

resource "azapi_resource" "packages" {
  type      = "Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01"
  name      = "deployment"
  parent_id = azapi_update_resource.blobs.id
  body = {
    properties = {
      publicAccess = "None"
    }
  }
}

resource "azapi_resource" "work" {
  for_each  = toset(local.queues)
  type      = "Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01"
  name      = each.value
  parent_id = "${azapi_resource.storage.id}/queueServices/default"
  body      = {}
}

resource "azapi_resource" "records" {
  for_each  = toset(local.tables)
  type      = "Microsoft.Storage/storageAccounts/tableServices/tables@2025-01-01"
  name      = each.value
  parent_id = "${azapi_resource.storage.id}/tableServices/default"
  body      = {}
}

resource "azapi_resource" "uses" {
  for_each  = local.storage_roles
  type      = "Microsoft.Authorization/roleAssignments@2022-04-01"
  name      = uuidv5("url", "${azapi_resource.storage.id}/${local.token}/${each.value}")
  parent_id = azapi_resource.storage.id
  body = {
    properties = {
      principalId      = azapi_resource.identity.output.properties.principalId
      principalType    = "ServicePrincipal"
      roleDefinitionId = "${local.subscription}/providers/Microsoft.Authorization/roleDefinitions/${each.value}"
      description      = each.key
    }
  }
}

# Who changed what. Reads are left out: the host looks into its queues all day.
resource "azapi_resource" "storage_logs" {
  for_each  = toset(local.storage_services)
  type      = "Microsoft.Insights/diagnosticSettings@2021-05-01-preview"
  name      = "changes"
  parent_id = "${azapi_resource.storage.id}/${each.value}/default"
  body = {
    properties = {
      workspaceId = azapi_resource.workspace.id
      logs = [
        {
          category = "StorageWrite"
          enabled  = true
        },
        {
          category = "StorageDelete"
          enabled  = true
        }
      ]
    }
  }
}
