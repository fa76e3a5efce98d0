"""Experiments: made, found, renamed, tagged, deleted, restored, searched in pages."""

import mlflow
from collecting import collect, fields, kind, refusal
from mlflow.entities import ViewType

client = mlflow.MlflowClient()
first = mlflow.create_experiment("first", tags={"team": "a", "number": "1"})
collect("id", kind(first))
found = mlflow.get_experiment(first)
collect("experiment", fields(found, "name", "lifecycle_stage", "tags"))
collect("times", [kind(found.creation_time), kind(found.last_update_time), kind(found.artifact_location)])
collect("again", refusal(mlflow.create_experiment, "first"))
collect("no name", [refusal(mlflow.create_experiment, name) for name in ("", None, "x" * 501)])
collect("unknown id", refusal(mlflow.get_experiment, "987654321"))
collect("unknown name", mlflow.get_experiment_by_name("nobody"))
collect(
    "default", fields(mlflow.get_experiment_by_name("Default"), "name", "experiment_id", "lifecycle_stage")
)

second = mlflow.set_experiment("second")
collect("set", fields(second, "name", "lifecycle_stage"))
collect("set again", mlflow.set_experiment(experiment_name="second").experiment_id == second.experiment_id)
collect("set by id", mlflow.set_experiment(experiment_id=first).name)
collect("set both", refusal(mlflow.set_experiment, "first", first))
collect("set unknown", refusal(mlflow.set_experiment, experiment_id="987654321"))
mlflow.set_experiment_tag("stage", "dev")
mlflow.set_experiment_tags({"owner": "ada", "stage": "prod"})
collect("tags", mlflow.get_experiment(first).tags)
mlflow.delete_experiment_tag("owner")
collect("tags after", mlflow.get_experiment(first).tags)
collect("delete missing tag", refusal(mlflow.delete_experiment_tag, "owner"))
client.set_experiment_tag(second.experiment_id, "team", "b")

client.rename_experiment(first, "renamed")
collect("renamed", [mlflow.get_experiment(first).name, mlflow.get_experiment_by_name("first")])
collect("rename to taken", refusal(client.rename_experiment, first, "second"))

mlflow.delete_experiment(second.experiment_id)
collect("deleted", mlflow.get_experiment(second.experiment_id).lifecycle_stage)
collect("deleted by name", mlflow.get_experiment_by_name("second").lifecycle_stage)
collect("set deleted", refusal(mlflow.set_experiment, "second"))
collect("name of deleted", refusal(mlflow.create_experiment, "second"))
collect("run in deleted", refusal(client.create_run, second.experiment_id))
collect("delete unknown", refusal(mlflow.delete_experiment, "987654321"))


def names(**search):
    return sorted(one.name for one in mlflow.search_experiments(**search))


collect("active", names())
collect("views", [names(view_type=view) for view in (ViewType.ALL, ViewType.DELETED_ONLY, 1, 2, 3)])
mlflow.restore_experiment(second.experiment_id)
collect("restored", mlflow.get_experiment(second.experiment_id).lifecycle_stage)
for number in range(5):
    mlflow.create_experiment(f"exp-{number}", tags={"n": str(number), "odd": str(number % 2)})
collect("by tag", names(filter_string="tags.odd = '1'"))
collect("by name", names(filter_string="name LIKE 'exp-%'"))
collect("by both", names(filter_string="attribute.name ILIKE 'EXP-%' AND tags.n != '3'"))
ordered = mlflow.search_experiments(filter_string="name LIKE 'exp-%'", order_by=["name DESC"])
collect("ordered", [one.name for one in ordered])
collect("newest first", [one.name for one in mlflow.search_experiments(max_results=2)])
collect("mistake", refusal(mlflow.search_experiments, filter_string="nonsense = 1"))
pages, token = [], None
while True:
    page = client.search_experiments(
        max_results=2, filter_string="name LIKE 'exp-%'", order_by=["name"], page_token=token
    )
    pages.append([one.name for one in page])
    token = page.token
    if not token:
        break
collect("pages", pages)
