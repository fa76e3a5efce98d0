"""Images and figures: arrays of all kinds, series with steps, MLflow's image class."""

import re

import mlflow
import numpy as np
from collecting import collect, refusal
from mlflow.tracking import MlflowClient
from PIL import Image

client = MlflowClient()
ARRAYS = {
    "bool": np.array([[True, False], [False, True]]),
    "uint8": np.array([[0, 255], [7, 9]], dtype=np.uint8),
    "int64": np.array([[0, 255], [7, 9]]),
    "float": np.array([[0.0, 1.0], [0.5, 0.25]]),
    "one": np.full((2, 3, 1), 9, dtype=np.uint8),
    "rgb": np.arange(18, dtype=np.uint8).reshape(2, 3, 3),
    "rgba": np.full((2, 2, 4), 0.5),
}


def pixels(uri):
    image = mlflow.artifacts.load_image(uri)
    return [image.mode, list(image.size), np.array(image).tolist()]


with mlflow.start_run() as run:
    run_id = run.info.run_id
    for name, array in ARRAYS.items():
        mlflow.log_image(array, f"{name}.png")
    mlflow.log_image(Image.new("RGB", (3, 2), (1, 2, 3)), "in/pil.png")
    mlflow.log_image(mlflow.Image(ARRAYS["rgb"]), "in/own.png")
    mlflow.log_image(ARRAYS["rgb"], key="val/dogs", step=3, timestamp=17)
    mlflow.log_image(ARRAYS["rgb"], key="cats", synchronous=True)
    mlflow.flush_artifact_async_logging()
    for name, call in {
        "neither": lambda: mlflow.log_image(ARRAYS["rgb"]),
        "both": lambda: mlflow.log_image(ARRAYS["rgb"], "a.png", key="k"),
        "file and step": lambda: mlflow.log_image(ARRAYS["rgb"], "a.png", step=1),
        "key": lambda: mlflow.log_image(ARRAYS["rgb"], key="a%b"),
        "type": lambda: mlflow.log_image("text", "a.png"),
        "range": lambda: mlflow.log_image(np.array([[256]]), "a.png"),
        "shape": lambda: mlflow.log_image(np.zeros((2, 2, 2)), "a.png"),
    }.items():
        collect(f"refused {name}", bool(refusal(call).get("returned", "refused")))

for name in ARRAYS:
    collect(name, pixels(f"runs:/{run_id}/{name}.png"))
collect("pil", pixels(f"runs:/{run_id}/in/pil.png"))
collect("own", pixels(f"runs:/{run_id}/in/own.png"))
names = sorted(
    re.sub(
        r"timestamp\+(17|\d+)\+[0-9a-f-]+",
        lambda m: "timestamp+" + ("17" if m[1] == "17" else "now") + "+id",
        file.path,
    )
    for file in client.list_artifacts(run_id, "images")
)
collect("series", names)
small = [file.path for file in client.list_artifacts(run_id, "images") if file.path.endswith(".webp")]
collect("small", sorted(pixels(f"runs:/{run_id}/{path}")[:2] for path in small))
collect("tag", client.get_run(run_id).data.tags["mlflow.loggedImages"])
image = mlflow.Image(ARRAYS["rgb"])
collect(
    "class", [list(image.size), image.to_list(), image.to_array().tolist(), list(image.resize((6, 4)).size)]
)
collect("class of list", mlflow.Image([[0, 255]]).to_list())
collect("no image", refusal(mlflow.artifacts.load_image, f"runs:/{run_id}/none.png"))
