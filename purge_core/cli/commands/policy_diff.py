"""``policy diff``: what a new policy deletes more and less than an old one."""

from typing import Final

import click

from purge_core.cli.commands.options import (
    CONCURRENCY,
    CONTEXT,
    MANIFEST_CACHE,
    REGISTRY,
    REPOSITORY,
    collected,
    several,
)
from purge_core.cli.given import DifferenceOptions

_EPILOG: Final = """\b
Examples:
  acr-purge policy diff old.yaml new.yaml -r contoso
  acr-purge policy diff old.yaml new.yaml -r contoso -o markdown > comment.md
  acr-purge policy diff "acr purge --filter 'app:.*' --ago 30d" new.yaml
"""


@click.command("diff", epilog=_EPILOG, context_settings=CONTEXT)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@several(
    REGISTRY,
    REPOSITORY,
    MANIFEST_CACHE,
    CONCURRENCY,
    click.option(
        "-o",
        "--output",
        type=click.Choice(["text", "json", "markdown"]),
        default="text",
        help="Text for people (default), one JSON document for programs, or Markdown for a"
        " pull request.",
    ),
    click.option("-v", "--verbose", is_flag=True, help="Show every item in text and Markdown."),
)
@collected(DifferenceOptions)
def command(options: DifferenceOptions) -> int:
    """Say what the policy NEW deletes more and less than OLD.

    Both judge the same reading of the registry, and nothing is deleted. OLD and
    NEW are given as any POLICY. The exit code is 0 when both do the same, 4 when
    they do not, and 3 when a repository could not be read.
    """
    from purge_core.cli.policy_comparing import compare_policies

    return compare_policies(options)
