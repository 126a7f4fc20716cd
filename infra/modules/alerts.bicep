// What somebody should hear of. Runs begin and end with one line in the log each, purge-run-began and purge-run-ended with a JSON
// object (docs/reports.md), which host.json keeps out of sampling.
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
| where TimeGenerated > ago(26h) and Message startswith "purge-run-began "
| extend run = parse_json(substring(Message, strlen("purge-run-began ")))
| where tostring(run.trigger) == "timer"
| summarize runs = dcount(tostring(run.registry))
'''
var endless = '''
AppTraces
| where Message startswith "purge-run-began " or Message startswith "purge-run-ended "
| extend run = parse_json(substring(Message, indexof(Message, "{")))
| summarize began = min(TimeGenerated), ends = countif(Message startswith "purge-run-ended ") by id = tostring(run.run)
| where ends == 0 and began < ago(26h)
| summarize runs = count()
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

// A registry that had no run is urgent; the others can wait for the morning.
var alerts = [
  {
    name: 'missing'
    title: 'a registry had no nightly run for 26 hours'
    text: 'The timer did not fire, the app does not start, or nobody takes the work. docs/troubleshooting.md: "No nightly run".'
    enabled: nightly
    severity: 1
    window: 'P2D'
    query: missing
    measure: 'runs'
    operator: 'LessThan'
    threshold: registryCount
  }
  {
    name: 'endless'
    title: 'a run has not ended after 26 hours'
    text: 'Nobody works on it any more, or it finds no end. docs/troubleshooting.md: "A run does not end".'
    enabled: true
    severity: 2
    window: 'P2D'
    query: endless
    measure: 'runs'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'trouble'
    title: 'a run failed, was held, or met trouble'
    text: 'The run itself says what was held, refused, denied or failed. docs/troubleshooting.md: "A run is held, a repository refused".'
    enabled: true
    severity: 2
    window: 'PT2H'
    query: troubled
    measure: 'runs'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'poison'
    title: 'work failed again and again'
    text: 'A message came back five times; its repository is recorded as failed. docs/troubleshooting.md: "Messages end in purge-work-poison".'
    enabled: true
    severity: 2
    window: 'PT2H'
    query: poisoned
    measure: 'messages'
    operator: 'GreaterThan'
    threshold: 0
  }
]

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for alert in alerts: {
  name: 'alert-purge-${alert.name}-${token}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'acr-purge: ${alert.title}'
    description: alert.text
    enabled: alert.enabled
    severity: alert.severity
    scopes: [workspaceId]
    evaluationFrequency: 'PT1H'
    windowSize: alert.window
    autoMitigate: true
    // A workspace that is minutes old may not know its tables yet, and the rule would be refused.
    skipQueryValidation: true
    criteria: {
      allOf: [
        {
          query: alert.query
          metricMeasureColumn: alert.measure
          timeAggregation: 'Total'
          operator: alert.operator
          threshold: alert.threshold
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
}]
