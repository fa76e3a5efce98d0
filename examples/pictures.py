"""Make the pictures of the web pages that the README shows: run the demo, open its pages, keep them small.

    python examples/pictures.py                  runs examples/digits three times, which takes minutes
    python examples/pictures.py --store STORE    opens what is there already

It needs Chromium (Debian's package), Playwright and Pillow; `make pictures` sees to them.
"""

from __future__ import annotations

import argparse
import io
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import sync_playwright

import mlflowflow as mlflow

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from playwright.sync_api import Browser

_HERE: Final = Path(__file__).parent
#: Few images arrive at first; with more of them a challenger wins, and the next one is no better.
_RUNS: Final = (("-P", "rows=300"), (), ())
_WIDTH: Final = 1280
#: So many pixels of the screen are one of the page: letters stay sharp when a reader zooms in.
_SCALE: Final = 1.5
MOST_BYTES: Final = 100_000
_QUALITIES: Final = range(88, 40, -4)
#: What is drawn comes some frames after its numbers.
_FRAMES_MS: Final = 1_500
_COLUMNS: Final = ("params.model", "params.C", "metrics.val_log_loss", "metrics.val_accuracy")
_PATIENCE_MS: Final = 120_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A picture: the `name` of its file, the address of the page, its height, and what must be there."""

    name: str
    path: str
    height: int = 760
    waits_for: str = "main h1"


def main() -> None:
    """Write the pictures."""
    parser = argparse.ArgumentParser(description="Make the pictures of the web pages.")
    parser.add_argument("--store", help="a store in which examples/digits was run; by default it is run anew")
    parser.add_argument("--to", type=Path, default=_HERE / "pictures", help="the folder of the pictures")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mlff-pictures-") as folder:
        store = asked.store or _demo_in(Path(folder, "store"))
        asked.to.mkdir(parents=True, exist_ok=True)
        shots = _shots(store)
        with _served(store) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=_chromium(), args=["--no-sandbox", "--disable-gpu"]
            )
            for shot, image in _taken(browser, url, shots):
                file = asked.to / f"{shot.name}.webp"
                file.write_bytes(small(image))
                print(f"{file}: {file.stat().st_size // 1000} kB")
            browser.close()


def _chromium() -> str:
    found = shutil.which("chromium")
    if found is None:
        raise SystemExit("Chromium is not installed; on Debian, 'apt-get install chromium' does it.")
    return found


def _mlff(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "mlflowflow", *arguments]


def _demo_in(store: Path) -> str:
    for given in _RUNS:
        subprocess.run(
            _mlff("run", str(_HERE / "digits"), "-e", "retrain", *given, "--store", str(store)), check=True
        )
    return str(store)


@contextmanager
def _served(store: str) -> Generator[str]:
    """Serve the pages, and give their address."""
    command = _mlff("server", "--store", store, "--port", "0")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().partition(" ")[0]
        server.terminate()


def _shots(store: str) -> list[Shot]:
    """Return what to take, found in the store: the last sweep, its best trials of each kind, the newest version."""
    mlflow.set_tracking_uri(store)
    client = mlflow.MlflowClient()
    (experiment,) = client.search_experiments(filter_string="name = 'digits'")
    place = [experiment.experiment_id]
    newest = client.search_runs(
        place, "tags.`mlff.trial` IS NOT NULL", order_by=["attributes.start_time DESC"]
    )
    sweep = newest[0].data.tags["mlflow.parentRunId"]
    best = [
        run.info.run_id
        for model, most in (("kernel", 2), ("forest", 1))
        for run in client.search_runs(
            place,
            f"tags.`mlflow.parentRunId` = '{sweep}' AND params.model = '{model}'",
            order_by=["metrics.val_log_loss ASC"],
            max_results=most,
        )
    ]
    version = max(int(each.version) for each in client.search_model_versions("name = 'digits'"))
    shown = [("col", each) for each in _COLUMNS] + [("sort", "metrics.val_log_loss")]
    picked = [("pick", each) for each in best] + [("compare", "1"), ("base", best[0])]
    compared = urlencode([("q", "tune/"), ("flat", "1"), *shown, *picked])
    return [
        Shot(
            name="runs",
            path=f"/experiments/{experiment.experiment_id}?{compared}",
            waits_for=".compare-table td",
        ),
        Shot(name="sweep", path=f"/sweeps/{sweep}", height=1040, waits_for=".sw-share"),
        Shot(name="model", path="/models/digits", waits_for=".timeline"),
        Shot(name="verdict", path=f"/models/digits/{version}", waits_for=".verdict td"),
    ]


def _taken(browser: Browser, url: str, shots: Iterable[Shot]) -> Generator[tuple[Shot, bytes]]:
    page = browser.new_page(device_scale_factor=_SCALE, color_scheme="light")
    page.set_default_timeout(_PATIENCE_MS)
    for shot in shots:
        page.set_viewport_size({"width": _WIDTH, "height": shot.height})
        page.goto(f"{url}{shot.path}")
        page.wait_for_selector(shot.waits_for)
        page.wait_for_timeout(_FRAMES_MS)
        yield shot, page.screenshot()


def small(image: bytes) -> bytes:
    """Return a picture as WebP, in the best quality that is small enough."""
    picture = Image.open(io.BytesIO(image)).convert("RGB")
    for quality in _QUALITIES:
        body = io.BytesIO()
        picture.save(body, "WEBP", quality=quality, method=6)
        if body.tell() <= MOST_BYTES:
            return body.getvalue()
    raise SystemExit(f"A picture of {picture.size} does not fit into {MOST_BYTES} bytes.")


if __name__ == "__main__":
    main()
