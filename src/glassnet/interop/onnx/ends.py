"""Where the network in a graph ends, and what its outputs are called.

Programs put more into a file than a network: scikit-learn's exporters a label (ArgMax of the
probabilities) and the probabilities by name (ZipMap), TensorFlow's the accuracy against labels that
are fed in.  All that reads one answer; the network ends with the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from glassnet._core.types import Array
from glassnet.errors import FileFormatError
from glassnet.interop import about
from glassnet.interop.reading import plain

Node = Any
Label = int | float | str

CHOICES = ("ArgMax", "Binarizer", "TopK", "ZipMap")  # from an answer to what is said of it
READINGS = (  # what may stand behind a choice: nothing that a network learns
    "ArrayFeatureExtractor", "Cast", "Equal", "Flatten", "Gather", "Identity", "Not", "ReduceMean",
    "ReduceSum", "Reshape", "Squeeze", "Unsqueeze",
)  # fmt: skip
LABELS = ("classlabels_int64s", "classlabels_ints", "classlabels_strings")
CUTS = ("Slice",)  # a choice where there are several outputs: a column for each class
MAX_OUTPUTS = 50
MAX_LABELS = 10_000


@dataclass(frozen=True)
class End:
    """Where a network ends.

    Attributes:
        value: its answer.
        labels: what its classes are called, where the file says it.
        behind: what reads the answer and is left out: operators, or outputs on the way.
        of_two: the file goes on with [1 - p, p] of the answer p.
    """

    value: str
    labels: tuple[Label, ...] = ()
    behind: tuple[str, ...] = ()
    of_two: bool = False


def find(graph: Any, said: about.Notes, constants: Mapping[str, Array | None]) -> End:
    """The end of the network in ``graph``.

    Raises:
        FileFormatError: it has answers of which none is made of the others.
    """
    names = [str(output.name) for output in graph.output]
    if said.get("output") in names:
        return End(str(said["output"]))
    if len(names) > MAX_OUTPUTS:
        raise FileFormatError(f"it has {len(names):,} outputs; a Sequential has one")
    makers = {name: node for node in graph.node for name in node.output if name}
    answers: dict[str, None] = {}
    behind: dict[str, None] = {}
    choices = CHOICES if len(names) == 1 else CHOICES + CUTS
    for name in names:
        found, passed = _answers(name, makers, choices)
        answers |= dict.fromkeys(found)
        behind |= dict.fromkeys(passed)
    if len(answers) > MAX_OUTPUTS:
        raise FileFormatError(f"its outputs tell of {len(answers):,} others; a Sequential has one")
    inner = [name for name in answers if len(answers) > 1 and _leads_to(graph, name, answers)]
    last = [name for name in answers if name not in inner]
    if not last:
        raise FileFormatError("its outputs are made of each other, in a circle")
    if len(last) != 1:
        raise FileFormatError(
            f"it has {len(last)} outputs ({plain(', '.join(last[:5]), 200)}), of which none is "
            "made of the others; a Sequential has one. Cut the network to one of them: "
            f'onnx.utils.extract_model(path, "one.onnx", {_inputs(graph, constants)}, '
            f"[{plain(last[0], 40)!r}])"
        )
    labels = _labels(graph, last[0], makers, constants)
    p = _first_of_two(last[0], makers)
    behind |= {f"the output {plain(name)!r}": None for name in inner if name in names}
    return End(p or last[0], labels, tuple(behind), p is not None)


def _inputs(graph: Any, constants: Mapping[str, Array | None]) -> str:
    names = [plain(each.name, 40) for each in graph.input if each.name not in constants]
    return str(names[:5])


def _answers(
    name: str, makers: Mapping[str, Node], choices: Sequence[str]
) -> tuple[list[str], list[str]]:
    """What the output ``name`` tells of, and the operators between: itself and none, mostly."""
    waiting, seen = [name], {name}
    answers: list[str] = []
    passed: list[str] = []
    while waiting:
        value = waiting.pop()
        node = makers.get(value)
        if node is None:  # an input of the file, or a constant
            continue
        if node.op_type.endswith("Classifier") and value != node.output[-1]:
            answers.append(node.output[-1])  # its label: told by the scores
            continue
        if node.op_type in choices and node.input and node.input[0] in makers:
            answers.append(node.input[0])
        elif node.op_type in READINGS or node.op_type in choices:
            new = [each for each in dict.fromkeys(node.input) if each and each not in seen]
            seen.update(new)
            waiting += new
        else:
            return [name], []
        passed.append(plain(node.op_type))
    return (answers, passed) if answers else ([name], [])


def _leads_to(graph: Any, start: str, others: Mapping[str, None]) -> bool:
    """Whether one of the other values is made of ``start``."""
    reached = {start}
    for node in graph.node:
        if reached.intersection(node.input):
            reached.update(name for name in node.output if name)
    return any(name in reached for name in others if name != start)


def _first_of_two(value: str, makers: Mapping[str, Node]) -> str | None:
    """p, if the value is [1 - p, p]: scikit-learn's two columns of one sigmoid."""
    joined = makers.get(value)
    if joined is None or joined.op_type != "Concat" or len(joined.input) != 2:
        return None
    rest, p = joined.input
    less = makers.get(rest)
    if less is None or less.op_type != "Sub" or len(less.input) != 2 or less.input[1] != p:
        return None
    return str(p) if less.input[0] not in makers else None


# ---- labels ------------------------------------------------------------------------------


def _labels(
    graph: Any, end: str, makers: Mapping[str, Node], constants: Mapping[str, Array | None]
) -> tuple[Label, ...]:
    """The labels that a classifier, a ZipMap or a table behind an ArgMax names, in their order."""
    maker, numbers = makers.get(end), set[str]()
    for _ in range(MAX_OUTPUTS):  # a circle would have no end
        if maker is not None and maker.op_type in ("Identity", "Normalizer") and maker.input:
            maker = makers.get(maker.input[0])
    for node in graph.node:
        reads = end in node.input
        if node is maker or (reads and node.op_type == "ZipMap"):
            found = tuple(_of_attributes(node))
            if found:
                return found
        if reads and node.op_type == "ArgMax":
            numbers.update(node.output)
        elif node.op_type == "ArrayFeatureExtractor" and numbers.intersection(node.input[1:2]):
            return _of_tensor(graph, node.input[0], constants)
    return ()


def _of_attributes(node: Node) -> Iterator[Label]:
    for attribute in node.attribute:
        if attribute.name in LABELS:
            _check(len(attribute.ints) + len(attribute.strings))
            yield from attribute.ints
            yield from map(_text, attribute.strings)


def _of_tensor(graph: Any, name: str, constants: Mapping[str, Array | None]) -> tuple[Label, ...]:
    array = constants.get(name)
    if array is not None:
        _check(array.size)
        return tuple(array.reshape(-1).tolist())
    for tensor in graph.initializer:
        if tensor.name == name:  # None above: it holds text
            _check(len(tensor.string_data))
            return tuple(map(_text, tensor.string_data))
    return ()


def _check(labels: int) -> None:
    if labels > MAX_LABELS:
        raise FileFormatError(f"it names {labels:,} classes; at most {MAX_LABELS:,} are read")


def _text(data: bytes) -> str:
    return plain(data.decode("utf-8", "replace"), 200)
