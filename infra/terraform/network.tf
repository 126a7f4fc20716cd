# A virtual network: one subnet that the app sends from, one with the private addresses of its storage and, isolated, of the app.
locals {
  addresses = "10.66.0.0/24"
  zones = {
    blob  = "privatelink.blob.core.windows.net"
    queue = "privatelink.queue.core.windows.net"
    table = "privatelink.table.core.windows.net"
    sites = "privatelink.azurewebsites.net"
  }
  endpoints = { for service, zone in local.zones : service => zone if service == "sites" ? var.network == "isolated" : local.private }
  endpoint_names = {
    blob  = "pe-purge-blob-${local.token}"
    queue = "pe-purge-queue-${local.token}"
    table = "pe-purge-table-${local.token}"
    sites = "pe-func-purge-${local.token}"
  }
}

resource "azapi_resource" "net" {
  count     = local.private ? 1 : 0
  type      = "Microsoft.Network/virtualNetworks@2024-07-01"
  name      = "vnet-purge-${local.token}"
  parent_id = azapi_resource.group.id
  location  = var.location
  tags      = local.tags
  body = {
    properties = {
      addressSpace = {
        addressPrefixes = [local.addresses]
      }
      subnets = [
        {
          name = "app"
          properties = {
            addressPrefix = cidrsubnet(local.addresses, 2, 0)
            delegations = [
              {
                name = "flex"
                properties = {
                  serviceName = "Microsoft.App/environments"
                }
              }
            ]
          }
        },
        {
          name = "endpoints"
          properties = {
            addressPrefix = cidrsubnet(local.addresses, 3, 2)
          }
        }
      ]
    }
  }
}

resource "azapi_resource" "zone" {
  for_each  = local.endpoints
  type      = "Microsoft.Network/privateDnsZones@2020-06-01"
  name      = each.value
  parent_id = azapi_resource.group.id
  location  = "global"
  tags      = local.tags
}

resource "azapi_resource" "link" {
  for_each  = local.endpoints
  type      = "Microsoft.Network/privateDnsZones/virtualNetworkLinks@2020-06-01"
  name      = "purge"
  parent_id = azapi_resource.zone[each.key].id
  location  = "global"
  body = {
    properties = {
      registrationEnabled = false
      virtualNetwork = {
        id = azapi_resource.net[0].id
      }
    }
  }
}

resource "azapi_resource" "endpoint" {
  for_each  = local.endpoints
  type      = "Microsoft.Network/privateEndpoints@2024-07-01"
  name      = local.endpoint_names[each.key]
  parent_id = azapi_resource.group.id
  location  = var.location
  tags      = local.tags
  body = {
    properties = {
      subnet = {
        id = "${azapi_resource.net[0].id}/subnets/endpoints"
      }
      privateLinkServiceConnections = [
        {
          name = each.key
          properties = {
            privateLinkServiceId = each.key == "sites" ? azapi_resource.site.id : azapi_resource.storage.id
            groupIds             = [each.key]
          }
        }
      ]
    }
  }
}

resource "azapi_resource" "address_book" {
  for_each  = local.endpoints
  type      = "Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-07-01"
  name      = "default"
  parent_id = azapi_resource.endpoint[each.key].id
  body = {
    properties = {
      privateDnsZoneConfigs = [
        {
          name = each.key
          properties = {
            privateDnsZoneId = azapi_resource.zone[each.key].id
          }
        }
      ]
    }
  }
}
