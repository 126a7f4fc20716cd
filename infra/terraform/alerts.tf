# What somebody should hear of. Runs begin and end with one line in the log each, purge-run-began and purge-run-ended with a JSON
# object (docs/reports.md), which host.json keeps out of sampling.
locals {
  # A window has one of a few fixed sizes, so the query itself counts the hours; count() gives a row also where there is nothing.
  missing = <<-KQL
    AppTraces
    | where TimeGenerated > ago(26h) and Message startswith "purge-run-began "
    | extend run = parse_json(substring(Message, strlen("purge-run-began ")))
    | where tostring(run.trigger) == "timer"
    | summarize runs = dcount(tostring(run.registry))
  KQL
  endless  = <<-KQL
    AppTraces
    | where Message startswith "purge-run-began " or Message startswith "purge-run-ended "
    | extend run = parse_json(substring(Message, indexof(Message, "{")))
    | summarize began = min(TimeGenerated), ends = countif(Message startswith "purge-run-ended ") by id = tostring(run.run)
    | where ends == 0 and began < ago(26h)
    | summarize runs = count()
  KQL
  troubled = <<-KQL
    AppTraces
    | where Message startswith "purge-run-ended "
    | extend run = parse_json(substring(Message, strlen("purge-run-ended ")))
    | where tostring(run.state) in ("failed", "held") or toint(run.troubled) > 0
    | summarize runs = count()
  KQL
  # A message that failed again and again is handed to this function, which records it.
  poisoned = <<-KQL
    AppRequests
    | where Name == "mark_failed"
    | summarize messages = count()
  KQL
  # A registry that had no run is urgent; the others can wait for the morning.
  alerts = {
    missing = {
      title     = "a registry had no nightly run for 26 hours"
      text      = "The timer did not fire, the app does not start, or nobody takes the work. docs/troubleshooting.md: \"No nightly run\"."
      enabled   = var.nightly && !var.paused
      severity  = 1
      window    = "P2D"
      query     = local.missing
      measure   = "runs"
      operator  = "LessThan"
      threshold = length(local.registries)
    }
    endless = {
      title     = "a run has not ended after 26 hours"
      text      = "Nobody works on it any more, or it finds no end. docs/troubleshooting.md: \"A run does not end\"."
      enabled   = true
      severity  = 2
      window    = "P2D"
      query     = local.endless
      measure   = "runs"
      operator  = "GreaterThan"
      threshold = 0
    }
    trouble = {
      title     = "a run failed, was held, or met trouble"
      text      = "The run itself says what was held, refused, denied or failed. docs/troubleshooting.md: \"A run is held, a repository refused\"."
      enabled   = true
      severity  = 2
      window    = "PT2H"
      query     = local.troubled
      measure   = "runs"
      operator  = "GreaterThan"
      threshold = 0
    }
    poison = {
      title     = "work failed again and again"
      text      = "A message came back five times; its repository is recorded as failed. docs/troubleshooting.md: \"Messages end in purge-work-poison\"."
      enabled   = true
      severity  = 2
      window    = "PT2H"
      query     = local.poisoned
      measure   = "messages"
      operator  = "GreaterThan"
      threshold = 0
    }
  }
}

resource "azapi_resource" "people" {
  count     = var.alert_email == "" ? 0 : 1
  type      = "Microsoft.Insights/actionGroups@2023-01-01"
  name      = "ag-purge-${local.token}"
  parent_id = azapi_resource.group.id
  location  = "global"
  tags      = local.tags
  body = {
    properties = {
      groupShortName = "acr-purge"
      enabled        = true
      emailReceivers = [
        {
          name                 = "owner"
          emailAddress         = var.alert_email
          useCommonAlertSchema = true
        }
      ]
    }
  }
}

resource "azapi_resource" "alert" {
  for_each  = local.alerts
  type      = "Microsoft.Insights/scheduledQueryRules@2023-12-01"
  name      = "alert-purge-${each.key}-${local.token}"
  parent_id = azapi_resource.group.id
  location  = var.location
  tags      = local.tags
  body = {
    kind = "LogAlert"
    properties = {
      displayName         = "acr-purge: ${each.value.title}"
      description         = each.value.text
      enabled             = each.value.enabled
      severity            = each.value.severity
      scopes              = [azapi_resource.workspace.id]
      evaluationFrequency = "PT1H"
      windowSize          = each.value.window
      autoMitigate        = true
      # A workspace that is minutes old may not know its tables yet, and the rule would be refused.
      skipQueryValidation = true
      criteria = {
        allOf = [
          {
            query               = each.value.query
            metricMeasureColumn = each.value.measure
            timeAggregation     = "Total"
            operator            = each.value.operator
            threshold           = each.value.threshold
            failingPeriods = {
              numberOfEvaluationPeriods = 1
              minFailingPeriodsToAlert  = 1
            }
          }
        ]
      }
      actions = {
        actionGroups = azapi_resource.people[*].id
      }
    }
  }
}
