"""What is searched: said in words or in Python, and what is refused."""

import pytest

from glassnet.errors import ConfigError, UnknownNameError
from glassnet.runs.recipes import settings_for
from glassnet.tune import space as spaces
from glassnet.tune.space import SEARCHED, Choice, Range

IRIS = settings_for("iris")


@pytest.mark.parametrize(("name", "said", "expected"), [
    ("learning_rate", "1e-4..1e-1", Range(1e-4, 1e-1, True)),
    ("learning_rate", (1e-4, 1e-1), Range(1e-4, 1e-1, True)),
    ("--learning-rate", [0.1, 0.01], Choice((0.1, 0.01))),
    ("lr", 0.1, Choice((0.1,))),
    ("dropout", "0..0.5", Range(0.0, 0.5)),
    ("weight_decay", "0,1e-3", Choice((0.0, 1e-3))),
    ("batch_size", "20..130", Choice((20, 32, 64, 128, 130))),
    ("hidden", "32, 64,128-64,none", Choice(("32", "64", "128-64", "none"))),
    ("layers", [32, (128, 64), ()], Choice(("32", "128-64", "none"))),
    ("optimizer", "adam,adam,sgd", Choice(("adam", "sgd"))),
    ("activation", "tanh", Choice(("tanh",))),
    ("schedule", "cosine,constant", Choice(("cosine", "constant"))),
])  # fmt: skip
def test_what_is_said_is_understood(name, said, expected):
    (found,) = spaces.read({name: said}, IRIS).values()
    assert found == expected
    assert spaces.from_config(spaces.to_config({"x": found})) == {"x": expected}


@pytest.mark.parametrize(("name", "said", "words"), [
    ("rate_of_learning", "1", "Known are learning_rate, l2"),
    ("epochs", "3,4", "unknown setting to search 'epochs'"),
    ("learning_rate", "0.1..0.01", "begins with the smaller number"),
    ("l2", "0..0.1", "begins above 0"),
    ("learning_rate", "0", "above 0"),
    ("learning_rate", "fast", "expected 1e-4..1e-1"),
    ("learning_rate", "nan", "expected 1e-4..1e-1"),
    ("learning_rate", "", "has no values"),
    ("l2", "-1,0", "of at least 0"),
    ("dropout", "0.5,1", "below 1"),
    ("batch_size", "0.5", "expected 16..256"),
    ("batch_size", True, "expected 16..256"),
    ("layers", "32..64", "named one by one"),
    ("layers", "32-x", "with a hyphen"),
    ("optimizer", "adamm", "did you mean 'adam'"),
    ("activation", "rellu", "did you mean 'relu'"),
    ("schedule", "cosin", "did you mean 'cosine'"),
])  # fmt: skip
def test_what_cannot_be_is_refused_with_a_way_out(name, said, words):
    with pytest.raises(ConfigError) as error:
        spaces.read({name: said}, IRIS)
    assert words in str(error.value)


def test_layers_of_a_named_network_are_its_own():
    with pytest.raises(ConfigError, match="those of lenet are its own"):
        spaces.read({"layers": "32"}, settings_for("digits", {"network": "lenet"}))


def test_the_recipe_is_always_among_what_is_tried():
    for name in ("digits", "iris", "diabetes", "spiral", "sine"):
        settings = settings_for(name)
        space = spaces.customary(settings, 1000, {})
        assert set(space) <= set(SEARCHED)
        assert set(spaces.of(settings, space)) == set(space), name
        assert "activation" not in spaces.customary(settings, 1000, {"activation": "tanh"})


def test_a_drawn_number_has_three_digits():
    drawn = {"learning_rate": 0.0123456, "layers": "128-64", "batch_size": 32}
    assert spaces.chosen(drawn) == {"learning_rate": 0.0123, "layers": (128, 64), "batch_size": 32}


def test_a_start_keeps_its_layers(tmp_path):
    settings = settings_for("digits", {"start": str(tmp_path)})
    space = spaces.customary(settings, 1000, {})
    assert not {"layers", "activation", "dropout"} & set(space)
    with pytest.raises(UnknownNameError):
        spaces.read({"start": "x"}, settings)
