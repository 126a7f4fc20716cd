"""``repositories``: the names of a registry's repositories."""

from typing import Final

import click

from purge_core.cli.commands.options import CONTEXT, OUTPUT, POLICY, REGISTRY, collected, several
from purge_core.cli.given import RepositoriesOptions

_EPILOG: Final = """\b
Examples:
  acr-purge repositories -r contoso
  acr-purge repositories -r contoso --policy purge-policy.yaml
"""


@click.command("repositories", epilog=_EPILOG, context_settings=CONTEXT)
@several(REGISTRY, POLICY, OUTPUT)
@collected(RepositoriesOptions)
def command(options: RepositoriesOptions) -> int:
    """List the repositories of a registry, one per line.

    With --policy: only those in which the policy could delete anything.
    """
    from purge_core.cli.listing import list_repositories

    return list_repositories(options)
