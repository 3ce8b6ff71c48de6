"""What the page says is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from glassnet import texts
from glassnet.diagnosis.report import Diagnosis, Finding
from glassnet.lab.rooms.playground import actions, cures
from glassnet.lab.rooms.playground.cures import describe, layer_name
from glassnet.lab.session import watcher
from glassnet.lab.session.state import Session

Open = Callable[..., Session]
# What a page without code has no use for: 'leaky_relu', EarlyStopping, class_weight, 1 / 255)
CODE = re.compile(r"'[a-z]|[a-z]_[a-z]|[a-z][A-Z][a-z]|=\d")
# Of data as it comes, which the page never shows: it scales tables and pictures itself.
ELSEWHERE = ("unscaled_", "tiny_inputs", "shuffled_labels", "dead_filters")


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


def said_of_everything(language: str) -> Iterator[tuple[str, str]]:
    keys = [key.split(".")[0] for key in texts.part("diagnosis", language) if ".message" in key]
    for kind in keys:
        if not kind.startswith(ELSEWHERE):
            finding = Finding(kind, "warning", "hidden1", 3, Anything(), {})
            yield kind, " ".join(describe(Diagnosis((finding,)))[0][language])


class Anything(dict[str, int]):
    """Whatever number a message asks for."""

    def items(self):  # type: ignore[no-untyped-def]
        names = set(re.findall(r"\{(\w+)\}", " ".join(texts.part("diagnosis", "en").values())))
        return dict.fromkeys(names - {"layer", "Layer", "since"}, 7).items()


@pytest.mark.parametrize("language", texts.languages())
def test_no_finding_speaks_of_code_or_of_what_the_page_has_not(language: str) -> None:
    all_said = dict(said_of_everything(language))
    assert len(all_said) > 20
    for kind, said in all_said.items():
        assert not CODE.search(said), f"{kind}: {said}"
        assert "validation" not in said and "검증" not in said, f"{kind}: {said}"


def ruined(open_session: Open, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A spiral at a rate of 10."""
    monkeypatch.setattr(watcher, "EVERY", 0.0)
    address = "data=spiral&layers=6.tanh,4.tanh,4.tanh,4.tanh&learning_rate=10"
    session = open_session(address)
    learn(session, 60)
    return session


def learn(session: Session, epochs: int) -> None:
    for _ in range(epochs):
        session.trainer.one_epoch()


def test_one_cause_is_one_finding_with_one_cure(
    open_session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = ruined(open_session, monkeypatch)
    told = describe(session.watcher.findings)
    assert sorted(one["kind"] for one in told) == ["learning_rate_too_large", "saturated_units"]
    assert told[0]["does"] == told[1]["does"]  # not 0.01 here and 1 there
    full = next(one for one in told if one["kind"] == "saturated_units")
    assert full["en"][0].endswith("Likewise hidden layer 2, hidden layer 3, hidden layer 4.")
    assert full["ko"][0].endswith("은닉층 2, 은닉층 3, 은닉층 4도 마찬가지입니다.")


def test_nothing_is_said_of_a_start_that_was_none_or_of_settings_that_are_not_any_more(
    open_session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = ruined(open_session, monkeypatch)
    session.set("noise", 1.0)  # other points, the same weights
    learn(session, 60)
    found = session.watcher.findings
    assert found and not [f for f in found if f.variant == "saturated_from_start"]
    assert "shuffled_labels" not in found.kinds()
    session.set("learning_rate", 0.01)
    assert session.watcher.findings.kinds() == []
    learn(session, 60)  # it does not rise any more, whatever it did at 10
    assert "learning_rate_too_large" not in session.watcher.findings.kinds()
    assert session.watcher.findings.kinds() == ["saturated_units"]


def test_no_cure_is_the_setting_already(
    open_session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "EVERY", 0.0)
    session = open_session("data=spiral&layers=8.tanh,8.tanh&init=normal_1&learning_rate=0.0001")
    for init in ("normal_1", "glorot_uniform"):
        session.set("init", init)
        learn(session, 20)
        for finding in session.watcher.findings:
            wanted = cures.changes(finding)
            assert wanted.get("kernel_initializer") != init
            assert wanted.get("learning_rate") != session.values["learning_rate"]


def test_the_numbers_of_a_finding_are_of_now_when_it_pauses(
    open_session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "EVERY", 1e9)  # it never looks while it trains
    session = open_session("data=spiral&layers=6.tanh,4.tanh&learning_rate=10")
    learn(session, 40)
    assert session.watcher.findings.kinds() == []
    session.engine.training = session.trainer
    actions.pause(session, {})
    (rose, *_) = session.watcher.findings
    worst = max(session.trainer.history["loss"])
    assert rose.kind == "learning_rate_too_large" and rose.numbers["worst"] >= worst
