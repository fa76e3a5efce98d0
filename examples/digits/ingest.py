"""Fetch the handwritten digits that have arrived so far and set the gate's rows aside.

A quarter of the images is reserved for the gate. Which ones, is decided by a hash of their pixels:
never by a seed, never by how much has arrived, so no model is ever judged on what it was fitted to.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rows import Rows, write
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import mlflowflow as mlflow

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST_ROWS = 250
GATE_SHARE = 64  # of 256


def fetch() -> Rows:
    """Return all images in the order they arrive: an arbitrary one, always the same."""
    images, digits = load_digits(return_X_y=True)
    pixels, label = np.asarray(images, dtype=np.float64), np.asarray(digits, dtype=np.int64)
    places = np.arange(len(label))
    arrival = np.array(sorted(places, key=lambda place: fingerprint(pixels[place])))
    return Rows(row_id=places, label=label, pixels=pixels).take(arrival)


def fingerprint(image: NDArray[np.float64]) -> bytes:
    """Return a hash of one image, the same everywhere."""
    return hashlib.sha256(image.astype(np.uint8).tobytes()).digest()


def split_gate(everything: Rows) -> tuple[Rows, Rows]:
    """Return the rows to learn from and the rows reserved for the gate."""
    reserved = np.array([fingerprint(image)[-1] < GATE_SHARE for image in everything.pixels])
    return everything.take(np.flatnonzero(~reserved)), everything.take(np.flatnonzero(reserved))


def split_validation(arrived: Rows, *, seed: int) -> tuple[Rows, Rows]:
    """Return training and validation rows, four to one, each digit in the same proportion."""
    places = np.arange(len(arrived))
    parts = train_test_split(places, test_size=0.2, random_state=seed, stratify=arrived.label)
    train, validation = (arrived.take(np.asarray(part)) for part in parts)
    return train, validation


def main() -> None:
    """Write and log `data/train.parquet`, `data/validation.parquet` and `gate/gate.parquet`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="draws the validation rows")
    parser.add_argument("--rows", type=int, default=1200, help="how many images have arrived")
    parser.add_argument("--out", default="", help="also keep the files in this folder")
    options = parser.parse_args()
    available, gate = split_gate(fetch())
    if not FEWEST_ROWS <= options.rows <= len(available):
        parser.error(f"--rows is {options.rows}; it must be from {FEWEST_ROWS} to {len(available)}.")
    train, validation = split_validation(available.take(np.arange(options.rows)), seed=options.seed)
    with mlflow.start_run() as run, tempfile.TemporaryDirectory() as scratch:
        mlflow.log_params({"seed": options.seed, "rows": options.rows})
        folder = Path(options.out or scratch)
        write(train, folder / "data" / "train.parquet")
        write(validation, folder / "data" / "validation.parquet")
        write(gate, folder / "gate" / "gate.parquet")
        mlflow.log_artifacts(str(folder / "data"), "data")
        mlflow.log_artifacts(str(folder / "gate"), "gate")
        counts = {"rows_train": len(train), "rows_validation": len(validation), "rows_gate": len(gate)}
        mlflow.log_metrics(counts)
    print(f"Logged {counts} as the artifacts 'data' and 'gate' of run {run.info.run_id}.")


if __name__ == "__main__":
    main()
