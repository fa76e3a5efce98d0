"""The fields of each request about files, under MLflow's names."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mlflowflow.server.message import Message, Word
from mlflowflow.server.requests import RunId


class RunFolder(RunId):
    """A folder among the files of a run."""

    path: str = ""
    page_token: str | None = None


class ModelFolder(Message):
    """A folder among the files of a logged model."""

    model_id: Word
    artifact_directory_path: str = ""


class Folder(Message):
    """A path below ``mlflow-artifacts:/``."""

    path: str = ""


class Upload(Message):
    """A file that is uploaded in parts: its `folder` below ``mlflow-artifacts:/``, and where its client has it."""

    folder: Word
    path: Word


class BeginUpload(Upload):
    """An upload to be begun."""

    num_parts: Annotated[int, Field(ge=0)] = 1


class AbortUpload(Upload):
    """An upload to be given up."""

    upload_id: Word


class SentPart(Message):
    """A part, and the ETag that was answered to it."""

    part_number: Annotated[int, Field(ge=1)]
    etag: Word


class CompleteUpload(Upload):
    """An upload whose parts have all been sent."""

    upload_id: Word
    parts: tuple[SentPart, ...] = ()


class UploadPart(Message):
    """Which part of which upload a request's bytes are; `path` is below ``mlflow-artifacts:/``."""

    path: Word
    upload_id: Word
    part_number: Annotated[int, Field(ge=1)]
