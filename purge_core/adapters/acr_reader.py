"""Reading a registry: listings, newest entries and manifest bodies."""

import logging
from collections.abc import AsyncIterator, Callable
from functools import partial
from hashlib import sha256
from itertools import islice
from typing import Any, Final, TypeVar, cast
from weakref import WeakValueDictionary

from azure.containerregistry import ArtifactManifestOrder, ArtifactTagOrder
from azure.containerregistry.aio import ContainerRegistryClient
from azure.core.async_paging import AsyncItemPaged, AsyncPageIterator

from purge_core.adapters.acr_pages import Fetch, Page, newest_entries, walk, whole_listing
from purge_core.adapters.acr_pipeline import Call
from purge_core.adapters.acr_read import (
    Strings,
    body_of,
    check_digest,
    check_repository,
    check_tag,
    manifests_page,
    names_page,
    tags_page,
)
from purge_core.adapters.acr_scopes import Scope
from purge_core.adapters.acr_session import Session
from purge_core.errors import NotFound, RegistryError
from purge_core.instants import Instant
from purge_core.model import BodyState, Digest, Manifest, RepositoryName, Tag, TagName, Unread
from purge_core.registry import Changes, Listing

Entry = TypeVar("Entry")
Pages = Callable[[ContainerRegistryClient, Call], AsyncItemPaged[Any]]

_LOG: Final = logging.getLogger(__name__)


class AcrReader:
    """Reads through an open session. Implements ``purge_core.registry.RegistryReader``."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._strings: WeakValueDictionary[RepositoryName, Strings] = WeakValueDictionary()

    async def repositories(self) -> AsyncIterator[RepositoryName]:
        """All repositories, in the order of the catalogue."""
        size = self._session.options.repository_page_size
        fetch = self._fetch(
            Scope("", "catalog"),
            lambda client, call: client.list_repository_names(results_per_page=size, call=call),
            names_page,
        )
        found: dict[str, RepositoryName] = {}
        given = 0
        async for _ in walk(fetch, str, found):
            for name in tuple(islice(found.values(), given, None)):
                yield name
            given = len(found)

    async def tags(self, repository: RepositoryName) -> Listing[Tag]:
        """All tags."""
        strings = self._strings_of(repository)
        return await whole_listing(
            self._tags(repository, strings),
            self._tags(repository, strings, ArtifactTagOrder.LAST_UPDATED_ON_DESCENDING),
        )

    async def manifests(self, repository: RepositoryName) -> Listing[Manifest]:
        """All manifests."""
        strings = self._strings_of(repository)
        newest = ArtifactManifestOrder.LAST_UPDATED_ON_DESCENDING
        return await whole_listing(
            self._manifests(repository, strings), self._manifests(repository, strings, newest)
        )

    async def tags_since(self, repository: RepositoryName, mark: Instant | None) -> Changes[Tag]:
        """Tags, newest first, down to the first that is older than ``mark``."""
        newest = ArtifactTagOrder.LAST_UPDATED_ON_DESCENDING
        fetch = self._tags(repository, Strings(), newest, urgent=True)
        return await newest_entries(fetch, mark)

    async def manifests_since(
        self, repository: RepositoryName, mark: Instant | None
    ) -> Changes[Manifest]:
        """Manifests, newest first, down to the first that is older than ``mark``."""
        newest = ArtifactManifestOrder.LAST_UPDATED_ON_DESCENDING
        fetch = self._manifests(repository, Strings(), newest, urgent=True)
        return await newest_entries(fetch, mark)

    async def body(self, repository: RepositoryName, digest: Digest) -> BodyState:
        """What the manifest's body names. A failure to read it is a value, not raised."""
        content = await self.content(repository, digest)
        return body_of(content) if isinstance(content, bytes) else content

    async def content(self, repository: RepositoryName, digest: Digest) -> bytes | Unread:
        """The manifest's bytes, which have this digest; or ``GONE`` or ``FAILED``."""
        try:
            return await self._read(repository, digest)
        except NotFound:
            return Unread.GONE
        except RegistryError as error:
            _LOG.warning("%s@%s could not be read: %s", repository, digest, error)
            return Unread.FAILED

    async def exists(self, repository: RepositoryName, digest: Digest) -> bool:
        """Whether the registry gives the manifest out in this moment."""
        try:
            await self._read(repository, digest)
        except NotFound:
            return False
        return True

    async def has_tag(self, repository: RepositoryName, tag: TagName) -> bool:
        """Whether there is such a tag in this moment."""
        call = Call(Scope(check_repository(repository), "metadata_read"), raw=False)
        name = check_tag(tag)
        try:
            await self._session.repeated(
                call, lambda client: client.get_tag_properties(repository, name, call=call)
            )
        except NotFound:
            return False
        return True

    async def _read(self, repository: RepositoryName, digest: Digest) -> bytes:
        call = Call(Scope(check_repository(repository), "pull"))
        await self._session.repeated(call, partial(_download, call, check_digest(digest)))
        return call.body()

    def _strings_of(self, repository: RepositoryName) -> Strings:
        """Give what the listings of one repository share while they are being read."""
        strings = self._strings.get(repository) or Strings()
        self._strings[repository] = strings
        return strings

    def _tags(
        self,
        repository: RepositoryName,
        strings: Strings,
        order: ArtifactTagOrder | None = None,
        *,
        urgent: bool = False,
    ) -> Fetch[Tag]:
        name, size = check_repository(repository), self._session.options.page_size
        return self._fetch(
            Scope(name, "metadata_read"),
            lambda client, call: client.list_tag_properties(
                name, order_by=order, results_per_page=size, call=call
            ),
            partial(tags_page, strings=strings),
            urgent=urgent,
        )

    def _manifests(
        self,
        repository: RepositoryName,
        strings: Strings,
        order: ArtifactManifestOrder | None = None,
        *,
        urgent: bool = False,
    ) -> Fetch[Manifest]:
        name, size = check_repository(repository), self._session.options.page_size
        return self._fetch(
            Scope(name, "metadata_read"),
            lambda client, call: client.list_manifest_properties(
                name, order_by=order, results_per_page=size, call=call
            ),
            partial(manifests_page, strings=strings),
            urgent=urgent,
        )

    def _fetch(
        self,
        scope: Scope,
        pages: Pages,
        read: Callable[[bytes], list[Entry]],
        *,
        urgent: bool = False,
    ) -> Fetch[Entry]:
        """Make what fetches a page, first or by link; a page can be tried again by itself."""

        async def fetch(link: str | None) -> Page[Entry]:
            call = Call(scope, urgent=urgent)

            async def send(client: ContainerRegistryClient) -> str | None:
                iterator = pages(client, call).by_page(link)
                await anext(iterator)
                # Where the next page is, is all that is asked of the client's own reading.
                return cast("AsyncPageIterator[Any]", iterator).continuation_token or None

            following = await self._session.repeated(call, send)
            return Page(read(call.body()), following)

        return fetch


async def _download(call: Call, digest: Digest, client: ContainerRegistryClient) -> None:
    """Receive a manifest whose bytes have this digest, whether or not they are JSON."""
    try:
        await client.get_manifest(call.scope.repository, digest, call=call)
    except (ValueError, RecursionError):
        if not _has_digest(call, digest):
            raise
    finally:
        if call.stream is not None:
            await call.stream.close()


def _has_digest(call: Call, digest: Digest) -> bool:
    try:
        return f"sha256:{sha256(call.body()).hexdigest()}" == digest
    except ValueError:  # it was not received
        return False
