"""MLflow's decorator."""

from mlflowflow.pyfunc.utils import pyfunc


def test_a_decorated_function_stays_what_it_is() -> None:
    """The check of its hints is made for every model."""

    @pyfunc
    def predict(model_input: list[int]) -> list[int]:
        return model_input

    assert predict([1]) == [1]
    assert (
        predict.__annotations__["model_input"] == "list[int]"
        or predict.__annotations__["model_input"] == list[int]
    )
