"""What is known of a model without loading it."""

from __future__ import annotations

from mlflowflow.models.info import ModelInfo
from mlflowflow.models.manifest import Manifest
from mlflowflow.tracking.logged.model import LoggedModel


def test_an_info_speaks_for_the_file_and_for_the_logged_model() -> None:
    """MLflow's names, whichever of the two knows."""
    model = LoggedModel("0", "m-1", "wine", "place", 5, 6, params={"a": "1"}, tags={"t": "u"})
    manifest = Manifest(
        flavors={"x": {}}, model_id="m-1", run_id="r", extra={"env_vars": ["A"], "prompts": None}
    )
    info = ModelInfo(model_uri="models:/m-1", manifest=manifest, logged_model=model)
    assert (info.name, info.params, info.tags, info.creation_timestamp) == ("wine", {"a": "1"}, {"t": "u"}, 5)
    assert (info.model_id, info.run_id, info.env_vars, info.prompts) == ("m-1", "r", ["A"], None)
    assert info.metrics is None


def test_an_info_of_a_folder_has_no_logged_model() -> None:
    """What only a logged model has is None."""
    info = ModelInfo(model_uri="folder", manifest=Manifest(flavors={}))
    assert (info.name, info.params, info.tags, info.metrics, info.creation_timestamp) == (None,) * 5
    assert (info.model_id, info.mlflow_version, info.utc_time_created) == (None,) * 3
