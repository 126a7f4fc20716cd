"""The clients that it must serve: the vendor's SDK, and the vendor's own tool."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self
from urllib.parse import parse_qs, quote, urlsplit

import aiohttp
import pytest
from azure.containerregistry import ArtifactTagOrder
from azure.containerregistry.aio import ContainerRegistryClient
from azure.core.credentials import AccessToken
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
)
from azure.core.pipeline.transport import AioHttpTransport

from acr_emulator import Denial, Emulator, Kind, Options
from acr_emulator.attributes import OPEN
from acr_emulator.generate import Shape, Size, generate
from tests.emulator.http import Client, serving
from tests.emulator.seeds import NOW, SECOND, image, index, new_registry

WEB = "shop/web"


class Credential:
    """A directory that gives everyone the same token."""

    async def get_token(self, *_scopes: str, **_more: object) -> AccessToken:
        """The token."""
        return AccessToken("somebody", 4_102_444_800)

    async def close(self) -> None:
        """Nothing is open."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        return None


@asynccontextmanager
async def sdk(emulator: Emulator) -> AsyncIterator[ContainerRegistryClient]:
    """The vendor's client of an emulator that runs as long as the context."""
    async with emulator:
        context = ssl.create_default_context(cafile=str(emulator.ca_file))
        connector = aiohttp.TCPConnector(ssl=context)
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            ContainerRegistryClient(
                emulator.url,
                Credential(),
                audience="https://containerregistry.azure.net",
                transport=AioHttpTransport(session=session, session_owner=False),
                retry_total=0,
            ) as client,
        ):
            yield client


async def test_the_sdk_lists_everything() -> None:
    """Names, tags and manifests over several pages, in every order."""
    registry = new_registry()
    for number in range(7):
        image(registry, f"{number}", tags=[f"t{number}"], at=NOW - number * SECOND)
        image(registry, "x", repository=f"r{number}")
    async with sdk(Emulator(registry, Options(page_cap=2))) as client:
        names = [it async for it in client.list_repository_names(results_per_page=2)]
        newest = [
            it.name
            async for it in client.list_tag_properties(
                WEB, order_by=ArtifactTagOrder.LAST_UPDATED_ON_DESCENDING, results_per_page=2
            )
        ]
        manifests = [it.digest async for it in client.list_manifest_properties(WEB)]
    assert names == [*(f"r{number}" for number in range(7)), WEB]
    assert newest == [f"t{number}" for number in range(7)]
    assert manifests == sorted(registry.repositories[WEB].manifests)


async def test_the_sdk_reads_single_items() -> None:
    """Properties and bytes."""
    registry = new_registry()
    child = image(registry, "a")
    digest = index(registry, child, tags=["v1"])
    async with sdk(Emulator(registry)) as client:
        manifest = await client.get_manifest_properties(WEB, "v1")
        tag = await client.get_tag_properties(WEB, "v1")
        content = await client.get_manifest(WEB, digest)
        repository = await client.get_repository_properties(WEB)
    assert (manifest.digest, manifest.tags) == (digest, ["v1"])
    assert manifest.size_in_bytes == registry.manifest(WEB, digest).size
    assert tag.digest == content.digest == digest
    assert child in str(content.manifest)
    assert (repository.manifest_count, repository.tag_count) == (2, 1)


async def test_the_sdk_locks_and_deletes() -> None:
    """A locked tag answers 405; deletes of what is gone are no errors of the SDK."""
    registry = new_registry()
    digest = image(registry, "a", tags=["v1", "v2"])
    other = image(registry, "b")
    async with sdk(Emulator(registry)) as client:
        await client.update_tag_properties(WEB, "v1", can_delete=False)
        with pytest.raises(HttpResponseError) as locked:
            await client.delete_tag(WEB, "v1")
        await client.update_tag_properties(WEB, "v1", can_delete=True)
        await client.delete_tag(WEB, "v1")
        await client.delete_tag(WEB, "v1")
        await client.update_manifest_properties(WEB, digest, can_write=False)
        assert registry.manifest(WEB, digest).attributes.locked
        await client.delete_manifest(WEB, other)
        assert set(registry.repositories[WEB].manifests) == {digest}
        with pytest.raises(ResourceNotFoundError):
            await client.get_tag_properties(WEB, "v1")
    assert locked.value.status_code == 405


async def test_the_sdk_is_denied_what_it_may_not() -> None:
    """A second 401 is an authentication error to it."""
    registry = new_registry()
    image(registry, "a", tags=["v1"])
    options = Options(denials=(Denial(actions=frozenset({"delete"})),))
    async with sdk(Emulator(registry, options)) as client:
        assert (await client.get_tag_properties(WEB, "v1")).name == "v1"
        with pytest.raises(ClientAuthenticationError):
            await client.delete_tag(WEB, "v1")


class Tool:
    """Asks for what `acr purge` asks: Basic on every call, `last` alone taken from links."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def repositories(self) -> list[str]:
        """All names: pages until an empty one."""
        names: list[str] = []
        while True:
            last = f"&last={quote(names[-1], safe='')}" if names else ""
            page = (await self._client.get(f"/v2/_catalog?n=100{last}")).json["repositories"]
            if not page:
                return names
            names += page

    async def delete_tags(self, repository: str) -> None:
        """Delete the tags page by page, the next page begins at a tag that is gone."""
        path = f"/acr/v1/{quote(repository, safe='')}/_tags"
        last = ""
        while True:
            answer = await self._client.get(f"{path}?n=100&orderby=timedesc{last}")
            for tag in answer.json["tags"] or []:
                assert (await self._client.send("DELETE", f"{path}/{tag['name']}")).status == 202
            link = answer.headers.get("Link")
            if link is None:
                return
            query = parse_qs(urlsplit(link[1 : link.index(">")]).query)
            last = f"&last={quote(query['last'][0], safe='')}"

    async def delete_manifests(self, repository: str) -> None:
        """Delete the manifests, read by `last` = digest until an empty page."""
        name = quote(repository, safe="")
        last = ""
        digests: list[str] = []
        while True:
            answer = await self._client.get(f"/acr/v1/{name}/_manifests?n=100{last}")
            page = answer.json["manifests"]
            if not page:
                break
            digests += [entry["digest"] for entry in page]
            last = f"&last={quote(digests[-1], safe='')}"
        for digest in digests:
            path = f"/v2/{name}/manifests/{quote(digest, safe='')}"
            assert (await self._client.send("DELETE", path)).status in {202, 404}


async def test_the_tools_requests_empty_a_registry() -> None:
    """Its ways of paging and deleting come through, with nothing left and no token asked for."""
    registry = generate(Shape.MIXED, seed=3, size=Size(tags=300, repositories=2), now=NOW)
    for place in registry.repositories.values():
        for tag in place.tags.values():
            tag.attributes = OPEN
        for manifest in place.manifests.values():
            manifest.attributes = OPEN
    emulator = Emulator(registry)
    async with serving(emulator) as client:
        tool = Tool(client)
        for name in await tool.repositories():
            await tool.delete_tags(name)
            assert not registry.repositories[name].tags
            await tool.delete_manifests(name)
    assert registry.repositories == {}
    assert not {Kind.CHALLENGE, Kind.OAUTH} & emulator.log.counts.keys()
