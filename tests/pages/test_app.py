"""Somebody walks through the pages of the app, on the real worker, by clicking."""

from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, Page

from tests.e2e.app.world import World, running
from tests.pages.browser import WATCH

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("browser")]

NAME = "team/web"
IMAGES = f"""
  {NAME}:
    images:
      - {{tags: [pr-1], age: 30d}}
      - {{tags: [pr-2, also], age: 31d}}
      - {{tags: [v1, latest], age: 40d}}
  team/quiet:
    images:
      - {{tags: [v1], age: 1d}}
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, program: str) -> Iterator[World]:
    """Return an app that has planned once and purged once."""
    with running(tmp_path_factory.mktemp("app")) as world:
        world.seed(IMAGES)
        for mode in ("plan", "purge"):
            assert world.purge(mode=mode, wait=60).status == 200
        yield world


async def opened(browser: Browser, address: str) -> tuple[Page, list[str]]:
    """Open an address; the list takes whatever the browser complains about."""
    page = await browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    await page.add_init_script(WATCH)
    answer = await page.goto(address)
    assert answer is not None
    assert answer.status == 200
    return page, complaints


async def clicked(page: Page, words: str) -> None:
    """Follow the first link of that name, and come to a page that is whole."""
    await page.get_by_role("link", name=words, exact=True).first.click()
    await page.wait_for_load_state()
    assert not await page.evaluate("() => window.refused")
    assert await page.locator("h1").count() == 1


async def test_from_the_registries_to_an_image(app: World, browser: Browser) -> None:
    """The key of the address goes along, the filter works, and nothing is complained about."""
    key = app.target.key
    page, complaints = await opened(browser, f"{app.target.url}/api/report?code={key}")
    assert app.registry in await page.locator("h2").first.inner_text()
    await clicked(page, "Everything about this run")
    await page.get_by_label("Name contains").fill("TEAM/Q")
    await page.get_by_role("button", name="Show").click()
    await page.wait_for_load_state()
    assert "1 repository." in await page.locator("main").inner_text()
    await page.go_back()
    await clicked(page, NAME)
    assert await page.locator(".lanes svg").count() == 2
    await clicked(page, "pr-1")
    told = await page.locator("main").inner_text()
    assert "The registry has no such tag or image." in told
    assert "It was to go in the run of" in told
    assert f"code={key}" in page.url
    await clicked(page, "Purge report")
    assert complaints == []
    await page.close()


async def test_a_plan_shows_the_command_that_applies_it(app: World, browser: Browser) -> None:
    """What is to be copied names the run that is looked at."""
    plan = next(each for each in app.every("/api/runs") if each["mode"] == "plan")
    address = f"{app.target.url}/api/report/runs/{plan['id']}?code={app.target.key}"
    page, complaints = await opened(browser, address)
    shown = await page.locator("pre").inner_text()
    assert shown.startswith("curl -X POST ")
    assert f'"{app.target.url}/api/runs/{plan["id"]}/apply"' in shown
    assert app.target.key not in shown
    assert complaints == []
    await page.close()


async def test_what_is_not_there_is_a_page_too(app: World, browser: Browser) -> None:
    """Whoever followed an old bookmark reads a sentence and finds the way back."""
    page = await browser.new_page()
    gone = await page.goto(f"{app.target.url}/api/report/runs/none?code={app.target.key}")
    assert gone is not None
    assert (gone.status, gone.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "not in the journal" in await page.locator("h1").inner_text()
    await clicked(page, "Purge report")
    wrong = await page.goto(f"{app.target.url}/api/report?days=never&code={app.target.key}")
    assert wrong is not None
    assert wrong.status == 400
    assert "days: found 'never'" in await page.locator("main").inner_text()
    await page.close()


async def test_programs_get_problems_as_before(app: World) -> None:
    """Only who names pages gets one."""
    answer = app.get("/api/report/runs/none")
    assert answer.headers["content-type"].startswith("application/problem+json")
