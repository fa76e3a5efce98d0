"""What people do first in the morning: see what runs, what failed, and what waits for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from mlflowflow.events.journal import Journal
from mlflowflow.gates.approval import approve
from mlflowflow.registry.catalog import Catalog
from mlflowflow.storage.location import open_store
from tests.server.serving import served
from tests.ui.browser.browsing import PATIENCE_MS, tab_at
from tests.ui.browser.demo import demo_in

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.ui.browser.browsing import Tab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.mark.parametrize(
    ("card", "link", "heading"),
    [
        ("Promotions that wait, or were refused", "ratings 1", "Version 1"),
        ("Moved in the registry", "digits 2", "Version 2"),
        ("Flows and runs that run", "still running", "still running"),
        ("Failed of late, 6 in all", "nightly", "retrain"),
    ],
)
def test_everything_leads_to_its_page(tab: Tab, card: str, link: str, heading: str) -> None:
    """A version, a run, a flow."""
    tab.open("/now")
    tab.page.get_by_role("region", name=card.partition(",")[0]).get_by_role("link", name=link).first.click()
    tab.settled()
    expect(tab.page.get_by_role("heading", name=heading, level=1)).to_be_visible()


def test_what_is_decided_waits_no_longer(tmp_path: Path, browser: Browser) -> None:
    """The page hears of an approval that is given elsewhere."""
    demo = demo_in(tmp_path / "store")
    with served(demo.store) as server, tab_at(server.url, browser) as tab:
        tab.open("/now")
        card = tab.page.get_by_role("region", name="Promotions that wait")
        command = card.get_by_role("button", name="mlff models approve")
        expect(command).to_be_visible(timeout=PATIENCE_MS)
        expect(tab.page.locator(".top .right")).to_have_text("live")
        *_, model, verdict, _option, why = command.inner_text().split()
        store = open_store(str(demo.store))
        approve(
            model, verdict, catalog=Catalog(store, actor="ann"), journal=Journal(store), comment=why.strip()
        )
        expect(command).to_have_count(0, timeout=PATIENCE_MS)
        moved = tab.page.get_by_role("region", name="Moved in the registry")
        expect(moved).to_contain_text("promoted version 1 to champion")
        assert tab.wrong == []
