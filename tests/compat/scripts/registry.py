"""The registry's client: models, versions, stages, aliases, tags, search and pages."""

import json

import mlflow
from collecting import collect, fields, kind, refusal
from mlflow.tracking import MlflowClient

NAMES = (
    "name",
    "version",
    "current_stage",
    "source",
    "run_id",
    "run_link",
    "status",
    "status_message",
    "user_id",
)

client = MlflowClient()
model = client.create_registered_model("wine", tags={"team": "a", "n": 1}, description="reds")
collect("created", fields(model, "name", "description", "tags", "aliases", "latest_versions"))
bare = client.create_registered_model("bare")
collect("never described", [bare.description, client.get_registered_model("bare").description])
collect("no words", client.create_registered_model("mute", description="").description)
collect("forgotten", client.update_registered_model("mute", None).description)
collect("as json", json.dumps([model.tags, model.aliases, bare.tags], sort_keys=True))
for name in ("bare", "mute"):
    client.delete_registered_model(name)
collect("kinds", [kind(model.creation_timestamp), kind(model.last_updated_timestamp)])
first = client.create_model_version("wine", "s3://bucket/one", tags={"k": 2}, description="first")
second = client.create_model_version("wine", "s3://bucket/two", None, None, "http://run", "second")
plain = client.create_model_version("wine", "s3://bucket/three")
collect("a version never described", [plain.description, json.dumps([plain.tags, plain.aliases])])
client.delete_model_version("wine", "3")
for name, version in (("first", first), ("second", second)):
    collect(name, fields(version, *NAMES, "description", "tags", "aliases", "model_id"))

client.set_registered_model_alias("wine", "champion", "1")
client.set_registered_model_alias("wine", "champion", 2)
collect("alias", fields(client.get_model_version_by_alias("wine", "champion"), "version", "aliases"))
collect("aliases", client.get_registered_model("wine").aliases)
collect("gone alias", client.delete_registered_model_alias("wine", "never"))

moved = client.transition_model_version_stage("wine", "1", "production")
collect("stage", moved.current_stage)
client.transition_model_version_stage("wine", "2", "Production", archive_existing_versions=True)
for wanted in (None, [], ["production"], ["None"]):
    found = client.get_latest_versions("wine", wanted)
    collect(f"latest {wanted}", [[each.version, each.current_stage] for each in found])
collect("stages", client.get_model_version_stages("wine", "1"))

client.set_model_version_tag("wine", key="where", value=3, stage="Production")
mlflow.set_model_version_tag("wine", "1", "by", "fluent")
client.delete_model_version_tag("wine", "1", "k")
collect("tags", [client.get_model_version("wine", number).tags for number in ("1", 2)])
collect("described", client.update_model_version("wine", "1", "better").description)

copied = client.copy_model_version("models:/wine@champion", "cellar")
collect("copied", fields(copied, "name", "version", "current_stage", "description", "tags", "aliases"))
collect("download", client.get_model_version_download_uri("cellar", "1"))
client.rename_registered_model("cellar", "vault")
collect("renamed", [each.name for each in client.search_registered_models()])
collect("under the new name", fields(client.get_model_version("vault", "1"), "name", "version"))
collect("under the old name", refusal(client.get_registered_model, "cellar"))

for query in (
    "name = 'wine'", "name ILIKE 'W%'", "run_id IN ('a', 'b')", "source_path LIKE 's3%'", "version_number > 1", "version_number = '1'", 'version_number >= "2"',
    "tags.by = 'fluent'", "name != 'wine'",
):  # fmt: skip
    found = client.search_model_versions(query)
    collect(f"versions {query}", [[each.name, each.version] for each in found])
collect(
    "order",
    [each.version for each in client.search_model_versions("name='wine'", order_by=["version_number ASC"])],
)
page = client.search_model_versions(max_results=2)
rest = client.search_model_versions(max_results=2, page_token=page.token)
collect("pages", [[each.name, each.version] for each in [*page, *rest]])
collect("last token", rest.token)
collect("fluent", [len(mlflow.search_registered_models()), len(mlflow.search_model_versions(max_results=1))])

collect("no number", refusal(client.search_model_versions, "version_number = 'x'"))
collect("half a number", refusal(client.search_model_versions, "version_number = '1.0'"))
collect("quoted time", refusal(mlflow.search_runs, filter_string="attributes.start_time > '0'"))
collect("quoted metric", refusal(mlflow.search_runs, filter_string="metrics.loss > '0'"))
collect("twice", refusal(client.create_registered_model, "wine"))
collect("bad name", refusal(client.create_registered_model, "a/b"))
collect("bad version", refusal(client.get_model_version, "wine", "abc"))
collect("no version", refusal(client.get_model_version, "wine", "9"))
collect("reserved", refusal(client.set_registered_model_alias, "wine", "v1", "1"))
collect("bad stage", refusal(client.transition_model_version_stage, "wine", "1", "Live"))
collect("both", refusal(client.set_model_version_tag, "wine", "1", "k", "v", "Production"))
collect("zero", refusal(client.search_model_versions, max_results=0))

client.delete_model_version("wine", "2")
collect("after", client.get_registered_model("wine").aliases)
collect("next", client.create_model_version("wine", "s").version)
client.delete_registered_model("wine")
collect("deleted", refusal(client.get_registered_model, "wine"))
