"""What the commands have in common: their options, and how these become one value."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, Literal, TypeVar

import click

Options = TypeVar("Options")
Function = TypeVar("Function", bound=Callable[..., Any])
Output = Literal["text", "json"]

CONTEXT: Final = {"help_option_names": ["-h", "--help"], "max_content_width": 80}


def collected(kind: Callable[..., Options]) -> Callable[[Callable[[Options], int]], "Command"]:
    """Give a command all of its options as one value instead of one by one."""

    def decorate(function: Callable[[Options], int]) -> Command:
        @wraps(function)
        def command(**given: object) -> int:
            return function(kind(**given))

        return command

    return decorate


Command = Callable[..., int]

REGISTRY: Final = click.option(
    "-r",
    "--registry",
    metavar="NAME",
    help="The registry: contoso, or its host name. Default: ACR_DEFAULT_REGISTRY.",
)
POLICY: Final = click.option(
    "--policy",
    metavar="POLICY",
    help="A policy: a file (- reads standard input), a document in YAML or JSON, or a whole "
    "`acr purge ...` line in quotes. Default: PURGE_POLICY.",
)
REPOSITORY: Final = click.option(
    "--repository",
    "repositories",
    multiple=True,
    metavar="NAME",
    help="Only this repository. May be given several times.",
)
AT: Final = click.option(
    "--at",
    metavar="TIME",
    help="Judge as of a later time, as if nothing were pushed until then: 2026-12-24 (its"
    " beginning, UTC) or 2026-12-24T18:00:00Z.",
)
EXACT_BYTES: Final = click.option(
    "--exact-bytes",
    is_flag=True,
    help="Count what is freed blob by blob, instead of an upper bound: looks at every manifest"
    " of the registry, most of which are remembered after the first time (PURGE_EXACT_BYTES).",
)
VERIFY: Final = click.option(
    "--verify",
    is_flag=True,
    help="At the end look whether anything that stays has lost a part: lists the manifests of "
    "what was purged once more (PURGE_VERIFY).",
)
OUTPUT: Final = click.option(
    "-o",
    "--output",
    type=click.Choice(["text", "json"]),
    default="text",
    help="Text for people (default), or one JSON document for programs.",
)
VERBOSE: Final = click.option(
    "-v", "--verbose", is_flag=True, help="Show everything that goes or stays, and why."
)
QUIET: Final = click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
CONCURRENCY: Final = click.option(
    "--concurrency",
    metavar="N",
    type=click.IntRange(1, 64),
    help="Requests under way at once, 1 to 64. Default: 16 (PURGE_CONCURRENCY).",
)
MANIFEST_CACHE: Final = click.option(
    "--manifest-cache",
    metavar="FILE",
    help="Where manifests are remembered from run to run; off: nowhere. Default: "
    "PURGE_MANIFEST_CACHE, or a file in your cache folder.",
)


def several(*options: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """Put several options on a command, in this order."""

    def decorate(function: Function) -> Function:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate
