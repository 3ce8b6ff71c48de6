"""How raw data became numbers, as it is kept in the file of a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glassnet._core.registry import Catalogue
from glassnet.errors import FileFormatError

# Each is loaded when a file has it: pyarrow belongs to tables, Pillow to images.
TABLE = "table"
KINDS: Catalogue[Any] = Catalogue(
    {
        TABLE: "glassnet.data.preprocessing:Preprocessor",
        "images": "glassnet.data.image_preprocessing:ImagePreprocessing",
    }
)


def preprocessing_from(config: Mapping[str, Any]) -> Any:
    """What ``to_config`` of a preprocessing described; files of before know tables only.

    Raises:
        FileFormatError: damaged, or of a kind that this version does not know.
    """
    if not isinstance(config, Mapping):
        raise FileFormatError(f"the preprocessing is damaged: {config!r}")
    kind = config.get("kind", TABLE)
    if kind not in KINDS:
        raise FileFormatError(f"the preprocessing is of the kind {kind!r}; update glassnet")
    return KINDS[kind].from_config(config)
