from functools import partial

import pytest

from glassnet.layers import BatchNormalization, Dense
from glassnet.layers.columns import column


def described(layers):
    return [(layer.kind, layer.given_name) for layer in layers]


def test_a_column_alone_is_one_dense_layer():
    (layer,) = column(3, "relu", kernel_initializer="ones", name="hidden")
    assert (
        layer.get_config()
        == Dense(3, "relu", kernel_initializer="ones", name="hidden").get_config()
    )


def test_a_normalization_stands_between_the_product_and_the_activation():
    layers = column(3, "tanh", normalization=partial(BatchNormalization, momentum=0.5), dropout=0.2)
    assert [layer.kind for layer in layers] == [
        "dense",
        "batch_normalization",
        "activation",
        "dropout",
    ]
    assert (layers[0].function.name, layers[2].function.name) == ("linear", "tanh")
    assert layers[1].momentum == 0.5


def test_the_names_begin_with_that_of_the_column():
    (block,) = column(3, "relu", normalization=BatchNormalization, dropout=0.2, skip=True, name="a")
    assert described([block, *block.layers]) == [
        ("residual", "a_skip"),
        ("dense", "a"),
        ("batch_normalization", "a_norm"),
        ("activation", "a_activation"),
        ("dropout", "a_dropout"),
    ]


@pytest.mark.parametrize("skip", [False, True])
def test_without_a_name_nothing_is_named(skip):
    layers = column(3, "relu", dropout=0.2, skip=skip)
    assert all(layer.given_name is None for layer in layers)
