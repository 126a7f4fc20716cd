"""One browser for all tests; where there is none they skip, which CI does not allow."""

import subprocess
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.pages.browser import AXE, ROOT, launch_options


@pytest.fixture(scope="session")
def program() -> str:
    """Return the browser of this machine; skip where it or axe-core is missing."""
    command = ["sh", "tools/find-chromium"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode != 0:
        pytest.skip(found.stderr.strip())
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: run `make setup-browser`")
    return found.stdout.strip()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(program: str) -> AsyncIterator[Browser]:
    """Return a running browser."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(**launch_options(program))
        try:
            yield chromium
        finally:
            await chromium.close()
