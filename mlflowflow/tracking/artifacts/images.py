"""Images: from what programs hold to the bytes of a file, without Pillow until one is used.

An image that is logged under a *key* is kept twice, in full as PNG and small as WebP, under names that
say its key, step and time. The names are MLflow's, so its tools can show the series.
"""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass
from pathlib import PurePath, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidInput, MissingExtra

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image as PilImage

_KEY: Final = re.compile(r"[a-zA-Z0-9_\-./ ]+")
#: The longer side of a small copy, in pixels.
_SMALL_SIDE: Final = 256
_DIMENSIONS: Final = (2, 3)
_CHANNELS: Final = (1, 3, 4)
_WHITE: Final = 255


class Image:
    """An image that can be logged with `log_image` or stand in a column of `log_table`.

    >>> image = Image([[0, 255], [255, 0]])
    >>> image.size, image.to_list()
    ((2, 2), [0, 255, 255, 0])
    >>> image.resize((1, 1)).size
    (1, 1)
    """

    def __init__(self, image: Any) -> None:
        """Take an array or nested list (see `to_pil`), a Pillow image, or the path of a file.

        Raises `InvalidInput` for anything else and `MissingExtra` without Pillow.
        """
        self.image = _opened(image) if isinstance(image, str | PurePath) else to_pil(_array_of(image))
        self.size: tuple[int, int] = self.image.size

    def to_list(self) -> list[Any]:
        """Return the pixels row by row: numbers, or a tuple of numbers for each of several channels."""
        picture: Any = self.image  # the name of what gives the pixels changed in Pillow 12
        return list((getattr(picture, "get_flattened_data", None) or picture.getdata)())

    def to_array(self) -> NDArray[Any]:
        """Return the pixels as an array of height by width, with channels by channels."""
        import numpy as np

        return np.array(self.image)

    def to_pil(self) -> PilImage:
        """Return it as Pillow's image."""
        return self.image

    def save(self, path: Any) -> None:
        """Write it to a file, in the format that its suffix says."""
        self.image.save(path)

    def resize(self, size: tuple[int, int]) -> Image:
        """Return a copy that is ``(width, height)`` pixels large."""
        return Image(self.image.resize(size))


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPaths:
    """Where one image of a series is kept: in full, and small."""

    full: str
    small: str


def series_paths(key: Any, *, step: int, timestamp: int, token: str) -> SeriesPaths:
    """Return where the image of `key` at `step` is kept; `token` tells it from others of the same moment.

    Raises `InvalidInput` for a key that cannot be part of a name.

    >>> series_paths("val/dogs", step=3, timestamp=1700000000000, token="t").full
    'images/val~dogs+step+3+timestamp+1700000000000+t.png'
    """
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise InvalidInput(
            f"{key!r} cannot be the key of an image; use letters, digits, spaces and the signs '_', '-', '.', '/'."
        )
    stem = f"images/{key.replace('/', '~')}+step+{step}+timestamp+{timestamp}+{token}"
    return SeriesPaths(full=f"{stem}.png", small=f"{stem}+compressed.webp")


def to_pil(image: Any) -> PilImage:
    """Return Pillow's image of an array, of an `Image`, or of itself.

    An array is height by width, or height by width by 1, 3 (RGB) or 4 (RGBA) channels; of bool, of integers
    from 0 to 255, or of floats from 0 to 1. Floats beyond that are stretched to it, with a warning.

    Raises `InvalidInput` for other objects, shapes and values, NaN among them; `MissingExtra` without Pillow.
    """
    pil = _pillow()
    if isinstance(image, Image):
        return image.image
    if isinstance(image, pil.Image):
        return image  # type: ignore[no-any-return]  # the module is only known when it is there
    import numpy as np

    if not isinstance(image, np.ndarray):
        raise InvalidInput(
            f"A {type(image).__name__} is no image; give a NumPy array, a Pillow image or mlflowflow.Image."
        )
    return pil.fromarray(_as_bytes(image))  # type: ignore[no-any-return]  # as above


def small_copy(image: PilImage) -> PilImage:
    """Return a copy whose longer side has 256 pixels."""
    width, height = image.size
    longer = max(width, height)
    return image.resize((max(1, width * _SMALL_SIDE // longer), max(1, height * _SMALL_SIDE // longer)))


def encoded(image: PilImage, path: str) -> bytes:
    """Return the bytes of `image` in the format that the suffix of `path` says.

    Raises `InvalidInput` for a suffix of no known format, and for an image the format cannot hold.
    """
    suffix = PurePosixPath(path).suffix.lower()
    known = _pillow().registered_extensions()
    if suffix not in known:
        raise InvalidInput(f"'{path}' does not say the image's format; end it in '.png', '.jpg' or '.webp'.")
    buffer = io.BytesIO()
    try:
        image.save(buffer, format=known[suffix])
    except (OSError, ValueError, KeyError) as error:
        raise InvalidInput(f"The image cannot be written as '{path}': {error}.") from error
    return buffer.getvalue()


def decoded(content: bytes, name: str) -> PilImage:
    """Return the image in `content`, read whole. Raises `InvalidInput` if there is none."""
    pil = _pillow()
    try:
        image = pil.open(io.BytesIO(content))
        image.load()
    except Exception as error:  # Pillow's readers raise many things for damaged files
        raise InvalidInput(f"'{name}' is no image that Pillow can read: {error}.") from error
    return image  # type: ignore[no-any-return]  # the module is only known when it is there


def is_image(value: object) -> bool:
    """Answer whether `value` behaves as an image: of Pillow or of this library."""
    return (
        callable(getattr(value, "save", None))
        and callable(getattr(value, "resize", None))
        and hasattr(value, "size")
    )


def _opened(path: str | PurePath) -> PilImage:
    pil = _pillow()
    try:
        image = pil.open(path)
        image.load()
    except OSError as error:
        raise InvalidInput(f"'{path}' is no image that can be read: {error}.") from error
    return image  # type: ignore[no-any-return]  # the module is only known when it is there


def _array_of(image: Any) -> Any:
    if not isinstance(image, list):
        return image
    import numpy as np

    try:
        return np.array(image)
    except ValueError as error:
        raise InvalidInput(f"The nested lists are no image: {error}.") from error


def _as_bytes(array: NDArray[Any]) -> NDArray[np.uint8]:
    if array.dtype.kind not in "biuf":
        raise InvalidInput(f"An array of {array.dtype} is no image; expected bool, integers or floats.")
    channels = array.shape[2:] or (1,)
    if array.ndim not in _DIMENSIONS or channels[0] not in _CHANNELS or not array.size:
        raise InvalidInput(
            f"An array of shape {array.shape} is no image; expected height by width, and 1, 3 or 4 channels."
        )
    plane = array[:, :, 0] if array.shape[2:] == (1,) else array
    return _integers(plane) if array.dtype.kind in "iu" else _fractions(plane)


def _integers(array: NDArray[Any]) -> NDArray[np.uint8]:
    low, high = int(array.min()), int(array.max())
    if low < 0 or high > _WHITE:
        raise InvalidInput(f"The image has integers from {low} to {high}; expected 0 to {_WHITE}.")
    import numpy as np

    return array.astype(np.uint8)


def _fractions(array: NDArray[Any]) -> NDArray[np.uint8]:
    import numpy as np

    values = array.astype(np.float64)
    if not np.isfinite(values).all():
        raise InvalidInput("The image has values that are no numbers (NaN or infinite); replace them first.")
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > 1:
        warnings.warn(
            f"The image has floats from {low:g} to {high:g}, which are stretched to the range from 0 to 1.",
            stacklevel=2,
        )
        values = (values - low) / (high - low or 1)
    return (values * _WHITE).astype(np.uint8)


def _pillow() -> Any:
    try:
        import PIL.Image
    except ImportError as error:
        raise MissingExtra("pillow", extra="images", purpose="An image") from error
    return PIL.Image
