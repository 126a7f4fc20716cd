locals {
  subscription = "/subscriptions/${data.azapi_client_config.current.subscription_id}"
  token        = substr(sha256("${local.subscription}/${var.environment_name}/${var.location}"), 0, 13)
  private      = var.network != "public"
  registries = merge(
    { for id in var.registry_ids : id => "rbac" },
    { for id in var.abac_registry_ids : id => "abac" }
  )
  tags = {
    "environment" = var.environment_name
  }
}

resource "azapi_resource" "group" {
  type      = "Microsoft.Resources/resourceGroups@2025-04-01"
  name      = "rg-${var.environment_name}"
  parent_id = local.subscription
  location  = var.location
  tags      = local.tags
}

# The one identity of the app. Rights are given to it next to what they are for.
resource "azapi_resource" "identity" {
  type                   = "Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30"
  name                   = "id-purge-${local.token}"
  parent_id              = azapi_resource.group.id
  location               = var.location
  tags                   = local.tags
  response_export_values = ["properties.clientId", "properties.principalId"]
}

output "resource_group" {
  value = azapi_resource.group.name
}

output "app_name" {
  value = azapi_resource.site.name
}

output "app_url" {
  value = "https://${azapi_resource.site.output.properties.defaultHostName}"
}

output "principal_id" {
  value = azapi_resource.identity.output.properties.principalId
}

output "tables" {
  value = "https://${azapi_resource.storage.name}.table.core.windows.net"
}

output "rights" {
  value = [for id, permissions in local.registries : "${data.azapi_resource.registry[id].output.properties.loginServer}: ${local.words[permissions]}"]
}
