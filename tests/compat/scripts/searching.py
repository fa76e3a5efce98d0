"""The search language, orders, pages and tables."""

import time

import mlflow
from collecting import collect, kind, refusal
from mlflow.entities import ViewType

client = mlflow.MlflowClient()
experiment = mlflow.set_experiment("searched").experiment_id
other = mlflow.create_experiment("other")
for number in range(8):
    time.sleep(0.002)  # runs that begin in one millisecond have no order
    with mlflow.start_run(
        run_name=f"run-{number}", tags={"team": "ab"[number % 2], "with space": f"T{number}"}
    ) as run:
        mlflow.log_params({"depth": number, "kind": "tree" if number < 5 else "Forest"})
        if number != 3:
            mlflow.log_metric("loss", 1.0 / (number + 1))
        mlflow.log_metric("val/acc", number / 10)
with mlflow.start_run(run_name="failed", experiment_id=other) as failed:
    mlflow.log_metric("loss", 0.001)
client.set_terminated(failed.info.run_id, "FAILED")
gone = client.create_run(experiment, run_name="gone").info.run_id
mlflow.delete_run(gone)


def names(filter_string="", **search):
    found = mlflow.search_runs(filter_string=filter_string, output_format="list", **search)
    return [one.info.run_name for one in found]


for text in (
    "metrics.loss < 0.3",
    "metrics.loss <= 0.25 AND params.kind = 'tree'",
    "metrics.`val/acc` >= 0.5",
    'metrics."val/acc" > 0.5',
    "params.depth = '3'",
    "params.kind != 'tree'",
    "params.kind LIKE 'For%'",
    "params.kind ILIKE 'for%'",
    "tags.team = 'a' and metrics.loss > 0.2",
    "tags.`with space` LIKE 'T%'",
    "tags.`mlflow.runName` = 'run-2'",
    "attributes.status = 'FINISHED'",
    "status = 'FINISHED'",
    "attributes.run_name = 'run-4'",
    "run_name LIKE 'run-%'",
    "attributes.start_time > 0",
    "attribute.`Run Name` = 'run-1'",
    "param.depth = '1'",
    "tag.team = 'b'",
    "metric.loss = 1.0",
    "params.never = 'x'",
    "params.never != 'x'",
    "tags.never IS NULL",
    "params.depth IS NOT NULL",
):
    collect(text, sorted(names(text)))
for text in (
    "nonsense",
    "metrics.loss <",
    "metrics.loss = 'text'",
    "params.depth = 3",
    "attributes.nothing = 'x'",
    "foo.bar = 'x'",
    "metrics.loss ~ 1",
    "tags.team > 'a'",
):
    collect(f"mistake {text}", refusal(names, text))

collect("newest first", names())
for order in (
    ["metrics.loss"],
    ["metrics.loss DESC"],
    ["params.kind ASC", "metrics.`val/acc` DESC"],
    ["attributes.run_name DESC"],
    ["tags.team", "attributes.run_name"],
    ["start_time ASC"],
):
    collect(f"by {order}", names(order_by=order))
collect("bad order", refusal(names, order_by=["nonsense.x"]))
collect("few", names(max_results=3))
collect("deleted", names(run_view_type=ViewType.DELETED_ONLY))
collect("all", len(names(run_view_type=ViewType.ALL)))
collect("everywhere", len(names(search_all_experiments=True)))
collect("by id", names(experiment_ids=[other]))
collect("by name", names(experiment_names=["other"]))
collect("nowhere", names(experiment_names=["nowhere"]))
collect("unknown id", names(experiment_ids=["987654321"]))
collect("both", refusal(names, experiment_ids=[other], experiment_names=["other"]))
collect(
    "by run id", names(f"run_id IN ('{failed.info.run_id}', '{gone}')", experiment_ids=[other, experiment])
)

pages, token = [], None
while True:
    page = client.search_runs([experiment], max_results=3, order_by=["attributes.run_name"], page_token=token)
    pages.append([one.info.run_name for one in page])
    token = page.token
    if not token:
        break
collect("pages", pages)
collect("bad token", refusal(client.search_runs, [experiment], page_token="!!"))
collect("type of a page", [isinstance(page, list), page.to_list() == list(page)])

table = mlflow.search_runs(order_by=["attributes.run_name"])
wanted = [name for name in table.columns if "git" not in name]
collect("columns", sorted(wanted))
collect("first columns", list(table.columns[:6]))
collect("types", {name: str(table[name].dtype) for name in ("metrics.loss", "start_time", "end_time")})
collect("loss", table["metrics.loss"].tolist())
collect("depth", table["params.depth"].tolist())
collect("kinds", [kind(table["run_id"][0]), table["status"].tolist()])
empty = mlflow.search_runs(filter_string="params.depth = 'none'")
collect("empty", [len(empty), list(empty.columns)])
