"""What ``repositories`` does, apart from reading its options."""

import asyncio
import json
from collections.abc import Callable

from purge_core.bootstrap import connect
from purge_core.cli import console
from purge_core.cli.exits import Exit
from purge_core.cli.given import RepositoriesOptions
from purge_core.cli.policies import read_policy
from purge_core.cli.requests import Request, Wishes, environment, make_request
from purge_core.model import RepositoryName
from purge_core.policies.policy import Policy
from purge_core.records.journal import Mode
from purge_core.report.text import printable


def list_repositories(options: RepositoriesOptions) -> int:
    """Ask the catalogue and tell."""
    settings = environment()
    chosen = None if options.policy is None else read_policy(options.policy, "--policy").policy
    wishes = Wishes(policy=chosen or Policy(), registry=options.registry, mode=Mode.PLAN)
    request = make_request(wishes, settings)
    names = asyncio.run(_names(request, (lambda _: True) if chosen is None else chosen.covers))
    if options.output == "json":
        document = {"registry": request.order.registry, "repositories": names}
        console.emit([json.dumps(document, indent=1), "\n"])
    else:
        console.say(map(printable, names))
    return Exit.DONE


async def _names(request: Request, wanted: Callable[[RepositoryName], bool]) -> list[str]:
    host = request.order.registry
    async with connect(request.settings, host, path=request.source) as registry:
        return sorted([name async for name in registry.repositories() if wanted(name)])
