"""What ``policy diff`` does, apart from reading its options."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

from purge_core.cli import console
from purge_core.cli.connecting import connected, with_manifest_cache
from purge_core.cli.exits import Exit
from purge_core.cli.given import DifferenceOptions
from purge_core.cli.policies import read_policy, warn_of_notes
from purge_core.cli.requests import Inputs, Request, Wishes, make_request
from purge_core.cli.used import with_used
from purge_core.comparing import Pair, compare
from purge_core.errors import InputError, Problem
from purge_core.policies.source import PolicySource
from purge_core.records.differences import Difference
from purge_core.records.journal import Mode
from purge_core.report.difference import USUALLY, difference_document, difference_lines
from purge_core.report.markdown import difference_markdown
from purge_core.settings import Settings


def compare_policies(options: DifferenceOptions) -> int:
    """Read both policies and the registry, compare, and tell."""
    old, inputs = _read(options)
    for source in (old, inputs.source):
        warn_of_notes(source)
    wishes = Wishes(
        policy=inputs.source.policy,
        registry=options.registry,
        mode=Mode.PLAN,
        repositories=options.repositories,
        concurrency=options.concurrency,
    )
    bare = with_manifest_cache(make_request(wishes, inputs.settings), options.manifest_cache)
    before = with_used(replace(bare, order=replace(bare.order, policy=old.policy)))
    after = with_used(bare)
    found = asyncio.run(_compare(after, Pair(before.order, after.order)))
    console.emit(_shown(found, options))
    if not found.complete:
        return Exit.TROUBLE
    return Exit.DIFFERENT if found.differs else Exit.DONE


def _read(options: DifferenceOptions) -> tuple[PolicySource, Inputs]:
    """Read both policies and the environment.

    Raises:
        InputError: with the problems of all.

    """
    sources: dict[str, PolicySource] = {}

    def find(_: Settings) -> PolicySource:
        problems: list[Problem] = []
        for name, text in (("OLD", options.old), ("NEW", options.new)):
            try:
                sources[name] = read_policy(text, "policy")
            except InputError as error:
                problems += [replace(p, path=f"{name}: {p.path}") for p in error.problems]
        if problems:
            raise InputError(problems)
        return sources["NEW"]

    inputs = Inputs.read(options.registry, find)
    return sources["OLD"], inputs


async def _compare(request: Request, pair: Pair) -> Difference:
    async with connected(request) as registry:
        return await compare(registry, pair)


def _shown(found: Difference, options: DifferenceOptions) -> Iterator[str]:
    if options.output == "json":
        return difference_document(found)
    tell = difference_markdown if options.output == "markdown" else difference_lines
    lines = tell(found, None if options.verbose else USUALLY)
    return (f"{line}\n" for line in lines)
