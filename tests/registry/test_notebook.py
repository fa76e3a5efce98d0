"""What notebooks show of registered models."""

from __future__ import annotations

from mlflowflow.registry.version import ModelVersion, RegisteredModel, Stage

_NASTY = "<script>alert('1')</script>"


def _version(number: int, **fields: object) -> ModelVersion:
    return ModelVersion(
        name="digits",
        version=number,
        source=_NASTY,
        creation_time=1_700_000_000_000,
        last_updated_time=0,
        **fields,  # type: ignore[arg-type] # what a test says of a version
    )


def test_a_version_shows_where_it_came_from_and_who_points_to_it() -> None:
    """Foreign text is text."""
    shown = _version(3, run_id="r1", stage=Stage.PRODUCTION, aliases=["champion"], tags={"note": _NASTY})
    html = shown._repr_html_()
    for said in ("models:/digits/3", "Production", "champion", "r1", "2023-11-14T22:13:20Z"):
        assert said in html
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 2


def test_a_model_shows_its_versions_the_newest_first() -> None:
    """The latest is what people look for."""
    model = RegisteredModel(
        name=_NASTY, creation_time=1, last_updated_time=1, versions=(_version(1), _version(2))
    )
    html = model._repr_html_()
    assert "<script" not in html
    assert html.index(">2</td>") < html.index(">1</td>")
