"""Where MLflow has the classes of models written in Python."""

from mlflowflow import pyfunc
from mlflowflow.pyfunc import model


def test_both_places_have_the_same() -> None:
    """Scripts import from either."""
    assert model.PythonModel is pyfunc.PythonModel
    assert model.PythonModelContext is pyfunc.PythonModelContext
