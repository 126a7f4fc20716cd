// What the app may do in one registry, which exists already, perhaps in another resource group. docs/security.md explains it.
param registryName string
@description('Which kind of roles the registry heeds.')
@allowed(['rbac', 'abac'])
param permissions string
param principalId string
@allowed(['plan', 'purge'])
param mode string
param includeLocked bool
param repositoryPrefixes array

// A deployment that only plans has no role that deletes.
var roles = {
  rbac: {
    plan: {
      AcrPull: '7f951dda-4ed3-4680-a7ca-43fe172d538d'
    }
    purge: {
      AcrPull: '7f951dda-4ed3-4680-a7ca-43fe172d538d'
      AcrDelete: 'c2f4ef07-c644-48eb-af81-4b1b4947fb11'
    }
  }
  abac: {
    plan: {
      'Container Registry Repository Reader': 'b93aa761-3e63-49ed-ac28-beffa264f7ac'
      'Container Registry Repository Catalog Lister': 'bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7'
    }
    purge: {
      'Container Registry Repository Contributor': '2efddaa5-3f1f-4df3-97df-af3f13818f4c'
      'Container Registry Repository Catalog Lister': 'bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7'
    }
  }
}
var catalogLister = 'bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7'
var given = roles[permissions][mode]

// Which repositories a role holds for, where the registry can tell them apart. The catalogue is always the whole one.
var repository = 'Microsoft.ContainerRegistry/registries/repositories'
var looks = ['content/read', 'metadata/read']
var changes = ['content/write', 'content/delete', 'metadata/write', 'metadata/delete']
var rights = mode == 'plan' ? looks : concat(looks, changes)
var otherwise = join(map(rights, right => '!(ActionMatches{\'${repository}/${right}\'})'), ' AND ')
var named = join(map(repositoryPrefixes, prefix => '@Request[${repository}:name] StringStartsWith \'${prefix}\''), ' OR ')
var condition = permissions == 'abac' && !empty(repositoryPrefixes) ? '((${otherwise}) OR (${named}))' : ''

var unlocks = includeLocked && mode == 'purge' && permissions == 'rbac'

resource registry 'Microsoft.ContainerRegistry/registries@2025-04-01' existing = {
  name: registryName
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in items(given): {
  name: guid(registry.id, principalId, role.value)
  scope: registry
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.value)
    condition: empty(condition) || role.value == catalogLister ? null : condition
    conditionVersion: empty(condition) || role.value == catalogLister ? null : '2.0'
    description: 'acr-purge, mode ${mode}'
  }
}]

// No built-in role of a plain RBAC registry unlocks without far greater rights.
resource unlocker 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (unlocks) {
  name: guid(registry.id, 'acr-purge-unlock')
  properties: {
    roleName: 'ACR purge: unlock in ${registryName} (${uniqueString(registry.id)})'
    description: 'Reads and writes the lock attributes of repositories, tags and manifests.'
    type: 'CustomRole'
    permissions: [
      {
        actions: [
          'Microsoft.ContainerRegistry/registries/metadata/read'
          'Microsoft.ContainerRegistry/registries/metadata/write'
        ]
      }
    ]
    assignableScopes: [resourceGroup().id]
  }
}

resource mayUnlock 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (unlocks) {
  name: guid(registry.id, principalId, 'acr-purge-unlock')
  scope: registry
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: unlocker.id
    description: 'acr-purge, include_locked'
  }
}

output loginServer string = registry.properties.loginServer
output rights string = mode == 'plan' ? 'may look, and has no right to delete' : unlocks || permissions == 'abac' ? 'may look, delete and unlock' : 'may look and delete, and not unlock'
