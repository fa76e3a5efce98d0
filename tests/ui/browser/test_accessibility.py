"""axe-core finds no barrier on any page, in either scheme.

It is run without the policy of the pages, which forbids the script it puts in; everything else is as it is.
It finds a part of what there is to find: what keys can do has tests of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from mlflowflow.ui import STATIC
from tests.ui.browser.browsing import Tab, tab_at
from tests.ui.browser.places import places
from tests.ui.browser.test_pages import NAMES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.ui.browser.conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
AXE: Final = STATIC.parent / "node_modules" / "axe-core" / "axe.min.js"
#: Charts come after the page, and each may be where a barrier is.
_CHARTS_MS: Final = 400
_RUN: Final = """async () => {
  const {violations} = await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]});
  return violations.flatMap(({id, help, nodes}) =>
    nodes.slice(0, 5).map(({target, failureSummary}) => `${id} (${help}): ${target} ${failureSummary}`));
}"""


def barriers(tab: Tab) -> list[str]:
    """Return what axe finds on the page, in a line each."""
    tab.page.wait_for_timeout(_CHARTS_MS)
    tab.page.add_script_tag(path=AXE)
    found: list[str] = tab.page.evaluate(_RUN)
    return [" ".join(each.split()) for each in found]


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed; 'npm ci' in mlflowflow/ui does it")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_no_barrier(site: Site, browser: Browser, *, name: str, dark: bool) -> None:
    """As far as a program can tell."""
    with tab_at(site.url, browser, dark=dark, without_policy=True) as tab:
        tab.open(places(site.demo)[name].path)
        assert barriers(tab) == []


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed; 'npm ci' in mlflowflow/ui does it")
def test_a_barrier_would_be_found(site: Site, browser: Browser) -> None:
    """The test above can fail."""
    with tab_at(site.url, browser, without_policy=True) as tab:
        tab.open("/models")
        tab.page.evaluate("() => document.querySelector('main').append(document.createElement('input'))")
        assert [each.partition(" ")[0] for each in barriers(tab)] == ["label"]
