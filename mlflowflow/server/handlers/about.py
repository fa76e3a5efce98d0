"""What is said about the server itself, and the empty pages of what it does not have.

MLflow's web client asks for traces, scorers and other things of generative models on pages that are about
runs. It shows an error unless it is answered, so it is answered that there are none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.responses import PlainTextResponse

from mlflowflow import __version__
from mlflowflow.errors import StoreUnable

if TYPE_CHECKING:
    from fastapi import Request
    from fastapi.responses import Response

    from mlflowflow.server.answers import Empty, ServerInfo, WebTelemetry
    from mlflowflow.server.desk import Desk
    from mlflowflow.server.requests import Nothing


async def health(desk: Desk, request: Request) -> Response:
    """Say that the server answers."""
    del desk, request
    return PlainTextResponse("OK")


async def version(desk: Desk, request: Request) -> Response:
    """Say which release this is."""
    del desk, request
    return PlainTextResponse(__version__)


def server_info(desk: Desk, request: Nothing) -> ServerInfo:
    """Say what this server can do, and what clients should do unasked.

    They would send and get large files in parts wherever that is enabled. Here it can be done, and whole files
    are less work, so it is for those who ask for it.
    """
    del desk, request
    return {
        "store_type": None,
        "workspaces_enabled": False,
        "trace_archival_enabled": False,
        "multipart_uploads_enabled": False,
        "multipart_downloads_enabled": False,
        "artifact_serving_enabled": True,
        "presigned_upload_run_id_supported": False,
        "presigned_upload_model_id_supported": False,
        "features_enabled": {"gateway": False},
    }


def no_telemetry(desk: Desk, request: Nothing) -> WebTelemetry:
    """Say that nobody is told what is done with MLflow's pages."""
    del desk, request
    return {"disable_ui_telemetry": True, "disable_ui_events": [], "ui_rollout_percentage": 0}


def nothing(desk: Desk, request: Nothing) -> Empty:
    """Answer that there are none."""
    del desk, request
    return {}


def not_here(desk: Desk, request: Nothing) -> Empty:
    """Refuse what this server does not have."""
    del desk, request
    raise StoreUnable(
        "This server has no webhooks; 'mlff events' and the registry's history tell what happened."
    )
