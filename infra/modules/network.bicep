// A virtual network: one subnet that the app sends from, one for private addresses.
param token string
param location string
param tags object
param addresses string

resource net 'Microsoft.Network/virtualNetworks@2024-07-01' = {
  name: 'vnet-purge-${token}'
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [addresses]
    }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(addresses, 26, 0)
          delegations: [
            {
              name: 'flex'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: cidrSubnet(addresses, 27, 2)
        }
      }
    ]
  }
}

output appSubnetId string = '${net.id}/subnets/app'
output endpointSubnetId string = '${net.id}/subnets/endpoints'
