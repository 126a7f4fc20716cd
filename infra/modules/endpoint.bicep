// A private address in a subnet, for one service of a resource, and its name in a DNS zone: one that exists, or a new one.
param name string
param location string
param tags object
param targetId string
@description('What the address is for: blob, queue, table, or sites.')
param service string
param zoneName string
@description('Ids of zones that exist, this one perhaps among them. They are taken as they are: linked to the network already.')
param zoneIds array
param subnetId string

var known = filter(zoneIds, id => toLower(last(split(id, '/'))) == zoneName)

resource zone 'Microsoft.Network/privateDnsZones@2020-06-01' = if (empty(known)) {
  name: zoneName
  location: 'global'
  tags: tags
}

resource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2020-06-01' = if (empty(known)) {
  parent: zone
  name: 'purge'
  location: 'global'
  properties: {
    registrationEnabled: false
    virtualNetwork: {
      id: split(subnetId, '/subnets/')[0]
    }
  }
}

resource endpoint 'Microsoft.Network/privateEndpoints@2024-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: {
      id: subnetId
    }
    privateLinkServiceConnections: [
      {
        name: service
        properties: {
          privateLinkServiceId: targetId
          groupIds: [service]
        }
      }
    ]
  }
}

resource addressBook 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-07-01' = {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      {
        name: service
        properties: {
          privateDnsZoneId: empty(known) ? zone.id : known[0]
        }
      }
    ]
  }
}
