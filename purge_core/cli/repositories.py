"""``repositories``: the names of a registry's repositories."""

from dataclasses import dataclass
from typing import Final

import click

from purge_core.cli.options import CONTEXT, OUTPUT, POLICY, REGISTRY, collected, several

_EPILOG: Final = """\b
Examples:
  acr-purge repositories -r contoso
  acr-purge repositories -r contoso --policy purge-policy.yaml
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """All options, as they were given."""

    registry: str | None
    policy: str | None
    output: str


@click.command("repositories", epilog=_EPILOG, context_settings=CONTEXT)
@several(REGISTRY, POLICY, OUTPUT)
@collected(Options)
def command(options: Options) -> int:
    """List the repositories of a registry, one per line.

    With --policy: only those in which the policy could delete anything.
    """
    from purge_core.cli.listing import list_repositories

    return list_repositories(options)
