"""Leave this folder out where the frameworks are not installed: they are large."""

from __future__ import annotations

import importlib.util
from typing import Final

_NEEDED: Final = ("keras", "lightning", "onnx", "onnxruntime", "torch", "xgboost")

collect_ignore_glob = [] if all(importlib.util.find_spec(name) for name in _NEEDED) else ["test_*.py"]
