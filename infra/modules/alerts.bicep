// What somebody should hear of. Runs end with one line in the log, purge-run-ended and a JSON object (docs/reports.md), which
// host.json keeps out of sampling.
param token string
param location string
param tags object
param workspaceId string
param registryCount int
param email string
param nightly bool

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: 'ag-purge-${token}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'acr-purge'
    enabled: true
    emailReceivers: [
      {
        name: 'owner'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

// A window has one of a few fixed sizes, so the query itself counts the hours; count() gives a row also where there is nothing.
var missing = '''
AppTraces
| where TimeGenerated > ago(26h) and Message startswith "purge-run-ended "
| extend run = parse_json(substring(Message, strlen("purge-run-ended ")))
| where tostring(run.trigger) == "timer"
| summarize runs = dcount(tostring(run.registry))
'''
var troubled = '''
AppTraces
| where Message startswith "purge-run-ended "
| extend run = parse_json(substring(Message, strlen("purge-run-ended ")))
| where tostring(run.state) in ("failed", "held") or toint(run.troubled) > 0
| summarize runs = count()
'''
// A message that failed again and again is handed to this function, which records it.
var poisoned = '''
AppRequests
| where Name == "mark_failed"
| summarize messages = count()
'''

resource noRun 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: 'alert-purge-missing-${token}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'acr-purge: a registry had no nightly run for 26 hours'
    description: 'The timer did not fire, the app does not start, or the run did not end. See docs/deploy.md.'
    enabled: nightly
    severity: 1
    scopes: [workspaceId]
    evaluationFrequency: 'PT1H'
    windowSize: 'P2D'
    autoMitigate: true
    criteria: {
      allOf: [
        {
          query: missing
          metricMeasureColumn: 'runs'
          timeAggregation: 'Total'
          operator: 'LessThan'
          threshold: registryCount
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: {
      actionGroups: empty(email) ? [] : [people.id]
    }
  }
}

resource trouble 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: 'alert-purge-trouble-${token}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'acr-purge: a run failed, was held, or met trouble'
    description: 'Held: over limits.max_deletions, somebody has to look. Otherwise the run itself says what was denied or failed.'
    enabled: true
    severity: 2
    scopes: [workspaceId]
    evaluationFrequency: 'PT1H'
    windowSize: 'PT2H'
    autoMitigate: true
    criteria: {
      allOf: [
        {
          query: troubled
          metricMeasureColumn: 'runs'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: {
      actionGroups: empty(email) ? [] : [people.id]
    }
  }
}

resource poison 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: 'alert-purge-poison-${token}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'acr-purge: work failed again and again'
    description: 'A message came back five times without success; its repository is recorded as failed.'
    enabled: true
    severity: 2
    scopes: [workspaceId]
    evaluationFrequency: 'PT1H'
    windowSize: 'PT2H'
    autoMitigate: true
    criteria: {
      allOf: [
        {
          query: poisoned
          metricMeasureColumn: 'messages'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: {
      actionGroups: empty(email) ? [] : [people.id]
    }
  }
}
