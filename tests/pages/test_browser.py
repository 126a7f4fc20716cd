"""Whoever looks can see: what the tests look for is found where it is planted."""

import pytest
from playwright.async_api import Browser

from tests.pages.browser import NARROW, looking

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("browser")]

GOOD = "<!doctype html><html lang=en><title>t</title><main><h1>One</h1><p>two</p></main></html>"
NOTHING = {"Content-Security-Policy": "default-src 'none'"}


async def test_a_sound_page_has_no_findings(browser: Browser) -> None:
    """Where nothing is wrong, nothing is said."""
    async with looking(browser, GOOD, NOTHING) as sight:
        assert await sight.violations() == []
        assert await sight.sideways() == []
        assert await sight.refused() == []
        assert sight.complaints == []
        assert len(sight.asked) == 1


async def test_what_the_policy_refuses_is_seen(browser: Browser) -> None:
    """A script, a style and a picture that are not permitted are reported, and said aloud."""
    bad = f"{GOOD}<script>1</script><p style='color:red'>x</p><img src=/x.png alt=x>"
    async with looking(browser, bad, NOTHING) as sight:
        refused = {each.split()[0] for each in await sight.refused()}
        assert refused == {"script-src-elem", "style-src-attr", "img-src"}
        assert len(sight.complaints) >= 3


async def test_what_is_asked_for_is_seen(browser: Browser) -> None:
    """A page that loads something from elsewhere does not do so unnoticed."""
    async with looking(browser, f"{GOOD}<img src=https://other.example/x.png alt=x>", {}) as sight:
        assert "https://other.example/x.png" in sight.asked


async def test_what_is_hard_to_perceive_is_seen(browser: Browser) -> None:
    """Grey on grey, and a field without a name."""
    bad = GOOD.replace("<p>two</p>", "<p style='color:#bbb'>two</p><input>")
    async with looking(browser, bad, {}) as sight:
        found = {each.split(":")[0] for each in await sight.violations()}
        assert {"color-contrast", "label"} <= found


async def test_what_is_too_wide_is_seen(browser: Browser) -> None:
    """A page that scrolls to the side is found, with what makes it do so."""
    viewport = "<meta name=viewport content='width=device-width'>"
    bad = f"{GOOD}{viewport}<div style='width:900px'>wide</div>"
    async with looking(browser, bad, {}, width=NARROW) as sight:
        assert any("wide" in each for each in await sight.sideways())
