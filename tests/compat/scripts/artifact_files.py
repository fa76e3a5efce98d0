"""Files of runs: what is logged, listed, downloaded and read, by run and by address."""

import io
import os
import tempfile
from pathlib import Path

import mlflow
from collecting import collect, refusal
from mlflow.tracking import MlflowClient

client = MlflowClient()


def tree(path):
    path = Path(path)
    if path.is_file():
        return path.name
    return sorted(str(each.relative_to(path)) for each in path.rglob("*") if each.is_file())


def listed(files):
    return sorted([file.path, file.is_dir, file.file_size] for file in files)


with mlflow.start_run() as run:
    run_id = run.info.run_id
    root = run.info.artifact_uri
    mlflow.log_text("deep", "a/b/c.txt")
    mlflow.log_text("größe", "top.txt")
    mlflow.log_dict({"b": [1, {"x": 2}], "a": None}, "d.yaml")
    mlflow.log_dict({"b": [1, {"x": 2}], "a": None}, "d.json")
    mlflow.log_dict([1, 2], "no_suffix")
    mlflow.log_stream(io.BytesIO(b"raw"), "s/raw.bin")
    folder = Path(tempfile.mkdtemp()) / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "x.txt").write_text("x")
    (folder / "y.txt").write_text("y")
    mlflow.log_artifact(str(folder), "named")
    mlflow.log_artifact(str(folder / "y.txt"))
    mlflow.log_artifacts(str(folder), "flat")
    mlflow.log_text("over", "top2.txt")
    mlflow.log_text("written", "top2.txt")
    collect("uri of a file", mlflow.get_artifact_uri("a b/c").removeprefix(root))


def download_all(path):
    """Download in every way there is, each into a folder of its own."""
    for name, call in {
        "uri": lambda dst: mlflow.artifacts.download_artifacts(f"runs:/{run_id}/{path}", dst_path=dst),
        "run": lambda dst: mlflow.artifacts.download_artifacts(
            run_id=run_id, artifact_path=path, dst_path=dst
        ),
        "place": lambda dst: mlflow.artifacts.download_artifacts(f"{root}/{path}", dst_path=dst),
        "client": lambda dst: client.download_artifacts(run_id, path, dst),
    }.items():
        dst = tempfile.mkdtemp()
        got = call(dst)
        collect(f"download {name} {path}", [os.path.relpath(got, dst), tree(got), tree(dst)])


def refused(call, *args):
    return "returned" not in refusal(call, *args)


for path in ("a/b/c.txt", "a/b", "a", "top.txt", "named", "named/folder", "flat", "none"):
    collect(f"list {path}", listed(client.list_artifacts(run_id, path)))
    collect(f"list run {path}", listed(mlflow.artifacts.list_artifacts(run_id=run_id, artifact_path=path)))
    collect(f"list uri {path}", listed(mlflow.artifacts.list_artifacts(f"runs:/{run_id}/{path}")))
    collect(f"list place {path}", listed(mlflow.artifacts.list_artifacts(f"{root}/{path}")))
    if path != "none":
        download_all(path)
collect("download none", refusal(mlflow.artifacts.download_artifacts, f"runs:/{run_id}/none"))
collect("list all", listed(client.list_artifacts(run_id)))
collect("list all by address", listed(mlflow.artifacts.list_artifacts(f"{root}/")))
collect("text", mlflow.artifacts.load_text(f"runs:/{run_id}/top.txt"))
collect("text by place", mlflow.artifacts.load_text(f"{root}/top2.txt"))
collect("yaml", mlflow.artifacts.load_text(f"runs:/{run_id}/d.yaml"))
collect("json", mlflow.artifacts.load_text(f"runs:/{run_id}/d.json"))
collect("dict", mlflow.artifacts.load_dict(f"runs:/{run_id}/d.json"))
collect("list dict", mlflow.artifacts.load_dict(f"runs:/{run_id}/no_suffix"))
collect("no dict", refused(mlflow.artifacts.load_dict, f"runs:/{run_id}/top.txt"))
local = str(folder / "y.txt")
collect("local", mlflow.artifacts.download_artifacts(local) == local)
dst = tempfile.mkdtemp()
collect("local copy", os.path.relpath(mlflow.artifacts.download_artifacts(local, dst_path=dst), dst))
collect("both", refusal(mlflow.artifacts.download_artifacts, artifact_uri=f"runs:/{run_id}/a", run_id=run_id))
collect("neither", refusal(mlflow.artifacts.list_artifacts))
for path in ("../x", "/absolute", "a/../../b"):
    collect(f"log_text {path}", refused(client.log_text, run_id, "x", path))
for path in ("../x", "/absolute", "a/../b", "..", "a/.."):
    collect(f"log_artifact {path}", refused(client.log_artifact, run_id, local, path))
collect("log_artifact absent", refused(client.log_artifact, run_id, "absent"))
collect("log_text no run", refusal(client.log_text, "0" * 32, "x", "x.txt"))
