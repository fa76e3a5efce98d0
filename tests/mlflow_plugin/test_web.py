"""MLflow's web pages in a browser: on MLflow's server over a store of ours, and over our own server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from playwright.sync_api import Browser, expect

from tests.mlflow_plugin.fronting import front
from tests.mlflow_plugin.peers import answers, own_server_on, server_on
from tests.ui.browser.browsing import CHROMIUM, chromium

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.mlflow,
    pytest.mark.xdist_group("histories"),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed; 'make test-web' does it"),
    pytest.mark.timeout(900),
]

_FILL: Final = Path(__file__).parent / "scripts" / "fill.py"
#: So long is waited for what a page must show; a busy machine compiles MLflow's 20 MB of programs slowly.
_PATIENCE_MS: Final = 120_000
#: A line that a chart has drawn.
_CURVE: Final = "css=path.js-line[d^=M]"
#: What pages must show: texts, and elements; their addresses are filled with what was made.
_SHOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "experiments/{experiment}/runs": ("attempt 0", "attempt 1", "attempt 2", "with model"),
    "experiments/{experiment}/runs/{run}/model-metrics": ("attempt 2 (loss)", _CURVE),
    "models/iris/versions/1": ("champion", "gate", "passed", "with model"),
}
#: And more of them, where all that they show comes from our own server.
_SHOWN_BY_US: Final[Mapping[str, tuple[str, ...]]] = {
    **_SHOWN,
    "experiments": ("wine", "Default"),
    "experiments/{experiment}/runs/{run}": ("attempt 2", "depth", "Finished"),
    "experiments/{experiment}/runs/{trained}/artifacts/notes/tried.txt": ("what was tried",),
    'compare-runs?runs=["{run}","{trained}"]&experiments=["{experiment}"]': (
        "Comparing 2 Runs",
        "attempt 2",
        "with model",
    ),
    "experiments/{experiment}/models": ("Ready", "with model", "iris"),
    "models": ("iris", "Version 1"),
    "models/iris": ("champion", "passed"),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium, and forget it afterwards."""
    with chromium() as opened:
        yield opened


def demand_shown(
    browser: Browser, url: str, wanted: Mapping[str, tuple[str, ...]], made: Mapping[str, str]
) -> None:
    """Open pages at `url`, one after the other, and see that each comes to show what it must."""
    with browser.new_context(viewport={"width": 1600, "height": 1200}) as context:
        page = context.new_page()
        for place, things in wanted.items():
            filled = re.sub(r"\{(\w+)\}", lambda found: made[found[1]], place)
            page.goto("about:blank")  # else only what stands behind the '#' would change
            page.goto(f"{url}/#/{filled}", timeout=_PATIENCE_MS)
            for thing in things:
                demand_there(page, thing)


def demand_there(page: Page, thing: str) -> None:
    """See that a text or an element comes to be on a page."""
    found = page.locator(thing) if thing.startswith("css=") else page.get_by_text(thing)
    expect(found.first).to_be_attached(timeout=_PATIENCE_MS)


def test_the_pages_of_mlflows_server_show_what_is_in_our_store(browser: Browser, tmp_path: Path) -> None:
    """And no request of theirs fails but the one for the person who is logged in, whom no store knows."""
    store = f"mlff+file://{tmp_path}/store"
    made = answers(_FILL, uri=store, folder=tmp_path)
    with server_on(store, tmp_path) as server:
        demand_shown(browser, server.url, _SHOWN, made)
        failed = re.findall(r'"(?:GET|POST) (\S+) HTTP/1.1" [45]\d\d', server.log.read_text())
    assert [each for each in failed if "users/current" not in each] == []


def test_mlflows_pages_show_what_our_server_tells_them(browser: Browser, tmp_path: Path) -> None:
    """Behind a proxy that serves their files; no request of theirs fails."""
    with (
        front() as proxy,
        own_server_on(tmp_path / "store", tmp_path, "--allowed-host", proxy.host) as server,
    ):
        proxy.behind = server.url
        made = answers(_FILL, uri=proxy.url, folder=tmp_path)
        proxy.asked.clear()
        demand_shown(browser, proxy.url, _SHOWN_BY_US, made)
        assert "/graphql" in {each.path for each in proxy.asked}
    assert proxy.refused() == []
