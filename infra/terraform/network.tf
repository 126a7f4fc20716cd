# A virtual network, or two subnets of one that exists: one that the app sends from, one with the private addresses of its storage
# and, isolated, of the app. Their names are in DNS zones that exist, or in new ones.
locals {
  length          = tonumber(split("/", var.addresses)[1])
  own_network     = local.private && var.app_subnet_id == ""
  app_subnet      = local.own_network ? "${azapi_resource.net[0].id}/subnets/app" : var.app_subnet_id
  endpoint_subnet = local.own_network ? "${azapi_resource.net[0].id}/subnets/endpoints" : var.endpoint_subnet_id
  known_zones     = { for id in var.dns_zone_ids : lower(basename(id)) => id }
  zones = {
    blob  = "privatelink.blob.core.windows.net"
    queue = "privatelink.queue.core.windows.net"
    table = "privatelink.table.core.windows.net"
    sites = "privatelink.azurewebsites.net"
  }
  endpoints = { for service, zone in local.zones : service => zone if service == "sites" ? var.network == "isolated" : local.private }
  new_zones = { for service, zone in local.endpoints : service => zone if !contains(keys(local.known_zones), zone) }
  endpoint_names = {
    blob  = "pe-purge-blob-${local.token}"
    queue = "pe-purge-queue-${local.token}"
    table = "pe-purge-table-${local.token}"
    sites = "pe-func-purge-${local.token}"
  }
}

resource "azapi_resource" "net" {
  count     = local.own_network ? 1 : 0
  type      = "Microsoft.Network/virtualNetworks@2024-07-01"
  name      = "vnet-purge-${local.token}"
  parent_id = azapi_resource.group.id
  location  = var.location
  tags      = local.tags
  body = {
    properties = {
      addressSpace = {
        addressPrefixes = [var.addresses]
      }
      subnets = [
        {
          name = "app"
          properties = {
            addressPrefix = cidrsubnet(var.addresses, 26 - local.length, 0)
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
            addressPrefix = cidrsubnet(var.addresses, 27 - local.length, 2)
          }
        }
      ]
    }
  }
}

resource "azapi_resource" "zone" {
  for_each  = local.new_zones
  type      = "Microsoft.Network/privateDnsZones@2020-06-01"
  name      = each.value
  parent_id = azapi_resource.group.id
  location  = "global"
  tags      = local.tags
}

resource "azapi_resource" "link" {
  for_each  = local.new_zones
  type      = "Microsoft.Network/privateDnsZones/virtualNetworkLinks@2020-06-01"
  name      = "purge"
  parent_id = azapi_resource.zone[each.key].id
  location  = "global"
  body = {
    properties = {
      registrationEnabled = false
      virtualNetwork = {
        id = split("/subnets/", local.endpoint_subnet)[0]
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
        id = local.endpoint_subnet
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
            privateDnsZoneId = contains(keys(local.known_zones), each.value) ? local.known_zones[each.value] : azapi_resource.zone[each.key].id
          }
        }
      ]
    }
  }
}
