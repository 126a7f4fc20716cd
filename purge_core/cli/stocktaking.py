"""What ``storage`` does, apart from reading its options."""

import asyncio

from purge_core.cli import console
from purge_core.cli.connecting import connected, with_manifest_cache
from purge_core.cli.exits import Exit
from purge_core.cli.given import StorageOptions
from purge_core.cli.policies import read_policy, warn_of_notes
from purge_core.cli.progress import Silence, Watch
from purge_core.cli.requests import Inputs, Request, Wishes, make_request
from purge_core.cli.used import with_used
from purge_core.planning import plan_repositories
from purge_core.policies.policy import Policy
from purge_core.policies.source import PolicySource
from purge_core.records.journal import Mode
from purge_core.records.stock import Stock
from purge_core.report.stock import stock_document, stock_lines
from purge_core.report.text import count
from purge_core.settings import Settings
from purge_core.stocktaking import take_stock as take
from purge_core.stocktaking import with_cost


def take_stock(options: StorageOptions) -> int:
    """Look at the registry, and tell."""

    def find(_: Settings) -> PolicySource:
        text = options.policy
        return PolicySource(Policy()) if text is None else read_policy(text, "--policy")

    inputs = Inputs.read(options.registry, find)
    warn_of_notes(inputs.source)
    wishes = Wishes(
        policy=inputs.source.policy,
        registry=options.registry,
        mode=Mode.PLAN,
        concurrency=options.concurrency,
    )
    request = with_used(make_request(wishes, inputs.settings))
    request = with_manifest_cache(request, options.manifest_cache)
    found = asyncio.run(_take(request, planning=options.policy is not None))
    stock = with_cost(found, inputs.settings.sku, inputs.settings.storage_price)
    if options.output == "json":
        console.emit(stock_document(stock))
    else:
        console.say(stock_lines(stock))
    return Exit.TROUBLE if stock.unread else Exit.DONE


async def _take(request: Request, *, planning: bool) -> Stock:
    order = request.order
    async with connected(request) as registry:
        planned = None
        if planning:
            planned = await plan_repositories(registry, order, Watch(Silence()))
        return await take(registry, order.registry, order.now, order.concurrency, _tell, planned)


def _tell(manifests: int) -> None:
    """Say beforehand what it costs."""
    many = count(manifests, "manifest")
    console.tell(f"{many} to look at; a request for each that is not remembered")
