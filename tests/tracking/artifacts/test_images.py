"""Images: what programs hold becomes a file, and what is no image is refused."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.artifacts.images import (
    Image,
    decoded,
    encoded,
    is_image,
    series_paths,
    small_copy,
    to_pil,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("array", "mode", "corner"),
    [
        (np.array([[True, False]]), "L", 255),
        (np.array([[255, 0]], dtype=np.uint8), "L", 255),
        (np.array([[7, 0]], dtype=np.int64), "L", 7),
        (np.array([[0.5, 0.0]]), "L", 127),
        (np.array([[1.0, 0.0]], dtype=np.float16), "L", 255),
        (np.full((2, 2, 1), 9, dtype=np.uint8), "L", 9),
        (np.full((2, 2, 3), 9, dtype=np.uint8), "RGB", (9, 9, 9)),
        (np.full((2, 2, 4), 1.0), "RGBA", (255, 255, 255, 255)),
    ],
)
def test_arrays_become_images(array: Any, mode: str, corner: Any) -> None:
    """Bool, integers and floats, of one, three and four channels."""
    image = to_pil(array)
    assert (image.mode, image.getpixel((0, 0)), image.size) == (
        mode,
        corner,
        (array.shape[1], array.shape[0]),
    )


@pytest.mark.parametrize(
    "value",
    [
        np.array([[-1, 0]]),
        np.array([[0, 256]]),
        np.array([[np.nan, 0.5]]),
        np.array([[np.inf, 0.5]]),
        np.array([["a"]]),
        np.array([[1j]]),
        np.zeros((2, 2, 2)),
        np.zeros(3),
        np.zeros((0, 3)),
        np.zeros((1, 1, 1, 1)),
        "a.png",
        None,
        [[1]],
    ],
)
def test_what_is_no_image_is_refused(value: Any) -> None:
    """By its type, its shape and its values, NaN among them."""
    with pytest.raises(InvalidInput):
        to_pil(value)


def test_floats_beyond_their_range_are_stretched_with_a_warning() -> None:
    """The least becomes black and the greatest white; a constant one divides by nothing."""
    with pytest.warns(UserWarning, match="from -1 to 3"):
        image = to_pil(np.array([[-1.0, 1.0, 3.0]]))
    assert [image.getpixel((place, 0)) for place in range(3)] == [0, 127, 255]
    with pytest.warns(UserWarning, match="stretched"):
        assert to_pil(np.array([[5.0]])).getpixel((0, 0)) == 0


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 5), st.integers(1, 5), st.sampled_from([3, 4]))))
def test_png_gives_back_every_pixel(array: Any) -> None:
    """Writing and reading an image of bytes changes nothing."""
    image = decoded(encoded(to_pil(array), "x.png"), "x.png")
    assert np.array_equal(np.array(image), array)


@pytest.mark.parametrize(
    ("size", "small"),
    [((512, 100), (256, 50)), ((10, 20), (128, 256)), ((1000, 1), (256, 1)), ((3, 3), (256, 256))],
)
def test_a_small_copy_keeps_its_proportions(size: tuple[int, int], small: tuple[int, int]) -> None:
    """The longer side has 256 pixels, and no side has none."""
    assert small_copy(PIL.Image.new("L", size)).size == small


@pytest.mark.parametrize("key", ["", "a%b", "a+b", "a\n", "ä", "a#b", None, 3])
def test_a_key_that_cannot_be_in_a_name_is_refused(key: Any) -> None:
    """The signs that separate the parts of the name are not in a key."""
    with pytest.raises(InvalidInput, match="cannot be the key of an image"):
        series_paths(key, step=0, timestamp=0, token="t")


def test_a_format_that_is_not_known_is_refused() -> None:
    """Also one that cannot hold the image."""
    with pytest.raises(InvalidInput, match="does not say the image's format"):
        encoded(PIL.Image.new("L", (1, 1)), "image")
    with pytest.raises(InvalidInput, match=r"cannot be written as 'x\.jpg'"):
        encoded(PIL.Image.new("RGBA", (1, 1)), "x.jpg")


def test_an_image_object_is_made_of_many_things(tmp_path: Path) -> None:
    """A list, an array, a path and Pillow's image; it gives them back."""
    file = tmp_path / "x.png"
    Image([[[1, 2, 3], [4, 5, 6]]]).save(str(file))
    for made in (
        Image(str(file)),
        Image(file),
        Image(PIL.Image.open(file)),
        Image(np.array([[[1, 2, 3], [4, 5, 6]]])),
    ):
        assert made.to_list() == [(1, 2, 3), (4, 5, 6)]
        assert made.to_array().tolist() == [[[1, 2, 3], [4, 5, 6]]]
        assert made.to_pil().size == made.size == (2, 1)
        assert made.resize((4, 2)).size == (4, 2)
        assert is_image(made)


@pytest.mark.parametrize("value", [[[1], [1, 2]], 3, "absent.png"])
def test_what_no_image_object_is_made_of(value: Any) -> None:
    """Ragged lists, numbers and paths that are not there."""
    with pytest.raises(InvalidInput):
        Image(value)


def test_arrays_and_text_are_no_images_in_a_table() -> None:
    """An array has a size and can be resized, but not saved."""
    assert not any(is_image(value) for value in (np.zeros((2, 2)), "x", None, io.BytesIO()))
