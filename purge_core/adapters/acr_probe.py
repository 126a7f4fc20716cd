"""Looks at a registry without changing anything: who is signed in, and what may be done.

What an identity may do is asked of the token endpoint: the access token that it gives
names the actions that it grants, so the right to delete shows without a deletion.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from azure.core.credentials_async import AsyncTokenCredential

from purge_core.adapters.acr_errors import one_line
from purge_core.adapters.acr_hosts import Standing, standing_of
from purge_core.adapters.acr_tokens import claims_of, granted_by, who_of
from purge_core.adapters.trust import trusted_context
from purge_core.checkup.sights import Deleted, Permissions, RegistrySight, Step
from purge_core.errors import RegistryError
from purge_core.instants import TICKS_PER_SECOND, Span

Choose = Callable[[Sequence[str]], Sequence[str]]
"""Given the names of the repositories: those about which rights are asked."""

_AUDIENCE: Final = "https://containerregistry.azure.net/.default"
_ASKED: Final = "pull,delete,metadata_read,metadata_write"
_PER_TOKEN: Final = 10
_NAMES: Final = 1_000
_TIMEOUT: Final = aiohttp.ClientTimeout(total=30)


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer, its body as JSON; ``None`` when it is none."""

    status: int
    headers: Mapping[str, str]
    document: Any

    def get(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """Give a member of the body, or ``None``."""
        return self.document.get(name) if isinstance(self.document, dict) else None


class _Ended(Exception):
    """The look ends: at a step something went wrong."""

    def __init__(self, step: Step, why: str) -> None:
        self.step = step
        super().__init__(why)


async def look_at_registry(
    host: str, credential: AsyncTokenCredential, choose: Choose
) -> RegistrySight:
    """Look; whatever goes wrong is part of what was seen.

    ``host`` is what ``registry_host`` gives and ``credential`` what ``credential_for`` gives
    for it; it is closed. Nothing is sent to any other host.

    Raises:
        SettingsError: ``SSL_CERT_FILE`` names no certificates.

    """
    connector = aiohttp.TCPConnector(ssl=trusted_context())
    async with (
        credential,
        aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT, proxy=_proxy(host)) as http,
    ):
        probe = _Probe(host, http, RegistrySight(host=host))
        try:
            await probe.run(credential, choose)
        except _Ended as end:
            return replace(probe.sight, step=end.step, trouble=str(end))
        return probe.sight


@dataclass(slots=True)
class _Probe:
    """One look, step by step."""

    host: str
    http: aiohttp.ClientSession
    sight: RegistrySight
    refresh: str = field(default="", repr=False)

    async def run(self, credential: AsyncTokenCredential, choose: Choose) -> None:
        """Take all steps."""
        await self._reach()
        token = await self._sign_in(credential)
        await self._exchange(token)
        await self._catalog()
        names = self.sight.names or ()
        rights: dict[str, frozenset[str]] = {}
        chosen = choose(names)
        for start in range(0, len(chosen), _PER_TOKEN):
            rights |= await self._rights(chosen[start : start + _PER_TOKEN])
        self.sight = replace(self.sight, rights=rights, deleted=await self._deleted())

    async def _reach(self) -> None:
        before = time.time()
        answer = await self._send("GET", "/v2/", {}, None)
        if answer.status not in {HTTPStatus.OK, HTTPStatus.UNAUTHORIZED}:
            raise _Ended(Step.NETWORK, f"{self.host} answers {answer.status} before any sign-in")
        skew = _skew(answer.headers.get("Date"), (before + time.time()) / 2)
        self.sight = replace(self.sight, skew=skew)

    async def _sign_in(self, credential: AsyncTokenCredential) -> str:
        try:
            token = (await credential.get_token(_AUDIENCE)).token
        except RegistryError as error:
            raise _Ended(Step.IDENTITY, str(error)) from error
        self.sight = replace(self.sight, who=who_of(claims_of(token)))
        return token

    async def _exchange(self, token: str) -> None:
        form = {"grant_type": "access_token", "service": self.host, "access_token": token}
        answer = await self._send("POST", "/oauth2/exchange", {}, form)
        refresh = answer.get("refresh_token")
        if answer.status != HTTPStatus.OK or not isinstance(refresh, str):
            why = f"{self.host} does not let this identity in ({answer.status}): it has no role"
            raise _Ended(Step.ADMISSION, f"{why} there, or is of another tenant")
        by_repository = "aad_identity" in claims_of(refresh)
        mode = Permissions.REPOSITORIES if by_repository else Permissions.ROLES
        self.refresh = refresh
        self.sight = replace(self.sight, permissions=mode)

    async def _access(self, scope: str) -> str | None:
        """Ask for an access token; ``None``: it was refused."""
        form = {
            "grant_type": "refresh_token",
            "service": self.host,
            "scope": scope,
            "refresh_token": self.refresh,
        }
        answer = await self._send("POST", "/oauth2/token", {}, form)
        token = answer.get("access_token")
        return token if answer.status == HTTPStatus.OK and isinstance(token, str) else None

    async def _catalog(self) -> None:
        token = await self._access("registry:catalog:*")
        if token is None or "*" not in granted_by(token).get("catalog", ()):
            return
        answer = await self._send("GET", f"/acr/v1/_catalog?n={_NAMES}", _bearer(token), None)
        names = answer.get("repositories") or []
        if answer.status == HTTPStatus.OK and isinstance(names, list):
            told = tuple(name for name in names if isinstance(name, str))
            more = "Link" in answer.headers and len(told) >= _NAMES
            self.sight = replace(self.sight, names=told, more_names=more)

    async def _rights(self, names: Sequence[str]) -> dict[str, frozenset[str]]:
        """Ask about several in one token; where that is refused, about each by itself."""
        token = await self._access(" ".join(f"repository:{name}:{_ASKED}" for name in names))
        if token is None and len(names) > 1:
            each = [await self._rights([name]) for name in names]
            return {name: actions for one in each for name, actions in one.items()}
        granted = {} if token is None else granted_by(token)
        return {name: granted.get(name, frozenset()) for name in names}

    async def _deleted(self) -> Deleted:
        """Ask for what soft delete keeps, as `az acr repository list-deleted` does."""
        token = await self._access("registry:deleted_catalog:*")
        if token is None:
            return Deleted.UNANSWERED
        answer = await self._send("GET", "/acr/v1/_deleted/_catalog?n=1", _bearer(token), None)
        if answer.status != HTTPStatus.OK or not isinstance(answer.document, dict):
            return Deleted.UNANSWERED
        return Deleted.HOLDS if answer.get("repositories") else Deleted.EMPTY

    async def _send(
        self, method: str, path: str, headers: Mapping[str, str], form: Mapping[str, str] | None
    ) -> _Answer:
        """Send one request; a redirect is an answer, never followed."""
        try:
            async with self.http.request(
                method,
                f"https://{self.host}{path}",
                headers=headers,
                data=form,
                allow_redirects=False,
            ) as response:
                body = await response.read()
                return _Answer(response.status, response.headers, _document(body))
        except aiohttp.ClientSSLError as error:
            why = one_line(str(getattr(error, "certificate_error", None) or error))
            raise _Ended(Step.CERTIFICATE, f"{self.host} is not believed: {why}") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            why = getattr(error, "strerror", None) or one_line(str(error)) or type(error).__name__
            raise _Ended(Step.NETWORK, f"{self.host} cannot be reached: {why}") from error


def _skew(date: str | None, now: float) -> Span | None:
    """Say how far a Date header, in whole seconds, is ahead of ``now``."""
    try:
        theirs = parsedate_to_datetime(date or "").timestamp() + 0.5
    except (ValueError, TypeError):
        return None
    return Span(round((theirs - now) * TICKS_PER_SECOND))


def _document(body: bytes) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _proxy(host: str) -> str | None:
    """Give the proxy that the environment names; loopback is never reached through one."""
    name = urlsplit(f"https://{host}").hostname or host
    if standing_of(host) is Standing.LOOPBACK or proxy_bypass(name):
        return None
    return getproxies().get("https")
