"""Calls about registered models."""

from choosing import STAGES, Chooser


class RegistryCalls(Chooser):
    # ---- registry ----

    def create_registered(self):
        name = f"s{self.seed}-r{self.random.randint(0, 3)}"
        if name in self.dropped:  # of a model that is made again MLflow numbers the versions anew
            return None
        found, told = self.tell(
            self.client.create_registered_model, name, {self.key(): self.text()}, self.one([None, "about"])
        )
        if found is not None and name not in self.registered:
            self.registered.append(name)
        return told

    def create_version(self):
        run_id = self.run()
        root = self.tell(self.client.get_run, run_id)[0]
        source = f"{root.info.artifact_uri}/model" if root else "s3://bucket/model"
        return self.tell(
            self.client.create_model_version,
            self.registered_name(),
            source,
            run_id if root else None,
            tags={self.key(): self.text()},
            description=self.one([None, "first"]),
        )[1]

    def get_registered(self):
        return self.tell(self.client.get_registered_model, self.registered_name())[1]

    def update_registered(self):
        return self.tell(self.client.update_registered_model, self.registered_name(), self.one(["", "new"]))[
            1
        ]

    def tag_registered(self):
        return self.tell(
            self.client.set_registered_model_tag, self.registered_name(), self.key(), self.text()
        )[1]

    def get_version(self):
        return self.tell(self.client.get_model_version, self.registered_name(), self.version())[1]

    def update_version(self):
        return self.tell(self.client.update_model_version, self.registered_name(), self.version(), "newer")[1]

    def tag_version(self):
        return self.tell(
            self.client.set_model_version_tag, self.registered_name(), self.version(), self.key(), self.text()
        )[1]

    def untag_version(self):
        return self.tell(
            self.client.delete_model_version_tag, self.registered_name(), self.version(), self.key()
        )[1]

    def delete_version(self):
        return self.tell(self.client.delete_model_version, self.registered_name(), self.version())[1]

    def transition(self):
        return self.tell(
            self.client.transition_model_version_stage,
            self.registered_name(),
            self.version(),
            self.one(STAGES),
            archive_existing_versions=False,
        )[1]

    def promote(self):
        return self.tell(
            self.client.transition_model_version_stage,
            self.registered_name(),
            self.version(),
            "Production",
            archive_existing_versions=True,
        )[1]

    def set_alias(self):
        return self.tell(
            self.client.set_registered_model_alias,
            self.registered_name(),
            self.one(["champion", "challenger", "latest", "v1"]),
            self.version(),
        )[1]

    def delete_alias(self):
        return self.tell(self.client.delete_registered_model_alias, self.registered_name(), "champion")[1]

    def get_alias(self):
        return self.tell(self.client.get_model_version_by_alias, self.registered_name(), "champion")[1]

    def latest_versions(self):
        return self.tell(self.client.get_latest_versions, self.registered_name(), ["None", "Production"])[1]

    def search_versions(self):
        asked = self.one(["", " and tags.loss = '1'"])
        found, told = self.tell(
            self.client.search_model_versions,
            f"name = '{self.registered_name()}'{asked}",
            order_by=["version_number ASC"],
        )
        return told if found is None else list(found)

    def search_registered(self):
        return self.tell(
            self.client.search_registered_models,
            filter_string=f"name LIKE 's{self.seed}-%'",
            order_by=["name ASC"],
            max_results=self.one([1, 100]),
        )[1]

    def copy_version(self):
        return self.tell(
            self.client.copy_model_version,
            f"models:/{self.registered_name()}/{self.version()}",
            f"s{self.seed}-copy",
        )[1]

    def renumber(self):
        name = f"n{self.seed}-{len(self.told)}"
        self.client.create_registered_model(name)
        for _ in range(2):
            self.client.create_model_version(name, "s3://bucket/model")
        self.client.delete_registered_model(name)
        self.client.create_registered_model(name)
        return self.tell(self.client.create_model_version, name, "s3://bucket/model")[1]

    def alias(self):
        name = f"s{self.seed}-a{len(self.told)}"
        self.client.create_registered_model(name)
        self.client.create_model_version(name, "s3://bucket/model")
        self.client.set_registered_model_alias(name, "champion", "1")
        return [
            self.tell(self.client.get_model_version_by_alias, name, "champion")[1],
            self.tell(self.client.get_registered_model, name)[1],
            self.tell(self.client.search_model_versions, f"name = '{name}'")[1],
        ]

    def delete_registered(self):
        if self.random.random() < 0.7:
            return None
        name = self.registered_name()
        self.dropped[name] = True
        return self.tell(self.client.delete_registered_model, name)[1]
