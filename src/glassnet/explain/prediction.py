"""One explained prediction: which inputs moved it, and the ways to look at that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Table
from rich.text import Text

from glassnet._core.formula import number_text
from glassnet._core.strict_json import to_json
from glassnet._core.terminal import without_colours
from glassnet._core.types import Array
from glassnet.explain.views import prediction as html
from glassnet.texts import word

if TYPE_CHECKING:  # importing it takes a third of a second
    from matplotlib.figure import Figure

TOP = 15  # inputs in a printed table


@dataclass(frozen=True, eq=False)
class PredictionExplanation:
    """One answer, and what each input had to do with it.

    Attributes:
        answer: the label, or the value.
        about: the label (or the number of the output) that is explained.
        output: which output that is.
        outputs: what the network gave, all outputs.
        score: the output that is explained, before its softmax or sigmoid.
        probability: the same after it; None where there is none.
        x: the sample.
        gradient: ∂score/∂x.
        gradient_times_input: x·∂score/∂x.
        occlusion: how much the probability (or else the score) falls when the input, and
            with ``patch`` its neighbours, are replaced by ``baseline``.
        baseline: what stands for "not there".
        names: of the features; None for images, and for series, whose numbers are [step, channel].
        image_shape: (height, width) or (height, width, channels), or None.
        patch: the side of the square that is covered at a time.
    """

    answer: Any
    about: Any
    output: int
    outputs: Array
    score: float
    probability: float | None
    x: Array
    gradient: Array
    gradient_times_input: Array
    occlusion: Array
    baseline: Array
    names: tuple[str, ...] | None
    image_shape: tuple[int, ...] | None
    patch: int

    # ---- looking at it -------------------------------------------------------------------

    def top(self, count: int = TOP) -> list[tuple[str, float, float, float, float]]:
        """The inputs that mattered most by occlusion: name, value, ∂, x·∂, occlusion.

        Of a pixel with several channels the mean of the values, the sum of the others, and what
        all of them together did when they were covered.
        """
        x, gradient, product, occlusion = (
            a.reshape(-1, self.channels).astype(np.float64)
            for a in (self.x, self.gradient, self.gradient_times_input, self.occlusion)
        )
        columns = (x.mean(axis=1), gradient.sum(axis=1), product.sum(axis=1), occlusion[:, 0])
        order = np.argsort(-np.abs(columns[-1]), kind="stable")[:count]
        # four columns beside the name: mypy does not count what is unpacked
        return [
            (self._place(int(i)), *(float(column[i]) for column in columns))  # type: ignore[misc]
            for i in order
        ]

    @property
    def channels(self) -> int:
        """How many numbers a pixel has; 1 for what is no image."""
        shape = self.image_shape
        return 1 if shape is None or len(shape) < 3 else shape[2]

    def _place(self, pixel: int) -> str:
        """The name of a pixel without its channel; of a feature its name."""
        if self.image_shape is None:
            return self.name_of(pixel)
        place = np.unravel_index(pixel, self.image_shape[:2])
        return f"[{', '.join(str(int(i)) for i in place)}]"

    def name_of(self, index: int) -> str:
        """The name of an input; of a pixel its row and column."""
        if self.names is not None:
            return self.names[index]
        shape = self.image_shape or self.x.shape
        place = np.unravel_index(index, shape)
        return f"[{', '.join(str(int(i)) for i in place)}]"

    def __rich__(self) -> Any:
        table = Table(title=Text(self.headline()), title_justify="left", box=None, padding=(0, 2))
        for column in ("input", "value", "gradient", "gradient × input", "occlusion"):
            table.add_column(word(column), justify="left" if column == "input" else "right")
        rows = self.top()
        for name, *values in rows:
            table.add_row(Text(name), *(number_text(value) for value in values))
        inputs = self.x.size // self.channels
        if len(rows) < inputs:
            table.caption = word("the {n} that mattered most of {all:,}", n=len(rows), all=inputs)
            table.caption_justify = "left"
        return table

    def __str__(self) -> str:
        return without_colours(self)

    def headline(self) -> str:
        """The answer, what is explained, and its probability, on one line."""
        words = word("answer: {answer}", answer=self.answer)
        if self.about != self.answer:
            words += word("; explained: {about}", about=self.about)
        if self.probability is not None:
            words += f" ({self.probability:.1%})"
        return words

    def _repr_html_(self) -> str:
        if self.image_shape is None:
            return html.bars(self.headline(), self.top(), self.x.size)
        return html.picture(self.headline(), self.plot())

    def plot(self) -> Figure:
        """An image with what spoke for and against the answer; for a table bars."""
        from glassnet.plots.attribution import attribution_bars, attribution_image

        if self.image_shape is not None:
            maps = {
                "gradient × input": self.gradient_times_input.reshape(self.image_shape),
                f"occlusion ({self.patch}×{self.patch})": self.occlusion.reshape(self.image_shape),
            }
            return attribution_image(self.x.reshape(self.image_shape), maps, self.headline())
        names = [self.name_of(i) for i in range(self.x.size)]
        values = {
            "gradient × input": self.gradient_times_input.reshape(-1),
            "occlusion": self.occlusion.reshape(-1),
        }
        return attribution_bars(names, values, self.headline())

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        plain: dict[str, Any] = {
            name: getattr(self, name)
            for name in ("answer", "about", "output", "score", "probability", "names", "patch")
        }
        plain = {k: v.item() if isinstance(v, np.generic) else v for k, v in plain.items()}
        for name in ("outputs", "x", "gradient", "gradient_times_input", "occlusion", "baseline"):
            plain[name] = getattr(self, name).tolist()
        plain["image_shape"] = None if self.image_shape is None else list(self.image_shape)
        plain["names"] = None if self.names is None else list(self.names)
        return plain

    def to_json(self) -> str:
        """``to_dict`` as JSON text."""
        return to_json(self.to_dict())
