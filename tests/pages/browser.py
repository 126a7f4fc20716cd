"""A real, headless Chromium that sees one page as a person would: wide or narrow, light or dark.

Nothing is served: what the browser asks for is answered from memory, so a page that asked for
anything else would be found out.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from playwright.async_api import Browser, Page, Route

ROOT: Final = Path(__file__).parents[2]
AXE: Final = ROOT / "tools" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
SITE: Final = "https://reports.example"
WIDE: Final = 1280
NARROW: Final = 390

Scheme = Literal["light", "dark"]

WATCH: Final = """
window.refused = [];
addEventListener("securitypolicyviolation", (event) =>
  refused.push(event.violatedDirective + " " + event.blockedURI));
"""
_RULES: Final = """
async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map(
  (found) => found.id + ": " + found.nodes.map(
    (node) => node.target.join(" ") + " " + node.failureSummary).join("; "))
"""
_WIDER: Final = """
() => [...document.querySelectorAll("body *")]
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
  .filter((each) => !each.closest(".box, .skip"))
  .map((each) => each.tagName + "." + each.className + " " + each.textContent.slice(0, 40))
"""
_CUT_OFF: Final = """
() => [...document.querySelectorAll(".box")]
  .filter((each) => each.scrollWidth > each.clientWidth + 1)
  .map((each) => each.getAttribute("aria-label"))
"""


@dataclass(slots=True)
class Sight:
    """An open page, and what the browser had to say about it."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def refused(self) -> list[str]:
        """Give what the Content-Security-Policy refused."""
        found: list[str] = await self.page.evaluate("() => window.refused")
        return found

    async def violations(self) -> list[str]:
        """Give what axe-core finds wrong for somebody who does not see or uses no mouse."""
        await self.page.evaluate(AXE.read_text())
        found: list[str] = await self.page.evaluate(_RULES)
        return found

    async def sideways(self) -> list[str]:
        """Give what makes the page wider than the window."""
        width: int = await self.page.evaluate("() => document.documentElement.scrollWidth")
        seen: int = await self.page.evaluate("() => innerWidth")
        found: list[str] = await self.page.evaluate(_WIDER)
        return [*found, *([f"page: {width} in {seen}"] if width > seen else [])]

    async def cut_off(self) -> list[str]:
        """Give the tables that do not fit into their boxes."""
        found: list[str] = await self.page.evaluate(_CUT_OFF)
        return found


@asynccontextmanager
async def looking(
    browser: Browser,
    text: str,
    headers: Mapping[str, str],
    *,
    width: int = WIDE,
    scheme: Scheme = "light",
) -> AsyncIterator[Sight]:
    """Show a page in a window of its own for as long as the context is open."""
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, base_url=SITE
    )
    try:
        page = await context.new_page()
        sight = Sight(page)
        page.on("console", lambda message: sight.complaints.append(message.text))
        page.on("pageerror", lambda error: sight.complaints.append(str(error)))
        await page.add_init_script(WATCH)

        async def answer(route: Route) -> None:
            sight.asked.append(route.request.url)
            await route.fulfill(body=text, headers={**headers, "Content-Type": "text/html"})

        await page.route("**/*", answer)
        await page.goto("/page")
        yield sight
    finally:
        await context.close()


def launch_options(program: str) -> dict[str, Any]:
    """Say how the browser is started: without a window, and without what it does for its maker."""
    quiet = ["--disable-background-networking", "--disable-component-update", "--no-first-run"]
    return {"executable_path": program, "args": quiet}
