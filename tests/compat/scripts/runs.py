"""Runs: started, named, nested, resumed, ended in every way, deleted and restored."""

import mlflow
from collecting import collect, fields, kind, refusal
from mlflow.entities import RunStatus

client = mlflow.MlflowClient()
experiment = mlflow.set_experiment("runs")
collect("no run", [mlflow.active_run(), mlflow.last_active_run(), mlflow.end_run()])

with mlflow.start_run(run_name="plain") as run:
    collect("active", mlflow.active_run().info.run_id == run.info.run_id)
    kinds = (mlflow.entities.Run, mlflow.ActiveRun)
    collect("active is", [isinstance(mlflow.active_run(), each) for each in kinds])
    collect("active holds", [run.data.metrics, run.inputs.dataset_inputs == run.inputs.model_inputs])
    collect("started", fields(run.info, "run_name", "status", "lifecycle_stage", "end_time"))
    collect("kinds", [kind(run.info.run_id), kind(run.info.start_time), kind(run.info.artifact_uri)])
    collect("ids", [len(run.info.run_id), run.info.experiment_id == experiment.experiment_id])
    collect("second", refusal(mlflow.start_run))
    with mlflow.start_run(nested=True, run_name="child") as child:
        collect("inner", mlflow.active_run().info.run_name)
        with mlflow.start_run(nested=True, run_name="grandchild") as grandchild:
            pass
    collect("outer again", mlflow.active_run().info.run_name)
    collect("other parent", refusal(mlflow.start_run, nested=True, parent_run_id=child.info.run_id))
collect("finished", fields(mlflow.get_run(run.info.run_id).info, "status", "run_name"))
collect("end time", kind(mlflow.get_run(run.info.run_id).info.end_time))
collect("parent", mlflow.get_parent_run(child.info.run_id).info.run_name)
collect("client parent", client.get_parent_run(grandchild.info.run_id).info.run_name)
collect("no parent", mlflow.get_parent_run(run.info.run_id))
collect("last", mlflow.last_active_run().info.run_name)

with mlflow.start_run(parent_run_id=run.info.run_id, run_name="adopted") as adopted:
    pass
collect("adopted", mlflow.get_run(adopted.info.run_id).data.tags["mlflow.parentRunId"] == run.info.run_id)
collect("unknown parent", refusal(mlflow.start_run, parent_run_id="f" * 32))

generated = client.create_run(experiment.experiment_id)
parts = generated.info.run_name.split("-")
collect(
    "generated name",
    [len(parts), parts[-1].isdigit(), generated.data.tags["mlflow.runName"] == generated.info.run_name],
)

try:
    with mlflow.start_run() as failed:
        raise ZeroDivisionError
except ZeroDivisionError:
    pass
collect("failed", mlflow.get_run(failed.info.run_id).info.status)
for status in ("KILLED", "FAILED", "FINISHED", "SCHEDULED"):
    one = mlflow.start_run()
    mlflow.end_run(status)
    collect(f"ended as {status}", mlflow.get_run(one.info.run_id).info.status)

with mlflow.start_run(run_id=run.info.run_id, tags={"again": "yes"}, description="resumed") as again:
    collect("resumed", [again.info.run_id == run.info.run_id, again.info.status])
    mlflow.log_metric("late", 1.0)
resumed = mlflow.get_run(run.info.run_id)
collect(
    "after", [resumed.info.status, resumed.data.metrics, resumed.data.tags["again"], resumed.info.run_name]
)
collect("note", resumed.data.tags["mlflow.note.content"])
with mlflow.start_run(run_id=run.info.run_id, run_name="another name"):
    pass
collect("renamed by resuming", mlflow.get_run(run.info.run_id).info.run_name)
collect("unknown", [refusal(mlflow.get_run, "f" * 32), refusal(mlflow.start_run, run_id="f" * 32)])
collect("bad id", refusal(mlflow.get_run, "../x"))
collect(
    "note twice",
    refusal(mlflow.start_run, tags={"mlflow.note.content": "a"}, description="b"),
)
collect("experiment id", refusal(mlflow.start_run, experiment_id=1.5))
collect("unknown experiment", refusal(mlflow.start_run, experiment_id="987654321"))

mlflow.delete_run(child.info.run_id)
collect("deleted", mlflow.get_run(child.info.run_id).info.lifecycle_stage)
collect("log to deleted", refusal(client.log_metric, child.info.run_id, "m", 1.0))
collect("param of deleted", refusal(client.log_param, child.info.run_id, "p", 1))
mlflow.restore_run(child.info.run_id)
collect("restored", mlflow.get_run(child.info.run_id).info.lifecycle_stage)
collect("delete unknown", refusal(mlflow.delete_run, "f" * 32))

by_hand = client.create_run(experiment.experiment_id, start_time=123, tags={"a": 1}, run_name="by hand")
collect("by hand", fields(by_hand.info, "run_name", "start_time", "status", "end_time"))
client.set_terminated(by_hand.info.run_id, "FAILED", end_time=456)
collect("terminated", fields(client.get_run(by_hand.info.run_id).info, "status", "end_time"))
client.update_run(by_hand.info.run_id, status="RUNNING", name="renamed")
collect("updated", fields(client.get_run(by_hand.info.run_id).info, "status", "run_name"))
client.set_terminated(by_hand.info.run_id)
collect("default end", client.get_run(by_hand.info.run_id).info.status)
collect("statuses", [RunStatus.to_string(RunStatus.FINISHED), RunStatus.is_terminated(RunStatus.RUNNING)])
collect("as dict", sorted(by_hand.to_dictionary()))
collect("info as dict", dict(by_hand.info)["run_name"])
collect("inputs", len(by_hand.inputs.dataset_inputs))
