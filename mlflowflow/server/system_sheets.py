"""What the page of the system is answered."""

from __future__ import annotations

from typing_extensions import TypedDict


class StoreFacts(TypedDict):
    """A store: where it is, and what it says of itself. Without a description only the place is known."""

    url: str
    #: how it is reached: ``file``, ``s3`` and so on
    kind: str
    uuid: str
    format: int | None
    created_ms: int | None
    #: whether put-if-absent works; without it no models can be registered
    conditional_create: bool | None


class SystemAnswer(TypedDict):
    """What this server is, what it serves, and how much of it there is."""

    version: str
    python: str
    platform: str
    #: by name; what is not installed is empty
    packages: dict[str, str]
    store: StoreFacts
    #: where models are registered
    registry: StoreFacts
    is_registry_apart: bool
    experiments: int
    runs: int
    running: int
    sweeps: int
    models: int
    #: where Prefect's own pages are, if this server knows; else empty
    prefect: str
    viewers: int
