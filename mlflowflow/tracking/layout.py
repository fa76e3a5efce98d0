"""Where everything lies in a store: the one place that makes keys.

::

    exp/<experiment_id>/exp.json                         how the experiment began (write-once)
    exp/<experiment_id>/hot/<writer>.<seq>.parquet       segments: immutable, one stream per writer
    exp/<experiment_id>/log/<version>.json               manifests (write-once, numbered)
    exp/<experiment_id>/metrics/<part>.parquet           folded metrics, sorted
    exp/<experiment_id>/closed.json                      it was deleted once, and perhaps restored since
    exp/<experiment_id>/hint.json                        where to begin looking for the newest manifest
    exp/<experiment_id>/runs/<part>.parquet              folded runs, one row each
    exp/<experiment_id>/writers/<part>.parquet           how far writers of long ago were folded
    exp/<experiment_id>/uploads/<upload_id>/...          files that arrive in parts, until they are published
    names/<encoded name>                                 experiment name -> id (write-once)
    runs/<encoded run id>                                run id -> experiment id (write-once)
    alive/<token>.json                                   a process's sign of life, with its open runs
    artifacts/<experiment_id>/<run_id>/...               artifacts, under the names they were given
    exp/<experiment_id>.models/...                       logged models, one row each, as runs are kept
    artifacts/<experiment_id>/models/<model_id>/artifacts/...   their files

Each experiment is a shard of its own: one listing, one manifest chain, one prefix that an object
store can scale by. The `runs/` objects cost one small write per run and let any process find a run
from its id alone.
"""

from __future__ import annotations

import re
from typing import Final

from mlflowflow.errors import InvalidInput
from mlflowflow.storage.names import encode

#: What the shard of an experiment's logged models is called behind the experiment's id, which has no dot.
_MODELS: Final = ".models"
#: What ids of experiments look like, as a regular expression.
EXPERIMENT_ID: Final = "[A-Za-z0-9][A-Za-z0-9_-]{0,127}"
_SHARD: Final = re.compile(rf"{EXPERIMENT_ID}(\.models)?")
_SEGMENT: Final = re.compile(r"exp/[^/]+/hot/(?P<writer>[^/.]+)\.(?P<seq>\d{10})\.parquet")
_UPLOAD: Final = re.compile(r"exp/[^/]+/uploads/(?P<upload>[0-9a-f]+)/[^/]+")
_PART: Final = re.compile(r"(?P<folder>exp/[^/]+/(?!hot/|log/)[a-z]+/)[0-9a-f]{16}-[^/]+\.parquet")
#: Every experiment name's claim begins with this.
NAMES: Final = "names/"
#: Every process's sign of life begins with this.
ALIVE: Final = "alive/"


def experiment_key(experiment_id: str) -> str:
    """Return the key of the experiment's creation record. Raise `InvalidInput` for an impossible id."""
    return f"{experiment_prefix(experiment_id)}exp.json"


def closed_key(experiment_id: str) -> str:
    """Return the key of the mark that somebody deleted the experiment, be it restored or not."""
    return f"{experiment_prefix(experiment_id)}closed.json"


def experiment_prefix(experiment_id: str) -> str:
    """Return what all keys of an experiment begin with, artifacts excepted.

    >>> experiment_prefix("0")
    'exp/0/'
    """
    if not _SHARD.fullmatch(experiment_id):
        raise InvalidInput(
            f"'{experiment_id}' cannot be an experiment id; expected letters, digits, '_' and '-'."
        )
    return f"exp/{experiment_id}/"


def models_shard(experiment_id: str) -> str:
    """Return what stands for an experiment's id where its logged models are kept.

    >>> models_shard("0")
    '0.models'
    """
    return f"{experiment_id}{_MODELS}"


def is_models_shard(experiment_id: str) -> bool:
    """Answer whether an id stands for an experiment's logged models and not for its runs."""
    return experiment_id.endswith(_MODELS)


def experiment_of_shard(shard: str) -> str:
    """Return the id of the experiment whose runs or logged models are in `shard`.

    >>> experiment_of_shard("0.models"), experiment_of_shard("0")
    ('0', '0')
    """
    return shard.removesuffix(_MODELS)


def hot_prefix(experiment_id: str) -> str:
    """Return what the keys of an experiment's segments begin with."""
    return f"{experiment_prefix(experiment_id)}hot/"


def log_prefix(experiment_id: str) -> str:
    """Return the folder of an experiment's manifests, without a slash at its end."""
    return f"{experiment_prefix(experiment_id)}log"


def segment_key(experiment_id: str, *, writer: str, seq: int) -> str:
    """Return the key of one segment.

    >>> segment_key("0", writer="ab", seq=3)
    'exp/0/hot/ab.0000000003.parquet'
    """
    return f"{hot_prefix(experiment_id)}{writer}.{seq:010d}.parquet"


def parse_segment_key(key: str) -> tuple[str, int] | None:
    """Return the writer and number in a segment's key, or None for a foreign one.

    >>> parse_segment_key("exp/0/hot/ab.0000000003.parquet")
    ('ab', 3)
    """
    found = _SEGMENT.fullmatch(key)
    return (found["writer"], int(found["seq"])) if found else None


def metrics_part_key(experiment_id: str, part: str) -> str:
    """Return the key of a part of folded metrics."""
    return f"{experiment_prefix(experiment_id)}metrics/{part}.parquet"


def runs_part_key(experiment_id: str, part: str) -> str:
    """Return the key of a part of folded runs."""
    return f"{experiment_prefix(experiment_id)}runs/{part}.parquet"


def writers_part_key(experiment_id: str, part: str) -> str:
    """Return the key of a part of archived watermarks."""
    return f"{experiment_prefix(experiment_id)}writers/{part}.parquet"


def parts_prefixes(experiment_id: str) -> tuple[str, str, str]:
    """Return what the keys of an experiment's parts begin with."""
    prefix = experiment_prefix(experiment_id)
    return (f"{prefix}metrics/", f"{prefix}runs/", f"{prefix}writers/")


def part_folder(key: str) -> str | None:
    """Return what the keys of all parts beside a part begin with, or None for a foreign file.

    >>> part_folder("exp/0/runs/000000000000000f-ab.parquet")
    'exp/0/runs/'
    """
    found = _PART.fullmatch(key)
    return found["folder"] if found else None


def upload_prefix(experiment_id: str, upload_id: str) -> str:
    """Return what the keys of a file begin with that arrives in parts.

    >>> upload_prefix("0", "7a")
    'exp/0/uploads/7a/'
    """
    return f"{experiment_prefix(experiment_id)}uploads/{upload_id}/"


def parse_upload_key(key: str) -> str | None:
    """Return the id of the upload that an object belongs to, or None for a foreign one.

    >>> parse_upload_key("exp/0/uploads/7a/begun.json")
    '7a'
    """
    found = _UPLOAD.fullmatch(key)
    return found["upload"] if found else None


def name_key(name: str) -> str:
    """Return the key whose owner is the experiment called `name`."""
    return f"{NAMES}{encode(name)}"


def run_key(run_id: str) -> str:
    """Return the key that says which experiment the run belongs to."""
    return f"runs/{encode(run_id)}"


def alive_key(token: str) -> str:
    """Return the key of the sign of life of the process that chose `token`."""
    return f"{ALIVE}{token}.json"


def artifacts_prefix(experiment_id: str, run_id: str) -> str:
    """Return what the keys of a run's artifacts begin with, or of a logged model's in its shard.

    >>> artifacts_prefix("0", "r"), artifacts_prefix("0.models", "m-1")
    ('artifacts/0/r/', 'artifacts/0/models/m-1/artifacts/')
    """
    experiment_prefix(experiment_id)
    if is_models_shard(experiment_id):
        return model_artifacts_prefix(experiment_of_shard(experiment_id), run_id)
    return f"artifacts/{experiment_id}/{run_id}/"


def model_artifacts_prefix(experiment_id: str, model_id: str) -> str:
    """Return what the keys of a logged model's files begin with."""
    experiment_prefix(experiment_id)
    return f"artifacts/{experiment_id}/models/{model_id}/artifacts/"
