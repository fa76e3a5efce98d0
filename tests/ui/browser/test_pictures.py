"""Pictures of every page, in two sizes and both schemes, for people to look at: build/screenshots."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.ui.browser.browsing import LARGE, SMALL, tab_at
from tests.ui.browser.places import places

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.ui.browser.conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
FOLDER: Final = Path(__file__).parents[3] / "build" / "screenshots"
#: Charts are drawn in the frames after their points came.
_FRAMES_MS: Final = 250


@pytest.mark.parametrize("size", [LARGE, SMALL], ids=["large", "small"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_page_is_wider_than_the_window(
    site: Site, browser: Browser, *, size: tuple[int, int], dark: bool
) -> None:
    """Only tables may be, which scroll by themselves."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    wide = []
    with tab_at(site.url, browser, size=size, dark=dark) as tab:
        for name, place in places(site.demo).items():
            tab.open(place.path)
            tab.page.wait_for_timeout(_FRAMES_MS)
            scheme = "dark" if dark else "light"
            tab.page.screenshot(path=FOLDER / f"{name}-{scheme}-{size[0]}.png")
            if tab.page.evaluate("() => document.documentElement.scrollWidth > innerWidth"):
                wide.append(name)
    assert wide == []
