"""What the page says is wrong."""

from __future__ import annotations

from collections.abc import Callable

from glassnet.diagnosis.report import Diagnosis, Finding
from glassnet.lab.rooms.playground.cures import describe, layer_name
from glassnet.lab.session.state import Session


def test_every_layer_that_can_be_built_has_the_name_of_the_page(
    open_session: Callable[..., Session],
) -> None:
    session = open_session("layers=4.relu.d20.bn,4.tanh.skip,4.gelu.d10.bn.skip")
    names = [layer.name for layer in session.model.all_layers()]
    assert len(names) > 8
    for name in names:
        called = layer_name(name, "en"), layer_name(name, "ko")
        if name == "output":
            assert called == ("the output layer", "출력층")
        else:
            number = name[len("hidden")]
            assert called == (f"hidden layer {number}", f"은닉층 {number}"), name


def test_a_finding_is_told_in_the_words_of_the_page() -> None:
    numbers = {"dead": 2, "units": 4}
    finding = Finding("dead_relu", "warning", "hidden3", 0, numbers, {})
    (told,) = describe(Diagnosis([finding]))
    assert told["en"][0].startswith("Hidden layer 3: 2 of 4 ReLUs answer 0")
    assert told["ko"][0].startswith("은닉층 3: ReLU 4개 중 2개가")
