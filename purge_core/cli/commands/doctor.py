"""``doctor``: what is missing to plan or to purge, looked at without changing anything."""

from typing import Final

import click

from purge_core.cli.commands.options import CONTEXT, OUTPUT, POLICY, REPOSITORY, collected, several
from purge_core.cli.given import DoctorOptions

_EPILOG: Final = """\b
Examples:
  acr-purge doctor -r contoso
  acr-purge doctor -r contoso --policy purge-policy.yaml --for plan
  acr-purge doctor --settings local.settings.json

\b
Exit code: 0 nothing is missing, 3 something is.
"""


@click.command("doctor", epilog=_EPILOG, context_settings=CONTEXT)
@several(
    click.option(
        "-r",
        "--registry",
        "registries",
        multiple=True,
        metavar="NAME",
        help="A registry to look at. May be given several times. Default: PURGE_REGISTRIES, or "
        "ACR_DEFAULT_REGISTRY.",
    ),
    POLICY,
    REPOSITORY,
    click.option(
        "--settings",
        metavar="FILE",
        help="A local.settings.json: look at the app that it describes, its queue, its tables "
        "and its last night too. Variables of the environment win.",
    ),
    click.option(
        "--for",
        "purpose",
        type=click.Choice(["plan", "purge"]),
        help="What is intended. Default: PURGE_MODE for an app, else purge.",
    ),
    OUTPUT,
)
@collected(DoctorOptions)
def command(options: DoctorOptions) -> int:
    """Say what is missing to plan or to purge, and what would mend it.

    Looks at the identity, its rights, the registry, the clock and the policy; where the
    environment or --settings describes the app, at its settings, queues, tables and the
    last night as well. Nothing is changed: what may be deleted shows in the token that
    the registry gives.
    """
    from purge_core.cli.doctoring import examine

    return examine(options)
