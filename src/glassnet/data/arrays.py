"""Arrays at the door: whatever holds numbers comes in, whatever cannot be learned from does not."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from glassnet._core.finite import CHUNK, surely_finite
from glassnet._core.types import Array
from glassnet.errors import DataError, LabelError, ShapeError

SHOWN = 5  # how many bad places an error names


def check_arrays(x: Any, y: Any) -> tuple[Array, Array]:
    """x and y as NumPy arrays that a network can be trained on, without a copy where possible.

    Takes lists, pandas, polars, pyarrow, and tensors on the CPU.

    Raises:
        ShapeError: x and y differ in length.
        DataError, LabelError: what :func:`check_x` and :func:`check_y` refuse.
    """
    features, answers = check_x(x), check_y(y)
    if len(features) != len(answers):
        raise ShapeError(f"x has {len(features)} samples, but y has {len(answers)}")
    return features, answers


def check_x(data: Any) -> Array:
    """Features as an array (n, features…) of finite numbers.

    Floats and integers keep their type; booleans become 0 and 1 (uint8).

    Raises:
        ShapeError: a single number.
        DataError: empty; NaN or infinite (says where); not numbers.
    """
    x = as_array(data, "x")
    if len(x) == 0:
        raise DataError(f"x is empty: its shape is {x.shape}")
    if x.size == 0:
        raise DataError(f"x has samples without a single feature: its shape is {x.shape}")
    if x.dtype == object:
        x = _numbers_in_objects(x, column_names(data))
    if x.dtype.kind not in "fiub":
        raise DataError(
            f"x must hold numbers, got {_kind(x)}. Encode it first; "
            "a table with text columns is read by glassnet.data.load_table"
        )
    if x.dtype.kind == "b":
        return x.view(np.uint8)
    x = _native(x)
    check_finite(x, "x")
    return x


def check_y(data: Any) -> Array:
    """Labels as an array (n,) or (n, outputs) of finite numbers, booleans or strings.

    Raises:
        ShapeError: a single value.
        DataError: empty; NaN or infinite (says where).
        LabelError: labels that are missing, of mixed types, or no labels at all.
    """
    y = as_array(data, "y")
    if y.size == 0:
        raise DataError(f"y is empty: its shape is {y.shape}")
    if y.dtype.kind == "T":
        y = y.astype(object)
    if y.dtype == object:
        y = _labels_in_objects(y)
    if y.dtype.kind not in "fiubU":
        raise LabelError(f"y must hold numbers, booleans or strings, got {_kind(y)}")
    if y.dtype.kind in "fiu":
        y = _native(y)
        check_finite(y, "y")
    return y


def as_array(data: Any, name: str) -> Array:
    """``data`` as a NumPy array of at least one dimension.

    Raises:
        DataError: it holds no rectangle of values.
        ShapeError: it is a single value.
    """
    if type(data) is np.ndarray and data.ndim and data.dtype.kind in "fiub":
        return data  # nearly always
    masked: Any = sys.modules.get("numpy.ma")  # 12 ms; not imported: there are no such arrays
    if masked and isinstance(data, masked.MaskedArray) and masked.is_masked(data):
        raise DataError(f"{name} is a masked array with masked values; fill or drop them first")
    if isinstance(data, np.ndarray):
        array: Array = np.asarray(data)
    else:
        try:
            array = np.asarray(data)
        except ValueError as error:
            raise DataError(f"{name} is not a rectangular array{_ragged(data)}: {error}") from None
        except (TypeError, RuntimeError) as error:
            raise DataError(f"{name} cannot be read as an array: {error}") from None
    if array.ndim == 0:
        if array.dtype == object:
            hint = (
                " (a sparse matrix becomes an array by .toarray())"
                if "sparse" in str(type(data))
                else ""
            )
            raise DataError(f"{name} is a {type(data).__name__}, not an array{hint}")
        raise ShapeError(f"{name} is a single value ({data!r}); expected an array of samples")
    if array.dtype.kind == "V" and array.dtype.name in ("bfloat16", "float8_e4m3fn", "float8_e5m2"):
        array = array.astype(np.float32)
    return array


def check_finite(array: Array, name: str) -> None:
    """Refuse NaN and infinity, naming the first places.

    Raises:
        DataError: not finite somewhere.
    """
    if surely_finite(array):
        return
    bad: list[tuple[int, ...]] = []
    count = 0  # stays 0 where only the product was too large
    rows = max(1, CHUNK * len(array) // array.size)
    for start in range(0, len(array), rows):
        places = np.argwhere(~np.isfinite(array[start : start + rows]))
        count += len(places)
        bad += [(start + int(p[0]), *map(int, p[1:])) for p in places[: SHOWN - len(bad)]]
    if count:
        raise DataError(_not_finite(array, name, bad, count))


def as_type(array: Array, dtype: np.dtype[Any], name: str) -> Array:
    """The numbers of ``array`` as ``dtype``, in one piece; itself where it is that already.

    Raises:
        DataError: a number too large for ``dtype``, which would become infinite.
    """
    if array.dtype.kind != "f" or array.dtype.itemsize <= dtype.itemsize:
        return np.ascontiguousarray(array, dtype=dtype)
    try:
        with np.errstate(over="raise"):
            return np.ascontiguousarray(array, dtype=dtype)
    except FloatingPointError:
        raise DataError(
            f"{name} has numbers up to {float(abs(array).max()):.3g}, too large for {dtype}, which "
            f"ends at {np.finfo(dtype).max:.3g}. Divide {name} first, or make the network with "
            "dtype='float64'."
        ) from None


def _not_finite(array: Array, name: str, bad: list[tuple[int, ...]], count: int) -> str:
    shown = ", ".join(f"{name}[{', '.join(map(str, p))}] is {float(array[p])}" for p in bad)
    more = f" and {count - len(bad)} more" if count > len(bad) else ""
    where = "[row, column]" if array.ndim == 2 else "[row]" if array.ndim == 1 else "[row, …]"
    return (
        f"{name} has {count} value{'s' if count > 1 else ''} that "
        f"{'are' if count > 1 else 'is'} NaN or infinite: {shown}{more} ({where}, counted from 0). "
        "Drop or fill them first"
    )


def _numbers_in_objects(x: Array, names: list[str]) -> Array:
    """An array of Python objects as floats, if all of them are numbers; a missing one is NaN."""
    flat = x.reshape(len(x), -1)
    numbers = np.empty(flat.shape)
    for i, row in enumerate(flat):
        for j, value in enumerate(row):
            if isinstance(value, int | float | np.number | np.bool_):
                numbers[i, j] = value
            elif _is_missing(value):
                numbers[i, j] = np.nan
            else:
                place = f"x[{i}]" if x.ndim == 1 else f"x[{i}, {j}]"
                column = f" (column {names[j]!r})" if j < len(names) else ""
                raise DataError(
                    f"x must hold numbers, but {place}{column} is {value!r} "
                    f"({type(value).__name__}). Encode it first; "
                    "a table with text columns is read by glassnet.data.load_table"
                )
    return numbers.reshape(x.shape)


def column_names(data: Any) -> list[str]:
    """The names of the columns of a table of pandas or polars."""
    library = type(data).__module__.partition(".")[0]
    if library in ("pandas", "polars") and type(data).__name__ == "DataFrame":
        return [str(name) for name in data.columns]
    return []


def _is_missing(value: Any) -> bool:
    """None, NaN, or what pandas writes for no value."""
    if isinstance(value, float | np.floating):
        return bool(np.isnan(value))
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def _labels_in_objects(y: Array) -> Array:
    """Labels as strings, if all are strings; as numbers, if all are numbers."""
    values = y.ravel().tolist()
    if all(isinstance(v, str) for v in values):
        return y.astype(np.str_)
    for i, value in enumerate(values):
        if _is_missing(value):
            raise LabelError(f"y[{i}] is missing ({value}); drop or fill such samples first")
    for i, value in enumerate(values):
        if not isinstance(value, int | float | np.number | np.bool_):
            kinds = sorted({type(v).__name__ for v in values})
            raise LabelError(
                f"y mixes types ({', '.join(kinds)}): y[{i}] is {value!r}; "
                "give all labels as strings or all as numbers"
            )
    if all(isinstance(v, bool | np.bool_) for v in values):
        return y.astype(np.bool_)
    if all(isinstance(v, int | np.integer) for v in values):
        try:
            return y.astype(np.int64)
        except OverflowError:
            raise LabelError("y holds whole numbers too large for 64 bits") from None
    return y.astype(np.float64)


def _native(array: Array) -> Array:
    """The same numbers in the byte order of this machine; long doubles as float64."""
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        return array.astype(np.float64)
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def _kind(array: Array) -> str:
    names = {
        "U": "strings", "S": "bytes", "T": "strings", "c": "complex numbers", "O": "Python objects",
        "M": "dates", "m": "time spans", "V": "records",
    }  # fmt: skip
    return f"{names.get(array.dtype.kind, 'something else')} (dtype {array.dtype})"


def _ragged(data: Any) -> str:
    """Which row of a list has a length of its own."""
    if not isinstance(data, list | tuple):
        return ""
    lengths = [len(row) if isinstance(row, list | tuple | np.ndarray) else -1 for row in data]
    for i, length in enumerate(lengths):
        if length != lengths[0]:
            return f" (row {i} has {length} values, row 0 has {lengths[0]})"
    return ""
