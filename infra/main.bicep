// A purge of container registries that already exist: one function app with one identity, its storage, its logs, its
// alerts. Nothing here signs in by key. docs/deploy.md says how to use it, docs/security.md why each right is given.
targetScope = 'subscription'

@description('Name of this deployment: it becomes part of names and a tag.')
@minLength(1)
@maxLength(40)
param environmentName string

@description('Region of everything that is created; it must offer Flex Consumption.')
@minLength(1)
param location string

@description('Resource ids of the registries whose role assignments follow plain RBAC, separated by commas.')
param registryIds string = ''

@description('Resource ids of the registries in the mode "RBAC Registry + ABAC Repository Permissions", separated by commas.')
param abacRegistryIds string = ''

@description('Only repositories that begin with one of these, separated by commas; empty: all. ABAC registries only.')
param repositoryPrefixes string = ''

@description('plan: look and report, without any right to delete. purge: delete.')
@allowed(['plan', 'purge'])
param mode string = 'plan'

@description('Let a policy with include_locked unlock what it deletes. Plain RBAC registries get a custom role for it.')
param includeLocked bool = false

@description('When nightly runs begin: second, minute, hour, day, month, day of the week, in UTC. Empty: every night at one.')
param schedule string = ''

@description('A policy file of the package, a document in JSON, or an "acr purge" line. Empty: purge-policy.yaml.')
param policy string = ''

@description('Tier of the registries, for the deletions per minute that it permits. auto: slow down when told to.')
@allowed(['auto', 'basic', 'standard', 'premium'])
param registrySku string = 'auto'

@description('public: reached by key and identity. private: storage and outgoing traffic in a virtual network. isolated: the app too.')
@allowed(['public', 'private', 'isolated'])
param network string = 'public'

@description('Addresses of the virtual network that is made, a /25 or larger. Empty: 10.66.0.0/24.')
param addresses string = ''

@description('Id of a subnet that exists, delegated to Microsoft.App/environments, for the app to send from. Empty: a network is made.')
param appSubnetId string = ''

@description('Id of a subnet that exists, for private addresses; needed where appSubnetId is given.')
param endpointSubnetId string = ''

@description('Ids of private DNS zones that exist and that the network resolves by, separated by commas; the others are made.')
param dnsZoneIds string = ''

@description('Who is told of alerts; empty: they show in the portal only.')
param alertEmail string = ''

@description('Whether the schedule comes at least once a day, so that 26 hours without a run are an alert.')
param nightly bool = true

@description('Stop: no night begins, and nobody takes work from the queue, until this is false again.')
param paused bool = false

@description('Address that is told of runs (docs/telling.md), or a Key Vault reference to it; empty: nobody is told.')
@secure()
param webhookUrl string = ''

@description('Further settings of the app by name, see docs/configuration.md; an empty one counts as not set.')
param tuning object = {}

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = {
  'azd-env-name': environmentName
}
var private = network != 'public'
var services = private ? ['blob', 'queue', 'table'] : []
var ownNetwork = private && empty(appSubnetId)
var zoneIds = filter(map(split(dnsZoneIds, ','), id => trim(id)), id => !empty(id))

var plainIds = filter(map(split(registryIds, ','), id => trim(id)), id => !empty(id))
var abacIds = filter(map(split(abacRegistryIds, ','), id => trim(id)), id => !empty(id))
var ids = concat(plainIds, abacIds)
var strange = filter(ids, id => length(split(id, '/')) != 9)
var lacking = empty(ids) ? 'Name a registry first: azd env set PURGE_REGISTRY_IDS "$(az acr show --name NAME --query id --output tsv)"' : empty(strange) ? '' : '${strange[0]} is no id of a registry, as "az acr show --query id" prints it'
var registries = empty(lacking) ? concat(
  map(plainIds, id => { id: id, permissions: 'rbac' }),
  map(abacIds, id => { id: id, permissions: 'abac' })
) : fail(lacking)
var prefixes = filter(map(split(repositoryPrefixes, ','), prefix => trim(prefix)), prefix => !empty(prefix))

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    name: 'id-purge-${token}'
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    principalId: identity.outputs.principalId
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    name: 'stpurge${token}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    workspaceId: monitoring.outputs.workspaceId
    private: private
  }
}

module networking 'modules/network.bicep' = if (ownNetwork) {
  name: 'network'
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    addresses: empty(addresses) ? '10.66.0.0/24' : addresses
  }
}

module endpoints 'modules/endpoint.bicep' = [for service in services: {
  name: 'endpoint-${service}'
  scope: group
  params: {
    name: 'pe-purge-${service}-${token}'
    location: location
    tags: tags
    targetId: storage.outputs.id
    service: service
    zoneName: 'privatelink.${service}.${environment().suffixes.storage}'
    zoneIds: zoneIds
    subnetId: ownNetwork ? networking!.outputs.endpointSubnetId : endpointSubnetId
  }
}]

module access 'modules/registry.bicep' = [for (registry, i) in registries: {
  name: 'purge-access-${token}-${i}'
  scope: resourceGroup(split(registry.id, '/')[2], split(registry.id, '/')[4])
  params: {
    registryName: last(split(registry.id, '/'))
    permissions: registry.permissions
    principalId: identity.outputs.principalId
    mode: mode
    includeLocked: includeLocked
    repositoryPrefixes: prefixes
  }
}]

module app 'modules/app.bicep' = {
  name: 'app'
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    identityId: identity.outputs.id
    clientId: identity.outputs.clientId
    storageName: storage.outputs.name
    deploymentContainer: storage.outputs.deploymentContainer
    insightsConnection: monitoring.outputs.insightsConnection
    registries: [for (registry, i) in registries: access[i].outputs.loginServer]
    mode: mode
    schedule: empty(schedule) ? '0 0 1 * * *' : schedule
    policy: empty(policy) ? 'purge-policy.yaml' : policy
    registrySku: registrySku
    paused: paused
    tuning: tuning
    webhookUrl: webhookUrl
    workspaceId: monitoring.outputs.workspaceId
    subnetId: ownNetwork ? networking!.outputs.appSubnetId : private ? appSubnetId : ''
    isolated: network == 'isolated'
  }
}

// The app's HTTP interface and its deployment, reachable from the virtual network only.
module inbound 'modules/endpoint.bicep' = if (network == 'isolated') {
  name: 'inbound'
  scope: group
  params: {
    name: 'pe-${app.outputs.name}'
    location: location
    tags: tags
    targetId: app.outputs.id
    service: 'sites'
    zoneName: 'privatelink.azurewebsites.net'
    zoneIds: zoneIds
    subnetId: ownNetwork ? networking!.outputs.endpointSubnetId : endpointSubnetId
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    registryCount: length(registries)
    email: alertEmail
    nightly: nightly && !paused
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output PURGE_APP_NAME string = app.outputs.name
output PURGE_APP_URL string = app.outputs.url
output PURGE_PRINCIPAL_ID string = identity.outputs.principalId
output PURGE_TABLES string = storage.outputs.tables
// What this deployment gives. A deployment takes nothing away: see "Back to plan" in docs/deploy.md.
output PURGE_RIGHTS array = [for (registry, i) in registries: '${access[i].outputs.loginServer}: ${access[i].outputs.rights}']
