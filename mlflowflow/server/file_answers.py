"""The shapes of the answers about files, field by field as MLflow's server writes them."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict


class FileJson(TypedDict):
    """A file or a folder."""

    path: str
    is_dir: bool
    file_size: NotRequired[int]


class FilesAnswer(TypedDict):
    """What lies in a folder."""

    root_uri: NotRequired[str]
    files: NotRequired[list[FileJson]]
    next_page_token: NotRequired[str]


class CredentialJson(TypedDict):
    """Where one part of a file is to be sent, and with which headers."""

    url: str
    part_number: int
    headers: dict[str, str]


class UploadAnswer(TypedDict):
    """An upload in parts."""

    upload_id: str
    credentials: list[CredentialJson]


class SignedAnswer(TypedDict):
    """Where a file can be had, and with which headers."""

    url: str
    headers: dict[str, str]
    file_size: int
