"""What the page says is wrong."""

from __future__ import annotations

from collections.abc import Callable

from glassnet.diagnosis.report import Diagnosis, Finding
from glassnet.lab.findings import describe, in_english, in_korean
from glassnet.lab.session import Session


def test_every_layer_that_can_be_built_has_the_name_of_the_page(
    open_session: Callable[..., Session],
) -> None:
    session = open_session("layers=4.relu.d20.bn,4.tanh.skip,4.gelu.d10.bn.skip")
    names = [layer.name for layer in session.model.all_layers()]
    assert len(names) > 8
    for name in names:
        english, korean = in_english(f"in layer '{name}' and"), in_korean(f"'{name}' 층에서")
        if name == "output":
            assert (english, korean) == ("in the output layer and", "출력층에서")
        else:
            number = name[len("hidden")]
            assert english == f"in hidden layer {number} and", name
            assert korean == f"은닉층 {number}에서", name


def test_a_finding_is_told_in_the_words_of_the_page() -> None:
    finding = Finding(
        "dead_relu", "serious", "hidden3", 3, {}, "Layer 'hidden3': 2 of 4 ReLUs are dead.",
        "Try 'leaky_relu'.",
        "'hidden3' 층: ReLU 4개 중 2개가 죽었습니다.", "'leaky_relu'를 써 보세요.", cure={},
    )  # fmt: skip
    (told,) = describe(Diagnosis([finding]))
    assert told["en"] == ["Hidden layer 3: 2 of 4 ReLUs are dead.", "Try 'leaky_relu'."]
    assert told["ko"][0] == "은닉층 3: ReLU 4개 중 2개가 죽었습니다."
