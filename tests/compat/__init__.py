"""The same training scripts on MLflow and on this library; see README.md."""
