"""A tab that is watched: what goes wrong in it is written down, and it can reach the server alone.

The tab is Debian's Chromium under Playwright. The server's events keep a connection open, so no page
ever falls silent; a page has `settled` when it has a main part and nothing in it waits for an answer.
"""

from __future__ import annotations

import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from playwright.sync_api import expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Generator

    from playwright.sync_api import Browser, Locator, Page

CHROMIUM: Final = shutil.which("chromium")
PATIENCE_MS: Final = 20_000
LARGE: Final = (1440, 900)
SMALL: Final = (1024, 700)
#: Tells of what the policy of the pages forbade; the browser's own words for it differ by version.
_TELL: Final = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`violates the policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`));
"""


@contextmanager
def chromium() -> Generator[Browser]:
    """Start Chromium, and end it afterwards."""
    with sync_playwright() as playwright:
        # a container has no sandbox to offer
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A page of the server at `url`, and everything that went `wrong` in it."""

    page: Page
    url: str
    wrong: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Go to a page and wait until it has settled."""
        self.page.goto(f"{self.url}{path}")
        self.settled()

    def settled(self) -> None:
        """Return when the page shows what it asked for."""
        expect(self.page.locator("main > *").first).to_be_attached(timeout=PATIENCE_MS)
        expect(self.page.locator(".busy-line:not(.still)")).to_have_count(0, timeout=PATIENCE_MS)

    def named(self, name: str) -> Locator:
        """Return the cells with the names of runs that contain `name`."""
        return self.page.get_by_role("rowheader").filter(has_text=name)

    def first_names(self, count: int) -> list[str]:
        """Return the names of the runs on top."""
        cells = self.page.get_by_role("rowheader")
        expect(cells.nth(count - 1)).to_be_visible(timeout=PATIENCE_MS)
        return [cells.nth(place).locator(".grid-name").inner_text() for place in range(count)]

    @property
    def place(self) -> str:
        """The address, without the server's."""
        return self.page.url.removeprefix(self.url)


@contextmanager
def tab_at(
    url: str,
    browser: Browser,
    *,
    size: tuple[int, int] = LARGE,
    dark: bool = False,
    without_policy: bool = False,
) -> Generator[Tab]:
    """Open a tab that keeps nothing of the tabs before it."""
    scheme: Literal["dark", "light"] = "dark" if dark else "light"
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        bypass_csp=without_policy,
        reduced_motion="reduce",
    )
    try:
        context.add_init_script(_TELL)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        tab = Tab(page=page, url=url)
        _watch(tab)
        yield tab
    finally:
        context.close()


def _watch(tab: Tab) -> None:
    tab.page.on(
        "console", lambda said: tab.wrong.append(f"console: {said.text}") if said.type == "error" else None
    )
    tab.page.on("pageerror", lambda error: tab.wrong.append(f"not caught: {error}"))
    tab.page.on(
        "response",
        lambda answer: tab.wrong.append(f"{answer.status}: {answer.url}") if answer.status >= 400 else None,
    )

    elsewhere = re.compile(rf"^(?!{re.escape(tab.url)}/|data:|blob:)")

    def refuse(route: object, request: object) -> None:
        tab.wrong.append(f"asks elsewhere: {request.url}")  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    tab.page.route(elsewhere, refuse)
