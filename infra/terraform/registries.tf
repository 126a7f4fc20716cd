# What the app may do in the registries, which exist already, perhaps in other resource groups. docs/security.md explains it.
locals {
  # A deployment that only plans has no role that deletes.
  roles = {
    rbac = {
      plan = {
        "AcrPull" = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
      }
      purge = {
        "AcrPull"   = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
        "AcrDelete" = "c2f4ef07-c644-48eb-af81-4b1b4947fb11"
      }
    }
    abac = {
      plan = {
        "Container Registry Repository Reader"         = "b93aa761-3e63-49ed-ac28-beffa264f7ac"
        "Container Registry Repository Catalog Lister" = "bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7"
      }
      purge = {
        "Container Registry Repository Contributor"    = "2efddaa5-3f1f-4df3-97df-af3f13818f4c"
        "Container Registry Repository Catalog Lister" = "bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7"
      }
    }
  }
  catalog_lister = "bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7"
  given = merge([
    for id, permissions in local.registries : {
      for role in values(local.roles[permissions][var.mode]) : "${id}/${role}" => {
        registry    = id
        permissions = permissions
        role        = role
      }
    }
  ]...)

  # Which repositories a role holds for, where the registry can tell them apart. The catalogue is always the whole one.
  repository = "Microsoft.ContainerRegistry/registries/repositories"
  looks      = ["content/read", "metadata/read"]
  changes    = ["content/write", "content/delete", "metadata/write", "metadata/delete"]
  rights     = var.mode == "plan" ? local.looks : concat(local.looks, local.changes)
  otherwise  = join(" AND ", [for right in local.rights : "!(ActionMatches{'${local.repository}/${right}'})"])
  named      = join(" OR ", [for prefix in var.repository_prefixes : "@Request[${local.repository}:name] StringStartsWith '${prefix}'"])
  condition  = length(var.repository_prefixes) > 0 ? "((${local.otherwise}) OR (${local.named}))" : null

  unlocks = var.include_locked && var.mode == "purge" ? var.registry_ids : []
  words = {
    rbac = var.mode == "plan" ? "may look, and has no right to delete" : var.include_locked ? "may look, delete and unlock" : "may look and delete, and not unlock"
    abac = var.mode == "plan" ? "may look, and has no right to delete" : "may look, delete and unlock"
  }
}

data "azapi_resource" "registry" {
  for_each               = local.registries
  type                   = "Microsoft.ContainerRegistry/registries@2025-04-01"
  resource_id            = each.key
  response_export_values = ["properties.loginServer"]
}

resource "azapi_resource" "access" {
  for_each  = local.given
  type      = "Microsoft.Authorization/roleAssignments@2022-04-01"
  name      = uuidv5("url", "${each.value.registry}/${local.token}/${each.value.role}")
  parent_id = each.value.registry
  body = {
    properties = {
      principalId      = azapi_resource.identity.output.properties.principalId
      principalType    = "ServicePrincipal"
      roleDefinitionId = "/subscriptions/${split("/", each.value.registry)[2]}/providers/Microsoft.Authorization/roleDefinitions/${each.value.role}"
      condition        = each.value.permissions == "abac" && each.value.role != local.catalog_lister ? local.condition : null
      conditionVersion = each.value.permissions == "abac" && each.value.role != local.catalog_lister && local.condition != null ? "2.0" : null
      description      = "acr-purge, mode ${var.mode}"
    }
  }
  ignore_null_property = true
}

# No built-in role of a plain RBAC registry unlocks without far greater rights.
resource "azapi_resource" "unlocker" {
  for_each  = toset(local.unlocks)
  type      = "Microsoft.Authorization/roleDefinitions@2022-04-01"
  name      = uuidv5("url", "${each.value}/${local.token}/acr-purge-unlock")
  parent_id = join("/", slice(split("/", each.value), 0, 5))
  body = {
    properties = {
      roleName    = "ACR purge: unlock in ${basename(each.value)} (${local.token})"
      description = "Reads and writes the lock attributes of repositories, tags and manifests."
      type        = "CustomRole"
      permissions = [
        {
          actions = [
            "Microsoft.ContainerRegistry/registries/metadata/read",
            "Microsoft.ContainerRegistry/registries/metadata/write"
          ]
        }
      ]
      assignableScopes = [join("/", slice(split("/", each.value), 0, 5))]
    }
  }
}

resource "azapi_resource" "may_unlock" {
  for_each  = toset(local.unlocks)
  type      = "Microsoft.Authorization/roleAssignments@2022-04-01"
  name      = uuidv5("url", "${each.value}/${local.token}/may-unlock")
  parent_id = each.value
  body = {
    properties = {
      principalId      = azapi_resource.identity.output.properties.principalId
      principalType    = "ServicePrincipal"
      roleDefinitionId = azapi_resource.unlocker[each.value].id
      description      = "acr-purge, include_locked"
    }
  }
}
