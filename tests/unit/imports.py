"""Texts as people have them, shortened from public repositories and vendors' pages."""

from purge_core.policies.importing.imported import Imported, import_policy

DOCUMENTED = r"""
# Environment variable for container command line
PURGE_CMD="acr purge --filter 'hello-world:.*' \
  --untagged --ago 1d"

az acr run \
  --cmd "$PURGE_CMD" \
  --registry myregistry \
  /dev/null
"""

EARLY = (
    "az acr task create --name purgetask --registry contoso --context /dev/null"
    ' --cmd "{{.Run.Registry}}/acr purge --repository "scratch" --ago 10d'
    ' -r {{.Run.Registry}}" --schedule "0 10 * * *"'
)

TERRAFORM = """
variable "days" {
  type    = number
  default = 7
}
locals {
  cron = "0 2 * * *"
}
resource "azurerm_container_registry_task" "purge" {
  name = "acr purge"
  # task_content = "acr purge --filter '.*:.*' --ago 0d"
  encoded_step {
    task_content = base64encode(<<-EOT
      version: v1.1.0
      steps:
        - cmd: acr purge --untagged-only --ago ${var.days}d
          disableWorkingDirectoryOverride: true
        - cmd: acr purge --filter 'web:^ci-' --ago 30d --untagged  # weekly
          timeout: 3600
    EOT
    )
  }
  timer_trigger {
    name     = "daily"
    schedule = local.cron
  }
}
"""

ENCODED = """
resource "azurerm_container_registry_task" "cleanup" {
  encoded_step {
    task_content = yamlencode({
      version = "v1.1.0"
      steps = [
        {
          cmd     = "acr purge --filter '${var.name}:v.*' --ago 0d --keep 5"
          timeout = 3600
        },
      ]
    })
  }
}
"""

BICEP = r"""
param schedule string = '0 3 * * Tue'
param days int = 30
// var old = 'acr purge --filter .*:.* --ago 0d'
var steps = $'''
version: v1.1.0
steps:
- cmd: acr purge --filter 'snapshot/.*:.*' --ago ${days}d
  timeout: 3600
'''
resource task 'Microsoft.ContainerRegistry/registries/tasks@2019-04-01' = {
  name: 'purge'
  properties: {
    step: { type: 'EncodedTask', encodedTaskContent: base64(steps) }
    trigger: { timerTriggers: [ {
      name: 'acr purge nightly'
      schedule: schedule
    } ] }
  }
}
"""

WORKFLOW = r"""
on:
  schedule:
    - cron: "0 0 * * 7"
env:
  IMAGE: web
jobs:
  purge:
    steps:
      - name: acr purge of old images
        run: |
          az acr run \
            --cmd "mcr.microsoft.com/acr/acr-cli:0.16 purge \
              --filter '${{ env.IMAGE }}:v*' --keep 3 --ago 0d --untagged" \
            --registry contoso /dev/null
"""

LOOP = """
repos=$(az acr repository list -n $ACR -o tsv)
for repo in $repos; do
  PURGE_CMD="acr purge --filter '$repo:.*' --ago 30d --untagged"
  echo "now: $PURGE_CMD"
  az acr run --cmd "$PURGE_CMD" -r $ACR /dev/null
done
"""

POWERSHELL = """
$PURGE_CMD = "acr purge `
  --filter 'web:dev-.*' --ago 14d"
az acr task create --name clean --cmd $PURGE_CMD --schedule "t1:0 22 * * WED" -r contoso -c x
"""


def lines(text: str, **given: str) -> tuple[str, ...]:
    """Return the lines of a text in today's form."""
    return read(text, **given).lines


def read(text: str, **given: str) -> Imported:
    """Import a text; two underscores in a name stand for a dot."""
    return import_policy(text, {name.replace("__", "."): value for name, value in given.items()})
