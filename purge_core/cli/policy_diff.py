"""``policy diff``: what a new policy deletes more and less than an old one."""

from dataclasses import dataclass
from typing import Final

import click

from purge_core.cli.options import (
    CONCURRENCY,
    CONTEXT,
    MANIFEST_CACHE,
    REGISTRY,
    REPOSITORY,
    collected,
    several,
)

_EPILOG: Final = """\b
Examples:
  acr-purge policy diff old.yaml new.yaml -r contoso
  acr-purge policy diff old.yaml new.yaml -r contoso -o markdown > comment.md
  acr-purge policy diff "acr purge --filter 'app:.*' --ago 30d" new.yaml
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """All options, as they were given."""

    old: str
    new: str
    registry: str | None
    repositories: tuple[str, ...]
    manifest_cache: str | None
    concurrency: int | None
    output: str
    verbose: bool


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
@collected(Options)
def command(options: Options) -> int:
    """Say what the policy NEW deletes more and less than OLD.

    Both judge the same reading of the registry, and nothing is deleted. OLD and
    NEW are given as any POLICY. The exit code is 0 when both do the same, 4 when
    they do not, and 3 when a repository could not be read.
    """
    from purge_core.cli.policy_comparing import compare_policies

    return compare_policies(options)
