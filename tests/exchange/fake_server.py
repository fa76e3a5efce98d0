"""An MLflow server in memory, as far as it is asked: the answers have the shape of the real one's."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import httpx

from mlflowflow.clock import ManualClock
from mlflowflow.exchange.rest import Rest

if TYPE_CHECKING:
    from collections.abc import Callable

_PAGE = 2


@dataclass(kw_only=True)
class FakeServer:
    """Keep what is asked to be kept; `trouble` are answers that are given first, one by one."""

    experiments: dict[str, dict[str, Any]] = field(default_factory=dict)
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    points: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    logged: dict[str, dict[str, Any]] = field(default_factory=dict)
    registered: dict[str, dict[str, Any]] = field(default_factory=dict)
    versions: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    trouble: list[int | Exception] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    headers: list[httpx.Headers] = field(default_factory=list)

    def rest(self) -> Rest:
        """Return what talks to it, with a clock that does not wait."""
        return Rest("http://fake:5000/", clock=ManualClock(), transport=httpx.MockTransport(self.answer))

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        path = unquote(request.url.path).removeprefix("/api/2.0/")
        self.asked.append(f"{request.method} {path}")
        self.headers.append(request.headers)
        if self.trouble:
            first = self.trouble.pop(0)
            if isinstance(first, Exception):
                raise first
            return httpx.Response(first, json={"error_code": "TROUBLE", "message": "trouble"})
        if path.startswith("mlflow-artifacts/"):
            return self._artifacts(request, path.removeprefix("mlflow-artifacts/artifacts").lstrip("/"))
        body = json.loads(request.content) if request.content else dict(request.url.params)
        name = "_" + re.sub(r"\W", "_", path.removeprefix("mlflow/"))
        if name.startswith("_logged_models_m"):
            return httpx.Response(200, json=self._change_model(name, body))
        call: Callable[[dict[str, Any]], dict[str, Any] | None] = getattr(self, name)
        found = call(body)
        if found is None:
            return httpx.Response(404, json={"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no"})
        return httpx.Response(200, json=found)

    # ---- experiments and runs ------------------------------------------------------------------------------

    def _experiments_search(self, body: dict[str, Any]) -> dict[str, Any]:
        return _page(list(self.experiments.values()), "experiments", body)

    def _experiments_get_by_name(self, body: dict[str, Any]) -> dict[str, Any] | None:
        found = [each for each in self.experiments.values() if each["name"] == body["experiment_name"]]
        return {"experiment": found[0]} if found else None

    def _experiments_create(self, body: dict[str, Any]) -> dict[str, Any]:
        home = str(len(self.experiments) + 1)
        self.experiments[home] = {
            "experiment_id": home,
            "lifecycle_stage": "active",
            "creation_time": 1,
            **body,
        }
        return {"experiment_id": home}

    def _experiments_set_experiment_tag(self, body: dict[str, Any]) -> dict[str, Any]:
        _set(self.experiments[body["experiment_id"]], "tags", [body])
        return {}

    def _experiments_delete(self, body: dict[str, Any]) -> dict[str, Any]:
        self.experiments[body["experiment_id"]]["lifecycle_stage"] = "deleted"
        return {}

    def _runs_search(self, body: dict[str, Any]) -> dict[str, Any]:
        found = [run for run in self.runs.values() if run["info"]["experiment_id"] in body["experiment_ids"]]
        without = [{**run, "inputs": {**run["inputs"], "model_inputs": []}} for run in found]
        return _page(without, "runs", body)

    def _runs_get(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"run": self.runs[body["run_id"]]}

    def _runs_create(self, body: dict[str, Any]) -> dict[str, Any]:
        run_id = f"{len(self.runs):032x}"
        info = {name: body[name] for name in ("experiment_id", "user_id", "start_time", "run_name")}
        info |= {
            "run_id": run_id,
            "status": "RUNNING",
            "lifecycle_stage": "active",
            "artifact_uri": f"mlflow-artifacts:/{run_id}/artifacts",
        }
        data = {"tags": list(body["tags"]), "params": [], "metrics": []}
        run = {
            "info": info,
            "data": data,
            "inputs": {"dataset_inputs": [], "model_inputs": []},
            "outputs": {"model_outputs": []},
        }
        self.runs[run_id], self.points[run_id] = run, []
        return {"run": run}

    def _runs_log_batch(self, body: dict[str, Any]) -> dict[str, Any]:
        data = self.runs[body["run_id"]]["data"]
        assert sum(len(body.get(name, ())) for name in ("metrics", "params", "tags")) <= 1000
        for name in ("params", "tags"):
            _set(data, name, body.get(name, []))
        for point in body.get("metrics", []):
            self.points[body["run_id"]].append(point)
            if point.get("model_id"):
                told = {**point, "run_id": body["run_id"]}
                self.logged[point["model_id"]]["data"].setdefault("metrics", []).append(told)
        _set(data, "metrics", body.get("metrics", []))
        return {}

    def _runs_log_inputs(self, body: dict[str, Any]) -> dict[str, Any]:
        inputs = self.runs[body["run_id"]]["inputs"]
        inputs["dataset_inputs"] += body["datasets"]
        inputs["model_inputs"] += body["models"]
        return {}

    def _runs_outputs(self, body: dict[str, Any]) -> dict[str, Any]:
        self.runs[body["run_id"]]["outputs"]["model_outputs"] += body["models"]
        return {}

    def _runs_update(self, body: dict[str, Any]) -> dict[str, Any]:
        self.runs[body["run_id"]]["info"].update(body)
        return {}

    def _runs_delete(self, body: dict[str, Any]) -> dict[str, Any]:
        self.runs[body["run_id"]]["info"]["lifecycle_stage"] = "deleted"
        return {}

    def _metrics_get_history(self, body: dict[str, Any]) -> dict[str, Any]:
        found = [point for point in self.points[body["run_id"]] if point["key"] == body["metric_key"]]
        plain = [{name: each[name] for name in ("key", "value", "timestamp", "step")} for each in found]
        return _page(plain, "metrics", body)

    # ---- models --------------------------------------------------------------------------------------------

    def _logged_models_search(self, body: dict[str, Any]) -> dict[str, Any]:
        found = [
            each for each in self.logged.values() if each["info"]["experiment_id"] in body["experiment_ids"]
        ]
        return _page(found, "models", body)

    def _logged_models(self, body: dict[str, Any]) -> dict[str, Any]:
        model_id = f"m-{len(self.logged):032x}"
        info = {
            **body,
            "model_id": model_id,
            "status": "LOGGED_MODEL_PENDING",
            "artifact_uri": f"mlflow-artifacts:/{model_id}",
        }
        self.logged[model_id] = {"info": info, "data": {"params": []}}
        return {"model": self.logged[model_id]}

    def _change_model(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        model = self.logged[body["model_id"]]
        if name.endswith("_params"):
            _set(model["data"], "params", body["params"])
        elif name.endswith("_tags"):
            _set(model["info"], "tags", body["tags"])
        else:
            model["info"]["status"] = body["status"]
        return {"model": model}

    def _registered_models_search(self, body: dict[str, Any]) -> dict[str, Any]:
        return _page(list(self.registered.values()), "registered_models", body)

    def _registered_models_get(self, body: dict[str, Any]) -> dict[str, Any] | None:
        found = self.registered.get(body["name"])
        return None if found is None else {"registered_model": found}

    def _registered_models_create(self, body: dict[str, Any]) -> dict[str, Any]:
        self.registered[body["name"]] = {**body, "aliases": []}
        self.versions[body["name"]] = []
        return {"registered_model": self.registered[body["name"]]}

    def _registered_models_alias(self, body: dict[str, Any]) -> dict[str, Any]:
        aliases = self.registered[body["name"]]["aliases"]
        aliases[:] = [each for each in aliases if each["alias"] != body["alias"]] + [body]
        return {}

    def _model_versions_search(self, body: dict[str, Any]) -> dict[str, Any]:
        name = body["filter"].removeprefix("name = '").removesuffix("'")
        return _page([each for each in self.versions[name] if not each.get("gone")], "model_versions", body)

    def _model_versions_create(self, body: dict[str, Any]) -> dict[str, Any]:
        of = self.versions[body["name"]]
        of.append({**body, "version": str(len(of) + 1), "current_stage": "None"})
        return {"model_version": of[-1]}

    def _model_versions_delete(self, body: dict[str, Any]) -> dict[str, Any]:
        self.versions[body["name"]][int(body["version"]) - 1]["gone"] = True
        return {}

    def _model_versions_transition_stage(self, body: dict[str, Any]) -> dict[str, Any]:
        self.versions[body["name"]][int(body["version"]) - 1]["current_stage"] = body["stage"]
        return {}

    def _model_versions_set_tag(self, body: dict[str, Any]) -> dict[str, Any]:
        _set(self.versions[body["name"]][int(body["version"]) - 1], "tags", [body])
        return {}

    # ---- files ---------------------------------------------------------------------------------------------

    def _artifacts(self, request: httpx.Request, path: str) -> httpx.Response:
        if request.method == "PUT":
            self.files[path] = request.read()
            return httpx.Response(200, json={})
        if not path:
            return httpx.Response(200, json={"files": self._listed(request.url.params["path"])})
        body = self.files.get(path)
        return httpx.Response(404, json={}) if body is None else httpx.Response(200, content=body)

    def _listed(self, folder: str) -> list[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for path, body in self.files.items():
            if path.startswith(f"{folder}/"):
                name, slash, _ = path.removeprefix(f"{folder}/").partition("/")
                found[name] = {
                    "path": name,
                    "is_dir": bool(slash),
                    **({} if slash else {"file_size": str(len(body))}),
                }
        return list(found.values())


def _page(items: list[dict[str, Any]], name: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return two at a time, whatever was asked for."""
    start = int(body.get("page_token") or 0)
    more = {"next_page_token": str(start + _PAGE)} if start + _PAGE < len(items) else {}
    return {name: items[start : start + _PAGE], **more}


def _set(owner: dict[str, Any], name: str, told: list[dict[str, Any]]) -> None:
    kept = {each["key"]: each for each in owner.get(name) or []} | {each["key"]: each for each in told}
    owner[name] = list(kept.values())
