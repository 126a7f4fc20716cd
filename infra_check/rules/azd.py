"""Rules of azd: it finds what it deploys to by tags and outputs, and writes outputs into a file."""

from collections.abc import Iterator

from infra_check.rules import Complaint, Rule, Trial

_GROUP = "Microsoft.Resources/resourceGroups"
_SITE = "Microsoft.Web/sites"


def tags(trial: Trial) -> Iterator[Complaint]:
    """Let azd know the group by its environment, and the app by its service.

    Source: https://learn.microsoft.com/azure/developer/azure-developer-cli/azd-templates
    """
    if not _is_bicep(trial):
        return
    wanted = {
        _GROUP: ("azd-env-name", trial.scenario.environment),
        _SITE: ("azd-service-name", trial.code.service[0]),
    }
    for kind, (tag, value) in wanted.items():
        for each in trial.deployed.of(kind):
            if each.at(f"tags.{tag}") is None:
                yield each, f"azd does not find it: the tag {tag} is not {value!r}"


def outputs(trial: Trial) -> Iterator[Complaint]:
    """Let azd know the group, and write no secret into its environment, nor into a state."""
    told = trial.deployed.outputs
    groups = [each.name for each in trial.deployed.of(_GROUP)]
    if _is_bicep(trial) and [told.get("AZURE_RESOURCE_GROUP")] != groups:
        yield None, "the output AZURE_RESOURCE_GROUP does not name the resource group"
    for name, value in told.items():
        if trial.scenario.webhook and trial.scenario.webhook in str(value):
            yield None, f"the output {name} tells the address of the webhook, which is a secret"


def _is_bicep(trial: Trial) -> bool:
    return any(each.file.endswith(".bicep") for each in trial.deployed.resources)


RULES: tuple[Rule, ...] = (tags, outputs)
