"""The registry ports on Azure Container Registry, by Azure's own client.

One client per run. Reads are repeated a bounded number of times, writes never; a warm
call is one request.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import BaseConnector
from azure.core.credentials_async import AsyncTokenCredential

from purge_core.adapters.acr_bearers import Bearers
from purge_core.adapters.acr_connection import open_session
from purge_core.adapters.acr_reader import AcrReader
from purge_core.adapters.acr_session import AcrOptions, Session
from purge_core.adapters.acr_writer import AcrWriter
from purge_core.pace.pace import Pace

__all__ = ["AcrOptions", "AcrRegistry", "open_registry"]


class AcrRegistry(AcrReader, AcrWriter):
    """A registry behind an open session. Implements ``purge_core.registry.Registry``."""

    def __init__(self, session: Session) -> None:
        AcrReader.__init__(self, session)
        AcrWriter.__init__(self, session)


@asynccontextmanager
async def open_registry(
    login_server: str,
    credential: AsyncTokenCredential,
    options: AcrOptions | None = None,
    pace: Pace | None = None,
    bearers: Bearers | None = None,
    connector: BaseConnector | None = None,
) -> AsyncIterator[AcrRegistry]:
    """Open a registry for one run.

    ``login_server`` is what ``registry_host`` gives and ``credential`` what
    ``credential_for`` gives for it; the credential is closed together with the registry.
    ``pace`` is shared by all that ask the registry; without one, no quota is known. So are its
    tokens, ``bearers``, by all that ask it with this credential; without, they end with the run.
    ``connector`` says how the registry is reached; without one, by TCP and TLS.
    """
    options, pace = options or AcrOptions(), pace or Pace()
    if bearers is None:
        bearers = Bearers(asyncio.get_running_loop().time)
    opened = open_session(login_server, credential, options, pace, bearers, connector)
    async with opened as session:
        yield AcrRegistry(session)
