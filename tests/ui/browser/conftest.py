"""One browser, one server and one store for all tests here; a tab for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from mlflowflow.ui import STATIC
from tests.server.serving import served
from tests.ui.browser.browsing import CHROMIUM, Tab, chromium, tab_at
from tests.ui.browser.demo import Demo, demo_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A server on the demo."""

    url: str
    demo: Demo


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium, and forget it afterwards."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed; 'make test-browser' does it")
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve the demo."""
    if not (STATIC / "index.html").is_file():
        pytest.skip("the pages were not built")
    demo = demo_in(tmp_path_factory.mktemp("demo") / "store")
    with served(demo.store) as server:
        yield Site(url=server.url, demo=demo)


@pytest.fixture
def tab(site: Site, browser: Browser) -> Iterator[Tab]:
    """Open a tab, and see that nothing went wrong in it."""
    with tab_at(site.url, browser) as opened:
        yield opened
        assert opened.wrong == []
