"""Debian's Chromium for the programs that measure pages: each opening in a new profile, timed by the page itself.

Times are from the start of the navigation, the click or the news to the frame that shows the outcome, so
they come in steps of a frame. No page can reach another host, so none waits for one either.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator

    from playwright.sync_api import Browser, Page

#: What is not shown after so long is given up.
LIMIT_MS: Final = 60_000
#: Defined in every page: wait for the frame in which `done()` holds, and say when that was; and the names of the
#: runs that are in the rows of a table, in our pages as in MLflow's.
_DEFINED: Final = f"""
globalThis.shown = (done) => new Promise((tell, fail) => {{
  const look = () => {{
    if (done()) requestAnimationFrame(() => tell(performance.now()));
    else if (performance.now() > until) fail(new Error(`not shown within {LIMIT_MS} ms: ${{done}}`));
    else requestAnimationFrame(look);
  }};
  const until = performance.now() + {LIMIT_MS};
  look();
}});
globalThis.names = () => [...document.querySelectorAll("[role=row] a[href*='/runs/']")]
  .map((link) => link.textContent.trim())
  .filter((name) => name !== "");
"""
#: Fewer would not fill a table.
_ROWS: Final = "() => shown(() => names().length >= 10)"
_ARGUMENTS: Final = (
    "--no-sandbox",  # a container has none to offer
    "--disable-gpu",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@contextmanager
def chromium() -> Generator[Browser]:
    """Start Chromium and end it. Raises `FileNotFoundError`."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    if program is None:
        raise FileNotFoundError("Chromium is not installed; Debian's package is 'chromium'.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, *, defined: str = "") -> Generator[Page]:
    """Open an empty tab of 1440 x 900 in a new profile, with what is `defined` in each of its pages, and close it."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(_DEFINED + defined)
    page = context.new_page()
    page.set_default_timeout(LIMIT_MS)
    try:
        yield page
    finally:
        context.close()


def rows_s(page: Page, url: str) -> float:
    """Go to a table of runs and return how many seconds it took until its first rows were there."""
    page.goto(url, wait_until="commit")
    return float(page.evaluate(_ROWS)) / 1e3
