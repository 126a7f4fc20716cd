"""``policy``: check a policy, show it as a document, print the schema of policies."""

from typing import Final

import click

from purge_core.cli.commands import policy_diff
from purge_core.cli.commands.options import CONTEXT

_EPILOG: Final = """\b
Examples:
  acr-purge policy check purge-policy.yaml
  acr-purge policy show "acr purge --filter 'app:.*' --ago 30d --keep 3"
  acr-purge policy import purge-task.yaml
  acr-purge policy diff old.yaml new.yaml -r contoso
  acr-purge policy schema > policy.schema.json
"""

_IMPORT_EPILOG: Final = """\b
Examples:
  az acr task show -n purgeTask -r contoso | acr-purge policy import -
  acr-purge policy import infra/acr.tf --set var.days=30
  acr-purge policy import "acr purge --filter 'app:.*' --ago 30d" -o json
"""

_POLICY: Final = click.argument("policy", metavar="[POLICY]", required=False)


@click.group("policy", epilog=_EPILOG, context_settings=CONTEXT)
def command() -> None:
    """Check a policy, compare two, show it, print the JSON Schema of policies.

    POLICY is a file (- reads standard input), a document in YAML or JSON, or a
    whole `acr purge ...` line in quotes. Default: PURGE_POLICY.
    """


@command.command("check", context_settings=CONTEXT)
@_POLICY
def check(policy: str | None) -> int:
    """Say whether a policy is right, its examples too; if not, every problem and its place."""
    from purge_core.cli.policy_work import check_policy

    return check_policy(policy)


@command.command("show", context_settings=CONTEXT)
@_POLICY
@click.option(
    "-o",
    "--output",
    type=click.Choice(["yaml", "json"]),
    default="yaml",
    help="The form of the document.",
)
def show(policy: str | None, output: str) -> int:
    """Show a policy as a document with every default written out.

    An `acr purge` line becomes a policy document; where the document cannot mean
    exactly the same, notes on standard error say how it differs.
    """
    from purge_core.cli.policy_work import show_policy

    return show_policy(policy, output)


@command.command("import", epilog=_IMPORT_EPILOG, context_settings=CONTEXT)
@click.argument("source", metavar="SOURCE")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="The value of a variable that stands in SOURCE without one. May be given several times.",
)
@click.option(
    "-o",
    "--output",
    type=click.Choice(["yaml", "json", "line"]),
    help="A document, or the `acr purge` line itself in today's form. Default: YAML, but the line"
    " where it has --keep, which a document counts otherwise.",
)
def import_(source: str, settings: tuple[str, ...], output: str | None) -> int:
    """Make a policy of what runs `acr purge` today.

    SOURCE is a file, a text in quotes, or - for standard input: the YAML of an ACR
    Task, what `az acr task show` prints, Terraform, Bicep, a workflow, a CronJob, a
    shell or PowerShell script, or one line of it. The policy goes to standard
    output; the schedule, and what a person should know, to standard error. What
    cannot be understood is an error that names its place: nothing is guessed.
    """
    from purge_core.cli.importing import import_text

    return import_text(source, settings, output)


@command.command("schema", context_settings=CONTEXT)
def schema() -> int:
    """Print the JSON Schema of policy documents, for editors and other tools."""
    from purge_core.cli.policy_work import print_schema

    return print_schema()


command.add_command(policy_diff.command)
