"""Changing a registry: deletions and locks, one request each and never a second one."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from azure.containerregistry.aio import ContainerRegistryClient
from azure.core.exceptions import HttpResponseError

from purge_core.adapters.acr_errors import CLIENT_FAILURES
from purge_core.adapters.acr_pipeline import Call
from purge_core.adapters.acr_read import check_digest, check_repository, check_tag, digest_or_none
from purge_core.adapters.acr_scopes import Scope
from purge_core.adapters.acr_session import Session
from purge_core.errors import Malformed
from purge_core.model import Digest, Lock, RepositoryName, TagName
from purge_core.registry import Answer, Deletion

Act = Callable[[ContainerRegistryClient], Awaitable[object]]

_ANSWERS: Final = {202: Answer.ACCEPTED, 404: Answer.GONE, 405: Answer.LOCKED}
_DONE: Final = 200
_TAG_DIGEST: Final = "X-Ms-Int-Docker-Content-Digest"


class AcrWriter:
    """Writes through an open session. Implements ``purge_core.registry.RegistryWriter``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def delete_tag(
        self, repository: RepositoryName, tag: TagName, *, age: float = 0.0
    ) -> Deletion:
        """Delete one tag; its manifest stays."""
        call = Call(Scope(check_repository(repository), "delete"), begun=_since(age))
        name = check_tag(tag)
        answer = await self._delete(call, lambda c: c.delete_tag(repository, name, call=call))
        return Deletion(answer, digest_or_none(call.header(_TAG_DIGEST)))

    async def delete_manifest(
        self, repository: RepositoryName, digest: Digest, *, age: float = 0.0
    ) -> Deletion:
        """Delete one manifest, with all its tags and all its referrers."""
        call = Call(Scope(check_repository(repository), "delete"), begun=_since(age))
        known = check_digest(digest)
        return Deletion(
            await self._delete(call, lambda c: c.delete_manifest(repository, known, call=call))
        )

    async def lock_tag(
        self, repository: RepositoryName, tag: TagName, lock: Lock, *, age: float | None = None
    ) -> None:
        """Set both lock attributes of a tag."""
        scope = Scope(check_repository(repository), "metadata_write")
        call = Call(scope, raw=False, begun=None if age is None else _since(age))
        name = check_tag(tag)
        await self._update(
            call,
            lambda client: client.update_tag_properties(
                repository,
                name,
                can_delete=lock.delete_enabled,
                can_write=lock.write_enabled,
                call=call,
            ),
        )

    async def lock_manifest(
        self, repository: RepositoryName, digest: Digest, lock: Lock, *, age: float | None = None
    ) -> None:
        """Set both lock attributes of a manifest."""
        scope = Scope(check_repository(repository), "metadata_write")
        call = Call(scope, raw=False, begun=None if age is None else _since(age))
        known = check_digest(digest)
        await self._update(
            call,
            lambda client: client.update_manifest_properties(
                repository,
                known,
                can_delete=lock.delete_enabled,
                can_write=lock.write_enabled,
                call=call,
            ),
        )

    async def _delete(self, call: Call, act: Act) -> Answer:
        """Delete, and tell what was answered by its status: the client hides a 404."""

        async def send(client: ContainerRegistryClient) -> None:
            try:
                await act(client)
            except HttpResponseError:
                if call.status not in _ANSWERS:
                    raise

        await self._session.once(call, send)
        answer = _ANSWERS.get(call.status or 0)
        if answer is None:
            raise Malformed(f"{self._session.host} answers {call.status} to a deletion")
        return answer

    async def _update(self, call: Call, act: Act) -> None:
        """Update. What the client makes of the answer does not matter once it is 200."""

        async def send(client: ContainerRegistryClient) -> None:
            try:
                await act(client)
            except CLIENT_FAILURES:
                if call.status != _DONE:
                    raise

        await self._session.once(call, send)


def _since(age: float) -> float:
    """Give the second of the loop's clock from which on something has been known."""
    return asyncio.get_running_loop().time() - age
