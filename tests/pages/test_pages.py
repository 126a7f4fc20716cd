"""Each page in a real browser: nothing refused, nothing loaded, nothing hard to perceive."""

import re

import pytest
from playwright.async_api import Browser

from purge_core.pages.frame import headers
from tests.pages import gallery
from tests.pages.browser import NARROW, ROOT, WIDE, Scheme, Sight, looking

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("browser")]

USUAL = gallery.usual()
HOSTILE = gallery.hostile()
HARMLESS = gallery.harmless()
PICTURES = ROOT / "build" / "pages"
"""Where somebody can look at what the browser saw."""

_SHAPE = """
() => [...document.querySelectorAll("*")].map(
  (each) => each.tagName + " " + each.getAttributeNames().sort())
"""
_PLACES = "all => all.map(each => each.id)"
_LINKS = "all => all.map(each => each.getAttribute('href'))"
_LEFT = "() => document.activeElement.getBoundingClientRect().left"
_HIDDEN = """
all => all.filter(each => getComputedStyle(each).display !== "contents")
  .filter(each => !each.checkVisibility({contentVisibilityAuto: true}))
  .map(each => each.outerHTML.slice(0, 80))
"""


async def findings(sight: Sight) -> dict[str, list[str]]:
    """Return all that is wrong with a page."""
    found = {
        "refused": await sight.refused(),
        "violations": await sight.violations(),
        "sideways": await sight.sideways(),
        "complaints": sight.complaints,
        "asked": sight.asked[1:],
    }
    return {name: each for name, each in found.items() if each}


@pytest.mark.parametrize(("width", "scheme"), [(WIDE, "light"), (NARROW, "dark")])
@pytest.mark.parametrize("name", USUAL)
async def test_page_is_sound(browser: Browser, name: str, width: int, scheme: Scheme) -> None:
    """Its policy holds, it loads nothing, it does not scroll to the side, axe finds nothing."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with looking(browser, USUAL[name], headers(), width=width, scheme=scheme) as sight:
        await sight.page.screenshot(path=PICTURES / f"{name}-{width}-{scheme}.png", full_page=True)
        assert await findings(sight) == {}


@pytest.mark.parametrize("name", USUAL)
async def test_tables_fit_a_desk(browser: Browser, name: str) -> None:
    """Nobody has to move a table to the side to see its last column."""
    async with looking(browser, USUAL[name], headers()) as sight:
        assert await sight.cut_off() == []


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_change_nothing(browser: Browser, name: str, width: int) -> None:
    """They neither run nor add an element or an attribute, nor make the page scroll."""
    async with looking(browser, HARMLESS[name], headers(), width=width) as sight:
        harmless = await sight.page.evaluate(_SHAPE)
    async with looking(browser, HOSTILE[name], headers(), width=width) as sight:
        assert await findings(sight) == {}
        assert await sight.page.evaluate(_SHAPE) == harmless


@pytest.mark.parametrize("name", USUAL)
async def test_links_lead_somewhere(browser: Browser, name: str) -> None:
    """A place in the page exists; everything else is a page of the app."""
    async with looking(browser, USUAL[name], headers()) as sight:
        places = await sight.page.eval_on_selector_all("[id]", _PLACES)
        links = await sight.page.eval_on_selector_all("a", _LINKS)
    assert len(places) == len(set(places))
    for link in links:
        assert link.removeprefix("#") in places if link.startswith("#") else re.match("/api/", link)


async def test_the_keyboard_reaches_the_content_first(browser: Browser) -> None:
    """The first stop skips what is the same on every page, and shows itself."""
    async with looking(browser, USUAL["overview"], headers()) as sight:
        await sight.page.keyboard.press("Tab")
        seen = await sight.page.evaluate(
            "() => document.activeElement.getBoundingClientRect().left"
        )
        assert seen >= 0
        await sight.page.keyboard.press("Enter")
        assert await sight.page.evaluate("() => document.activeElement.id") == "content"


@pytest.mark.parametrize("name", USUAL)
async def test_tables_fit_paper(browser: Browser, name: str) -> None:
    """Nothing of a table lies beyond the edge of an A4 sheet with the usual margins."""
    async with looking(browser, USUAL[name], headers(), width=718) as sight:
        await sight.page.emulate_media(media="print")
        assert await sight.cut_off() == []


@pytest.mark.parametrize("name", ["overview", "run", "file"])
async def test_print_shows_all_of_it(browser: Browser, name: str) -> None:
    """On paper nothing is folded away but what the charts say, and nobody is asked anything."""
    async with looking(browser, USUAL[name], headers(), width=794) as sight:
        await sight.page.emulate_media(media="print")
        parts = "details:not(.same) *:not(summary, summary *, svg *)"
        assert await sight.page.eval_on_selector_all(parts, _HIDDEN) == []
        forms = await sight.page.eval_on_selector_all("form", _HIDDEN)
        assert len(forms) == await sight.page.locator("form").count()
        assert len(await sight.page.pdf()) > 20_000
