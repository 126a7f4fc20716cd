"""The tables of one storage account, in the few operations that the store is made of.

A row is replaced only as it was read (by its ETag). Every row carries in ``write`` a mark
of the write that made it, so that a write whose answer was lost is known as our own.
"""

import uuid
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceExistsError
from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableServiceClient

from purge_core.adapters.tables.calls import (
    TABLE_NOT_FOUND,
    Patience,
    call,
    code_of,
    refused,
    status_of,
)
from purge_core.adapters.tables.keys import Key
from purge_core.adapters.tables.operations import Operation, Stored, chunked, keyed
from purge_core.adapters.tables.rows import Row
from purge_core.errors import JournalError

Answer = TypeVar("Answer")

_PAGE: Final = 1000
_TURNS: Final = 20
"""How often a row is read again because others keep changing it."""
_BEATEN: Final = frozenset(
    {HTTPStatus.PRECONDITION_FAILED, HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND}
)
_MARK: Final = "write"


class Tables:
    """The tables. Every method raises ``JournalError`` when there is no usable answer."""

    def __init__(self, client: TableServiceClient, patience: Patience) -> None:
        """Use a client that does not repeat calls by itself."""
        self._client = client
        self._host = urlsplit(client.url).netloc
        self._patience = patience

    async def get(self, table: str, key: Key) -> Stored | None:
        """Read a row; ``None`` when there is none."""
        client = self._client.get_table_client(table)
        try:
            entity = await call(lambda: client.get_entity(*key), self._patience, self._at(table))
        except HttpResponseError as error:
            if status_of(error) == HTTPStatus.NOT_FOUND:
                return None
            raise refused(error, self._at(table)) from None
        return _stored(entity)

    async def insert(self, table: str, key: Key, row: Row) -> str | None:
        """Add a row and give its ETag; ``None`` when the key is taken."""
        client = self._client.get_table_client(table)
        entity = _marked(key, row)
        try:
            answer = await self._write(table, lambda: client.create_entity(entity))
        except HttpResponseError as error:
            return await self._own(table, key, entity, error)
        return str(answer["etag"])

    async def replace(self, table: str, key: Key, row: Row, etag: str) -> str | None:
        """Replace a row that still has this ETag; ``None`` when it has not."""
        client = self._client.get_table_client(table)
        entity = _marked(key, row)
        try:
            answer = await self._write(
                table,
                lambda: client.update_entity(
                    entity,
                    mode=UpdateMode.REPLACE,
                    etag=etag,
                    match_condition=MatchConditions.IfNotModified,
                ),
            )
        except HttpResponseError as error:
            return await self._own(table, key, entity, error)
        return str(answer["etag"])

    async def change(self, table: str, key: Key, decide: Callable[[Row], Row | None]) -> Row | None:
        """Replace a row by what ``decide`` makes of it, as often as others are quicker.

        ``None`` when there is no such row or ``decide`` does not want to.
        """
        for _ in range(_TURNS):
            found = await self.get(table, key)
            row = None if found is None else decide(found.row)
            if found is None or row is None:
                return None
            if await self.replace(table, key, row, found.etag) is not None:
                return row
        raise JournalError(f"{self._at(table)}: one row keeps being changed by others")

    async def delete(self, table: str, key: Key, etag: str | None = None) -> None:
        """Delete a row, if it is there and (where one is given) still has this ETag."""
        client = self._client.get_table_client(table)
        condition: dict[str, Any] = {}
        if etag is not None:
            condition = {"etag": etag, "match_condition": MatchConditions.IfNotModified}
        try:
            await call(
                lambda: client.delete_entity(*key, **condition), self._patience, self._at(table)
            )
        except HttpResponseError as error:
            if status_of(error) not in _BEATEN:
                raise refused(error, self._at(table)) from None

    async def transact(self, table: str, operations: Sequence[Operation]) -> bool:
        """Do up to 100 operations in one partition, all or none; false: somebody was quicker.

        Without any operation nothing is sent: the service refuses an empty transaction.
        """
        if not operations:
            return True
        client = self._client.get_table_client(table)
        try:
            await self._write(table, lambda: client.submit_transaction(operations))
        except HttpResponseError as error:
            if status_of(error) in _BEATEN:
                return False
            raise refused(error, self._at(table)) from None
        return True

    async def put(self, table: str, partition: str, rows: Iterable[tuple[str, Row]]) -> int:
        """Write any number of rows of one partition, whatever stood there; count them."""
        count = 0
        for chunk in chunked((keyed((partition, key), row) for key, row in rows)):
            operations = [("upsert", row, {"mode": UpdateMode.REPLACE}) for row in chunk]
            if not await self.transact(table, operations):
                raise JournalError(f"{self._at(table)}: rows could not be written")
            count += len(chunk)
        return count

    async def add(self, table: str, partition: str, rows: Iterable[tuple[str, Row]]) -> bool:
        """Add any number of rows of one partition; false when one of the keys is taken."""
        for chunk in chunked(keyed((partition, key), row) for key, row in rows):
            if not await self.transact(table, [("create", row) for row in chunk]):
                return False
        return True

    async def remove(self, table: str, partition: str, keys: Iterable[str]) -> int:
        """Delete rows of one partition, those that are gone already too; count them."""
        count = 0
        for chunk in chunked(keyed((partition, key), {}) for key in keys):
            if not await self.transact(table, [("delete", row) for row in chunk]):
                for row in chunk:
                    await self.delete(table, (partition, row["RowKey"]))
            count += len(chunk)
        return count

    async def rows(
        self, table: str, where: str, *, page: int = _PAGE
    ) -> AsyncGenerator[Stored, None]:
        """Read all rows that the filter wants, in the order of their keys."""
        client = self._client.get_table_client(table)
        pages = client.query_entities(where, results_per_page=min(page, _PAGE)).by_page()
        while True:
            try:
                found = await call(lambda: anext(pages), self._patience, self._at(table))
            except StopAsyncIteration:
                return
            except HttpResponseError as error:
                if code_of(error) == TABLE_NOT_FOUND:
                    return
                raise refused(error, self._at(table)) from None
            async for entity in found:
                yield _stored(entity)

    async def _write(self, table: str, attempt: Callable[[], Any]) -> Any:  # noqa: ANN401 - the client's own
        """Try a write; make the table first where there is none yet."""
        try:
            return await call(attempt, self._patience, self._at(table))
        except HttpResponseError as error:
            if code_of(error) != TABLE_NOT_FOUND:
                raise
        await self._create(table)
        return await call(attempt, self._patience, self._at(table))

    async def _create(self, table: str) -> None:
        try:
            await call(lambda: self._client.create_table(table), self._patience, self._at(table))
        except ResourceExistsError:
            return
        except HttpResponseError as error:
            raise refused(error, self._at(table)) from None

    async def _own(self, table: str, key: Key, entity: Row, error: HttpResponseError) -> str | None:
        """Tell whether a refused write is an earlier try of the same write that succeeded."""
        if status_of(error) not in _BEATEN or code_of(error) == TABLE_NOT_FOUND:
            raise refused(error, self._at(table)) from None
        found = await self.get(table, key)
        if found is None or found.row.get(_MARK) != entity[_MARK]:
            return None
        return found.etag

    def _at(self, table: str) -> str:
        return f"the journal's table {table} at {self._host}"


def _marked(key: Key, row: Row) -> Row:
    return keyed(key, row) | {_MARK: uuid.uuid4().hex}


def _stored(entity: Any) -> Stored:  # noqa: ANN401 - a TableEntity, which is a dict of anything
    return Stored(dict(entity), str(entity.metadata["etag"]))


class TablePart:
    """A part of the store; all parts use the same tables."""

    def __init__(self, tables: Tables) -> None:
        """Use these tables."""
        self._tables = tables
