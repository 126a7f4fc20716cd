// The function app, on Flex Consumption, which knows no FTP. What it logs goes to the workspace twice: through Application Insights,
// which the alerts ask, and by the platform itself, which needs no identity. docs/configuration.md explains every PURGE_ setting.
param token string
param location string
param tags object
param identityId string
param clientId string
param storageName string
param deploymentContainer string
param insightsConnection string
param registries array
param mode string
param schedule string
param policy string
param registrySku string
param paused bool
param tuning object
@secure()
param webhookUrl string
param workspaceId string
param subnetId string
param isolated bool

// A deployment replaces all app settings, so what is not here is lost with the next one. What is fixed here wins.
var asked = union(tuning, { PURGE_WEBHOOK_URL: webhookUrl })
var tuned = toObject(filter(items(asked), each => !empty(each.value)), each => each.key, each => each.value)
var stopped = paused ? 'true' : 'false'
var settings = union(tuned, {
  AzureWebJobsStorage__accountName: storageName
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: clientId
  AZURE_CLIENT_ID: clientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnection
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${clientId};Authorization=AAD'
  PURGE_REGISTRIES: join(registries, ',')
  PURGE_MODE: mode
  PURGE_SCHEDULE: schedule
  PURGE_POLICY: policy
  PURGE_SKU: registrySku
  // The host starts neither function while this is true: no night begins, and the queue keeps its messages.
  'AzureWebJobs.nightly.Disabled': stopped
  'AzureWebJobs.work.Disabled': stopped
})

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: 'plan-purge-${token}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource site 'Microsoft.Web/sites@2024-11-01' = {
  name: 'func-purge-${token}'
  location: location
  tags: union(tags, {
    'azd-service-name': 'purge'
  })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    keyVaultReferenceIdentity: identityId
    httpsOnly: true
    publicNetworkAccess: isolated ? 'Disabled' : 'Enabled'
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainer
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'python'
        version: '3.13'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        maximumInstanceCount: 40
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      http20Enabled: true
      remoteDebuggingEnabled: false
      appSettings: [for setting in items(settings): {
        name: setting.key
        value: setting.value
      }]
    }
  }
}

resource ftpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: site
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource deployPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: site
  name: 'scm'
  properties: {
    allow: false
  }
}

resource siteLog 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'log'
  scope: site
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'FunctionAppLogs'
        enabled: true
      }
    ]
  }
}

output id string = site.id
output name string = site.name
output url string = 'https://${site.properties.defaultHostName}'
