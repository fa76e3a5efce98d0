"""`Model`: what an MLmodel file says, as scripts make, change and save it under MLflow's names.

Inside the library an MLmodel file is a `Manifest`, a value that cannot change. This is the same with
attributes that can: a script that writes a flavor of its own adds to it, and a loaded model carries one.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

from mlflowflow.clock import SystemClock, iso
from mlflowflow.errors import NotFound
from mlflowflow.ids import RandomIds
from mlflowflow.models.example import example_params, read_example
from mlflowflow.models.manifest import MLMODEL, Manifest
from mlflowflow.models.package import read_inside, read_manifest
from mlflowflow.models.signature import ModelSignature

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import IO

    from mlflowflow.models.info import ModelInfo
    from mlflowflow.models.schema import ParamSpec, Schema


class Model:
    """What is known of a model, in attributes named as the keys of its MLmodel file.

    >>> model = Model(run_id="1f").add_flavor("mine", data="weights.bin")
    >>> model.flavors["mine"], model.run_id
    ({'data': 'weights.bin'}, '1f')
    """

    def __init__(
        self,
        artifact_path: str | None = None,
        run_id: str | None = None,
        utc_time_created: Any = None,
        flavors: Mapping[str, Mapping[str, Any]] | None = None,
        signature: ModelSignature | None = None,
        saved_input_example_info: Mapping[str, Any] | None = None,
        model_uuid: Any = None,
        mlflow_version: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        model_size_bytes: int | None = None,
        resources: Any = None,
        env_vars: list[str] | None = None,
        auth_policy: Any = None,
        model_id: str | None = None,
        prompts: list[str] | None = None,
        **kwargs: Any,
    ) -> None:
        """Say what is known; the id and the time are made if they are not given."""
        clock = SystemClock()
        given_id: Any = model_uuid() if callable(model_uuid) else model_uuid
        created = utc_time_created or iso(clock.now_us()).replace("T", " ").removesuffix("Z")
        self.artifact_path = artifact_path
        self.run_id = run_id
        self.utc_time_created: str | None = str(created)
        self.flavors = {name: dict(one) for name, one in (flavors or {}).items()}
        self.signature = signature
        self.saved_input_example_info = saved_input_example_info
        self.model_uuid: str | None = given_id or RandomIds(clock).run_id()
        self.mlflow_version = mlflow_version
        self.metadata = metadata
        self.model_size_bytes = model_size_bytes
        self.resources = resources
        self.env_vars = env_vars
        self.auth_policy = auth_policy
        self.model_id = model_id
        self.prompts = prompts
        self._others = dict(kwargs)

    # ---- files ---------------------------------------------------------------------------------------------

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read the MLmodel of a model's folder, of its file, or of any address of a model."""
        local = Path(path)
        if local.name == MLMODEL and local.is_file():
            return cls.from_manifest(read_manifest(local.parent))
        if local.is_dir():
            return cls.from_manifest(read_manifest(local))
        from mlflowflow.models.source import Stores, fetched

        with fetched(path, Stores()) as folder:
            return cls.from_manifest(read_manifest(folder))

    def save(self, path: str | Path) -> None:
        """Write the MLmodel file `path`."""
        Path(path).write_text(self.to_yaml(), encoding="utf-8")

    @classmethod
    def from_manifest(cls, manifest: Manifest) -> Self:
        """Return the same as attributes that can be changed."""
        made = cls()
        made.fill(manifest)
        return made

    def fill(self, manifest: Manifest) -> None:
        """Take over everything that `manifest` says."""
        extra = dict(manifest.extra)
        for name in _FIELDS:
            setattr(self, name, getattr(manifest, name))
        for name in _SHARED:
            setattr(self, name, extra.pop(name, None))
        self.flavors = {name: dict(one) for name, one in manifest.flavors.items()}
        self._others = extra
        for name in _OURS:
            value = getattr(manifest, name)
            if value is not None:
                self._others[name] = value

    def manifest(self) -> Manifest:
        """Return what an MLmodel file would say now."""
        others = dict(self._others)
        return Manifest(
            flavors=self.flavors,
            **{name: getattr(self, name) for name in _FIELDS},
            **{name: others.pop(name) for name in _OURS if name in others},
            extra={
                **others,
                **{name: getattr(self, name) for name in _SHARED if getattr(self, name) is not None},
            },
        )

    def to_yaml(self, stream: IO[str] | None = None) -> str | Any:
        """Return the text of an MLmodel file, or write it to `stream`."""
        text = self.manifest().to_yaml()
        return text if stream is None else stream.write(text)

    def to_dict(self) -> dict[str, Any]:
        """Return the tree of an MLmodel file."""
        from mlflowflow.models.manifest import load_yaml

        return load_yaml(self.to_yaml(), key=MLMODEL)

    def to_json(self) -> str:
        """Return the tree of an MLmodel file as JSON."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_dict(cls, model_dict: Mapping[str, Any]) -> Self:
        """Read the tree of an MLmodel file.

        >>> Model.from_dict({"run_id": "1f", "flavors": {}}).run_id
        '1f'
        """
        tree = dict(model_dict)
        signature = tree.pop("signature", None)
        if signature is not None:
            tree["signature"] = ModelSignature.from_dict(signature)
        return cls(**tree)

    # ---- contents ------------------------------------------------------------------------------------------

    def add_flavor(self, name: str, **params: Any) -> Self:
        """Say what the flavor `name` needs to load the model."""
        self.flavors[name] = params
        return self

    def get_input_schema(self) -> Schema | None:
        """Return what `predict` takes, None if the model does not say."""
        return self.signature.inputs if self.signature else None

    def get_output_schema(self) -> Schema | None:
        """Return what `predict` gives, None if the model does not say."""
        return self.signature.outputs if self.signature else None

    def get_params_schema(self) -> tuple[ParamSpec, ...] | None:
        """Return the parameters of `predict`, None if it has none."""
        return self.signature.params if self.signature else None

    def get_tags_dict(self) -> dict[str, Any]:
        """Return what identifies the model, in few words."""
        tree = self.to_dict()
        return {name: tree[name] for name in _TAGS if name in tree}

    def get_model_info(self, logged_model: Any = None) -> ModelInfo:
        """Return the same as `mlflowflow.models.get_model_info` does."""
        from mlflowflow.models.info import ModelInfo

        uri = f"models:/{self.model_id}" if self.model_id else f"runs:/{self.run_id}/{self.artifact_path}"
        return ModelInfo(model_uri=uri, manifest=self.manifest(), logged_model=logged_model)

    def load_input_example(self, path: str | Path | None = None) -> Any:
        """Return the input example kept in the model's folder `path`, None if there is none."""
        place = self.saved_input_example_info
        return None if place is None else read_example(self._file(path, place["artifact_path"]), place)

    def load_input_example_params(self, path: str | Path | None = None) -> dict[str, Any] | None:
        """Return the parameters kept with the input example, None if there are none."""
        place = self.saved_input_example_info
        if place is None or not place.get("params"):
            return None
        return example_params(self._file(path, place["artifact_path"]), place)

    def get_serving_input(self, path: str | Path | None = None) -> str | None:
        """Return the input example as the text of a request to a server, None if there is none."""
        place = self.saved_input_example_info or {}
        name = place.get("serving_input_path")
        return None if name is None else self._file(path, name).decode()

    def _file(self, path: str | Path | None, name: str) -> bytes:
        if path is None:
            if self.model_id is None and self.run_id is None:
                raise NotFound("model folder", "(none)", hint="Give the path of the model's folder.")
            path = self.get_model_info().model_uri
        if Path(path).is_dir():
            return read_inside(Path(path), name)
        from mlflowflow.models.source import Stores, fetched

        with fetched(path, Stores()) as folder:
            return read_inside(folder, name)

    # ---- logging -------------------------------------------------------------------------------------------

    @classmethod
    def log(
        cls,
        artifact_path: str | None,
        flavor: Any,
        registered_model_name: str | None = None,
        await_registration_for: float | None = 300,
        metadata: Mapping[str, Any] | None = None,
        run_id: str | None = None,
        resources: Any = None,
        auth_policy: Any = None,
        prompts: Any = None,
        name: str | None = None,
        model_type: str | None = None,
        params: Mapping[str, Any] | None = None,
        tags: Mapping[str, Any] | None = None,
        step: int = 0,
        model_id: str | None = None,
        **kwargs: Any,
    ) -> ModelInfo:
        """Log a model with a flavor of your own: a module with ``save_model(path=…, mlflow_model=…, …)``.

        `kwargs` are given to its ``save_model``. Raises `NotFound` if that writes no MLmodel file.
        """
        from mlflowflow.models import saving

        del resources, auth_policy, prompts, await_registration_for

        def write(folder: Path, origin: Any) -> Manifest:
            model = cls(
                artifact_path=origin.artifact_path,
                run_id=origin.run_id,
                model_uuid=origin.model_uuid,
                model_id=origin.model_id,
                metadata=metadata,
            )
            flavor.save_model(path=str(folder), mlflow_model=model, **kwargs)
            return read_manifest(folder)

        with TemporaryDirectory(prefix="mlflowflow-model-") as private:
            return saving.log_written(
                write,
                Path(private) / "model",
                saving.Wishes(
                    name=name or artifact_path or "model",
                    run_id=run_id,
                    register_as=registered_model_name,
                    model_type=model_type,
                    params=params or {},
                    tags=tags or {},
                    step=step,
                    model_id=model_id,
                ),
            )


_FIELDS = (
    "artifact_path",
    "metadata",
    "mlflow_version",
    "model_id",
    "model_size_bytes",
    "model_uuid",
    "run_id",
    "saved_input_example_info",
    "signature",
    "utc_time_created",
)
#: Keys that a manifest keeps without a field of their own.
_SHARED = ("resources", "env_vars", "auth_policy", "prompts")
#: Fields of a manifest that MLflow does not know.
_OURS = ("mlflowflow_version", "mlflowflow_safety")
_TAGS = ("run_id", "utc_time_created", "artifact_path", "flavors", "model_uuid")
