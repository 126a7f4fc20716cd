"""``purge``: the flags of ``acr purge``, or a policy, planned and carried out."""

from collections.abc import Sequence
from typing import Any, Final

import click

from purge_core.cli.commands.journal_option import JOURNAL, JournalCommand
from purge_core.cli.commands.options import (
    CONTEXT,
    EXACT_BYTES,
    MANIFEST_CACHE,
    OUTPUT,
    POLICY,
    QUIET,
    REGISTRY,
    VERIFY,
    collected,
    several,
)
from purge_core.cli.given import PurgeOptions

_SHORT: Final = ("-f=", "-r=", "-u=", "-p=", "-c=")
_SWITCHES: Final = ("--untagged", "--untagged-only", "--dry-run", "--include-locked", "--verbose")
_OFF: Final = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_ON: Final = frozenset({"1", "t", "T", "TRUE", "true", "True"})

_EPILOG: Final = """\b
Examples:
  See what would go, then do it:
    acr-purge purge -r contoso --filter 'shop/.*:pr-.*' --ago 7d --dry-run
    acr-purge purge -r contoso --filter 'shop/.*:pr-.*' --ago 7d
  Keep the three newest, and remove what has no tag:
    acr-purge purge -r contoso --filter '.*:.*' --ago 30d --keep 3 --untagged
  For programs:
    acr-purge purge -r contoso --filter 'app:.*' --ago 0d -o json > run.json
"""


class PurgeCommand(JournalCommand):
    """Takes ``--untagged=true``, ``-f=filter`` and the like, as ``acr purge`` does."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments, brought into click's form."""
        return super().parse_args(ctx, _in_clicks_form(args))


def _in_clicks_form(arguments: Sequence[str]) -> list[str]:
    """Write ``-f=value`` as ``-fvalue``, and each switch once, as it was last set."""
    switches: dict[str, bool] = {}
    others: list[str] = []
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if name in _SWITCHES and (not equals or value in _ON | _OFF):
            switches[name] = not equals or value in _ON
        else:
            others.append(name + value if argument.startswith(_SHORT) else argument)
    return [*(name for name, on in switches.items() if on), *others]


_FLAGS: Final[tuple[Any, ...]] = (
    click.option(
        "-f",
        "--filter",
        "filters",
        multiple=True,
        metavar="REPOSITORY:TAG",
        help="Two regular expressions: whole repository name, any part of the tag. May be "
        "given several times.",
    ),
    click.option(
        "--ago",
        metavar="DURATION",
        help="Only what was last updated longer ago: 30d, 12h, 1d12h. 0d: of any age.",
    ),
    click.option("--keep", metavar="N", help="Spare the N newest of what would go."),
    click.option("--untagged", is_flag=True, help="Also delete manifests without a tag."),
    click.option("--untagged-only", is_flag=True, help="Delete nothing but those."),
    click.option(
        "--include-locked", is_flag=True, help="Unlock what is locked just before it goes."
    ),
    click.option("--dry-run", is_flag=True, help="Only show what would be deleted, and why."),
    click.option(
        "--filter-timeout-seconds",
        metavar="N",
        help="Stop an expression that takes longer on one name. Default: 60.",
    ),
    click.option(
        "--concurrency",
        metavar="N",
        help="Requests under way at once, 1 to 32. Default: 16 (PURGE_CONCURRENCY).",
    ),
    click.option(
        "--repository-page-size",
        metavar="N",
        help="Repositories per page of the catalogue. Default: as many as it gives.",
    ),
)

_CREDENTIALS: Final[tuple[Any, ...]] = (
    click.option("-u", "--username", hidden=True),
    click.option("-p", "--password", hidden=True),
    click.option("-c", "--config", multiple=True, hidden=True),
)


@click.command("purge", cls=PurgeCommand, epilog=_EPILOG, context_settings=CONTEXT)
@several(
    REGISTRY,
    *_FLAGS,
    POLICY,
    JOURNAL,
    EXACT_BYTES,
    VERIFY,
    MANIFEST_CACHE,
    OUTPUT,
    click.option("-v", "--verbose", is_flag=True, help="Show everything, and why."),
    QUIET,
    *_CREDENTIALS,
)
@collected(PurgeOptions)
def command(options: PurgeOptions) -> int:
    """Delete old tags and manifests: with the flags of `acr purge`, or by a policy.

    The flags mean what they mean in `acr purge`. Everything is planned before
    anything is deleted. The Azure identity that runs this decides what may be
    deleted; `--username`, `--password` and `--config` are not supported.
    """
    from purge_core.cli.purging import purge

    return purge(options)
