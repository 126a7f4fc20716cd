"""`python -m bench.replay purge ...`: the requests of `acr purge`, in its order and at its width.

Stands beside ours where there is no `acr` binary: what it sends is that program's (`bench.acr` has
the arithmetic, which a test holds this to), while it hardly thinks, so its time is about the least
that such requests take on this machine. It is for the bench's own registries and no cleaner: it
knows neither locks nor what one image owes to another.
"""

import argparse
import asyncio
import os
import re
import ssl
import sys
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final
from urllib.parse import quote

import aiohttp

from purge_core.bootstrap import current_instant
from purge_core.durations import parse_duration
from purge_core.instants import parse_instant

_PAGE: Final = 100

Item = dict[str, Any]
"""A tag or a manifest, as the registry lists it."""


class Registry:
    """One registry, with so many requests under way at most."""

    def __init__(self, session: aiohttp.ClientSession, width: int) -> None:
        self._session = session
        self._slots = asyncio.Semaphore(width)

    async def send(self, method: str, path: str) -> tuple[Item, str | None]:
        """Send one request; returns the JSON of the answer, and where it goes on.

        Raises:
            aiohttp.ClientError: it was not answered, or refused.

        """
        async with self._slots, self._session.request(method, path) as answer:
            body = await answer.json(content_type=None) if await answer.read() else {}
            following = answer.links.get("next")
            return body, None if following is None else str(following["url"])

    async def all(self, method: str, paths: Sequence[str]) -> list[Item]:
        """Send a group of requests, and wait for the last; returns the JSON of the answers."""
        answers = await asyncio.gather(*(self.send(method, path) for path in paths))
        return [body for body, _ in answers]

    async def pages(self, path: str, member: str, position: str = "") -> AsyncIterator[list[Any]]:
        """List page after page: along its links, or behind the last item until none is left.

        ``position`` is the member that says where an item stands; empty: the item itself.
        """
        last = ""
        while True:
            body, _ = await self.send("GET", f"{path}{last}")
            found = body.get(member) or []
            if not found:
                return
            yield found
            last = f"&last={quote(found[-1][position] if position else found[-1], safe='')}"


async def purge(registry: Registry, given: argparse.Namespace) -> None:
    """Go through the repositories, one after the other."""
    names = [
        name
        async for page in registry.pages(f"/v2/_catalog?n={_PAGE}", "repositories")
        for name in page
    ]
    cutoff = current_instant() - parse_duration(given.ago)
    pattern = ".*:.*" if given.untagged_only else given.filter
    repositories, _, tags = pattern.rpartition(":")
    for name in sorted(names):
        if not re.fullmatch(repositories, name):
            continue
        if not given.untagged_only:
            await _purge_tags(registry, quote(name, safe=""), re.compile(tags), cutoff)
        await _purge_manifests(registry, name, cutoff)


async def _purge_tags(registry: Registry, name: str, pattern: re.Pattern[str], cutoff: int) -> None:
    """Delete a page of tags, then list the next one."""
    following: str | None = f"/acr/v1/{name}/_tags?n={_PAGE}&orderby=timedesc"
    while following is not None:
        body, following = await registry.send("GET", following)
        going = [
            f"/acr/v1/{name}/_tags/{tag['name']}"
            for tag in body.get("tags") or []
            if pattern.search(tag["name"]) and _is_old(tag, cutoff)
        ]
        await registry.all("DELETE", going)


async def _purge_manifests(registry: Registry, name: str, cutoff: int) -> None:
    """List all, read every index that stays and every OCI manifest that may go, delete those.

    What an index lists stays with it, and is not read.
    """
    path = f"/acr/v1/{quote(name, safe='')}/_manifests?n={_PAGE}"
    going, read = set[str](), []
    async for page in registry.pages(path, "manifests", "digest"):
        for manifest in page:
            kind, digest = manifest["mediaType"], manifest["digest"]
            if not manifest.get("tags") and _is_old(manifest, cutoff):
                going.add(digest)
            elif ".index." in kind or ".list." in kind:
                read.append(digest)
    at = f"/v2/{name}/manifests/"
    for index in await registry.all("GET", [at + digest for digest in read]):
        going -= {child["digest"] for child in index["manifests"]}
    # Those of the bench are all OCI manifests, which may have a subject: each is read.
    await registry.all("GET", [at + digest for digest in going])
    await registry.all("DELETE", [at + digest for digest in going])


def _is_old(item: Item, cutoff: int) -> bool:
    return parse_instant(item["lastUpdateTime"]) < cutoff


async def main(arguments: Sequence[str]) -> None:
    """Replay one purge."""
    parser = argparse.ArgumentParser(prog="python -m bench.replay", description=__doc__)
    parser.add_argument("command", choices=["purge"])
    for flag in ("-r", "-u", "-p"):
        parser.add_argument(flag, required=True)
    parser.add_argument("--filter")
    parser.add_argument("--ago", required=True)
    parser.add_argument("--untagged", action="store_true")
    parser.add_argument("--untagged-only", action="store_true")
    parser.add_argument("--concurrency", type=int, required=True)
    given = parser.parse_args(arguments)
    context = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
    async with aiohttp.ClientSession(
        f"https://{given.r}",
        connector=aiohttp.TCPConnector(limit=given.concurrency, ssl=context),
        headers={
            "Authorization": aiohttp.encode_basic_auth(given.u, given.p),
            "Accept": "*/*, application/vnd.oci.image.index.v1+json",
        },
        raise_for_status=True,
    ) as session:
        await purge(Registry(session, given.concurrency), given)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
