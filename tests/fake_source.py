"""A registry that gives out the bytes of its manifests, and a connection that remembers them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from purge_core.adapters.known_bodies import known_bodies
from purge_core.adapters.remembering import RememberingRegistry
from purge_core.manifest_memory import NO_MEMORY, ManifestMemory
from purge_core.model import Digest, RepositoryName, Unread
from tests.builders import NOW
from tests.fake_state import digest_of
from tests.fakes import Call, FakeRegistry

SHOP = RepositoryName("shop")


class Source(FakeRegistry):
    """A registry that gives out bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.contents: dict[Digest, bytes | Unread] = {}

    def fill(self, *contents: bytes, repository: str = SHOP) -> tuple[Digest, ...]:
        """Push manifests of these bytes."""
        digests = tuple(digest_of(content.decode()) for content in contents)
        for digest, content in zip(digests, contents, strict=True):
            self.contents[digest] = content
            self.push(repository, digest=digest)
        return digests

    async def content(self, repository: RepositoryName, digest: Digest) -> bytes | Unread:
        """Give the bytes."""
        self.calls.append(Call("content", repository, digest))
        return self.contents.get(digest, Unread.GONE)

    @property
    def reads(self) -> int:
        """Count the manifests that were asked for."""
        return sum(call.method == "content" for call in self.calls)


@asynccontextmanager
async def connected(
    source: Source, memory: ManifestMemory = NO_MEMORY, name: str = "contoso"
) -> AsyncIterator[RememberingRegistry]:
    """Connect as a run does."""
    async with known_bodies(name, memory, lambda: NOW) as bodies:
        yield RememberingRegistry(source, bodies)
