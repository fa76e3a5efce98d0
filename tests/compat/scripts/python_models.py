"""Models written in Python: objects, functions, files of code and loaders."""

from pathlib import Path

import mlflow
import pandas as pd
from collecting import collect, fields, kind, refusal
from mlflow.models import ModelConfig, infer_signature
from mlflow.pyfunc import PythonModel


class Reader(PythonModel):
    """Answers with its artifact."""

    def load_context(self, context):  # noqa: D102
        self.text = Path(context.artifacts["text"]).read_text()

    def predict(self, context, model_input, params=None):  # noqa: D102
        return [f"{self.text} {(params or {}).get('k')} {context.model_config.get('z')}"] * len(model_input)


class Plain(mlflow.pyfunc.PythonModel):
    """Answers with what it was given."""

    def predict(self, model_input):  # noqa: D102
        return model_input


def upper(model_input: list[str]) -> list[str]:
    return [one.upper() for one in model_input]


Path("text.txt").write_text("hello")
Path("code_of_a_model.py").write_text("X = 5\n")
Path("loader_of_a_model.py").write_text(
    "import code_of_a_model\n\n\n"
    "class Loaded:\n    def predict(self, data, params=None):\n        return [code_of_a_model.X] * len(data)\n\n\n"
    "def _load_pyfunc(path):\n    return Loaded()\n"
)
Path("model.py").write_text(
    "import mlflow\nfrom mlflow.models import ModelConfig, set_model\n\n"
    "config = ModelConfig(development_config={'factor': 2})\n\n\n"
    "class Scaled(mlflow.pyfunc.PythonModel):\n"
    "    def predict(self, context, model_input, params=None):\n"
    "        return model_input * config.get('factor')\n\n\n"
    "set_model(Scaled())\n"
)
table = pd.DataFrame({"a": [1.0, 2.0]})

with mlflow.start_run() as run:
    logged = mlflow.pyfunc.log_model(
        name="reader",
        python_model=Reader(),
        artifacts={"text": "text.txt"},
        input_example=(table, {"k": 3}),
        model_config={"z": 1},
        metadata={"owner": "ada"},
        params={"depth": 3},
        tags={"t": "u"},
        registered_model_name="reader",
    )
collect("info", fields(logged, "name", "params", "metadata", "registered_model_version"))
collect("tag", logged.tags["t"])
collect(
    "kinds",
    [kind(logged.model_id), kind(logged.run_id), kind(logged.model_uuid), kind(logged.utc_time_created)],
)
collect("uri", logged.model_uri == f"models:/{logged.model_id}")
collect("signature", logged.signature.to_dict())
outputs = mlflow.get_run(run.info.run_id).outputs.model_outputs
collect("outputs", [one.model_id == logged.model_id for one in outputs])

for name, uri in {
    "id": logged.model_uri,
    "run": f"runs:/{run.info.run_id}/reader",
    "version": "models:/reader/1",
}.items():
    model = mlflow.pyfunc.load_model(uri)
    collect(f"{name} answers", model.predict(table))
    collect(f"{name} with params", model.predict(table, params={"k": 4}))
    collect(f"{name} config", model.model_config)
model = mlflow.pyfunc.load_model(logged.model_uri, model_config={"z": 2})
collect("configured", model.predict(table))
collect("unwrapped", isinstance(model.unwrap_python_model(), Reader))
collect("loader", model.loader_module)
collect("example", model.input_example)
collect("metadata", model.metadata.metadata)
collect("columns missing", refusal(model.predict, pd.DataFrame({"b": [1.0]}))["error_code"] != "")

mlflow.pyfunc.save_model("function", python_model=upper, pip_requirements=["numpy"])
model = mlflow.pyfunc.load_model("function")
collect("function", model.predict(["a"]))
collect("function signature", model.metadata.signature.to_dict())
collect("function refuses", "returned" in refusal(model.predict, [1]))

mlflow.pyfunc.save_model("plain", python_model=Plain(), signature=infer_signature(table, table))
collect("plain", mlflow.pyfunc.load_model("plain").predict(pd.DataFrame({"b": [1], "a": [1]})))

mlflow.pyfunc.save_model("code", python_model="model.py", model_config={"factor": 3})
collect("code", mlflow.pyfunc.load_model("code").predict(table))
collect("code configured", mlflow.pyfunc.load_model("code", model_config={"factor": 4}).predict(table))
collect("developing", ModelConfig(development_config={"factor": 2}).get("factor"))

mlflow.pyfunc.save_model(
    "loader",
    loader_module="loader_of_a_model",
    data_path="text.txt",
    code_paths=["loader_of_a_model.py", "code_of_a_model.py"],
    pip_requirements=["numpy", "pandas"],
)
for name in ("loader_of_a_model.py", "code_of_a_model.py"):
    Path(name).unlink()
collect("loader answers", mlflow.pyfunc.load_model("loader").predict([1, 2]))
lines = Path(mlflow.pyfunc.get_model_dependencies("loader")).read_text().split()
collect("dependencies", {"numpy", "pandas"} <= set(lines))

collect("existing folder", "returned" in refusal(mlflow.pyfunc.save_model, "code", python_model=Plain()))
collect("no model", "returned" in refusal(mlflow.pyfunc.save_model, "none"))
collect("no such model", refusal(mlflow.pyfunc.load_model, "models:/absent/1"))
