"""The web UI: its sources, the hook that builds them into the wheel, and where the built pages lie.

``src`` is TypeScript with Preact and signals; ``static``, which git ignores, is what Vite makes of it.
The pages ask the server's own JSON API (:mod:`mlflowflow.server`) and nobody else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

#: Where the built pages are, if they were built.
STATIC: Final = Path(__file__).parent / "static"
