"""A bare HTTP client: it sends paths as they are given and shows answers as they came."""

import base64
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from acr_emulator import Emulator


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status, headers and bytes of an answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body, which is a JSON object."""
        document: dict[str, Any] = json.loads(self.body)
        return document

    @property
    def code(self) -> str:
        """The code of the first error in the body."""
        code: str = self.json["errors"][0]["code"]
        return code


def basic(user: str = "admin", password: str = "development") -> dict[str, str]:
    """The header of a user and password."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def bearer(token: str) -> dict[str, str]:
    """The header of a token."""
    return {"Authorization": f"Bearer {token}"}


class Client:
    """Sends requests to one emulator, as its admin user unless other headers say who."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """The answer to one request; `path` may hold a query and stays as it is."""
        async with self._session.request(
            method,
            URL(self._url + path, encoded=True),
            headers=basic() if headers is None else headers,
            data=body,
            allow_redirects=False,
        ) as response:
            content = await response.read()
            return Answer(
                status=response.status, headers=CIMultiDict(response.headers), body=content
            )

    async def get(self, path: str) -> Answer:
        """The answer to a GET."""
        return await self.send("GET", path)

    async def post_form(self, path: str, **fields: str) -> Answer:
        """The answer to a form without credentials in its headers."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self.send("POST", path, headers=headers, body=urlencode(fields).encode())

    async def refresh_token(self, aad_token: str = "someone") -> str:
        """A refresh token for a directory token."""
        answer = await self.post_form(
            "/oauth2/exchange", grant_type="access_token", service="any", access_token=aad_token
        )
        token: str = answer.json["refresh_token"]
        return token

    async def access_token(self, scope: str, *, refresh_token: str | None = None) -> str:
        """An access token for scopes (with spaces between)."""
        answer = await self.post_form(
            "/oauth2/token",
            grant_type="refresh_token",
            service="any",
            scope=scope,
            refresh_token=refresh_token or await self.refresh_token(),
        )
        token: str = answer.json["access_token"]
        return token

    async def pages(self, path: str, key: str) -> list[list[Any]]:
        """The entries of a list, page by page, following its links."""
        pages = []
        following: str | None = path
        while following is not None:
            answer = await self.get(following)
            pages.append(answer.json.get(key) or [])
            link = answer.headers.get("Link")
            following = None if link is None else link[1 : link.index(">")]
        return pages


@asynccontextmanager
async def connected(emulator: Emulator) -> AsyncIterator[Client]:
    """A client of a running emulator."""
    context = ssl.create_default_context(cafile=str(emulator.ca_file))
    connector = aiohttp.TCPConnector(ssl=context)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield Client(session, emulator.url)


@asynccontextmanager
async def serving(emulator: Emulator) -> AsyncIterator[Client]:
    """A client of an emulator that runs as long as the context."""
    async with emulator, connected(emulator) as client:
        yield client
