"""Networks of others on the command line: summary, import of weights alone, load of what it is."""

import pickle

import numpy as np
import pytest
import safetensors.numpy

import glassnet as package
from glassnet import Sequential, data, interop, layers


@pytest.fixture(scope="module")
def trained():
    """64-32-10 on the digits, divided by 16, as PyTorch's users train it: ends in logits."""
    digits = data.load("digits")
    model = Sequential([layers.Dense(32, "tanh"), layers.Dense(10)], seed=0)
    loss = {"name": "sparse_categorical_crossentropy", "from_logits": True}
    model.compile({"name": "adam", "learning_rate": 0.01}, loss)
    model.fit(digits.x.reshape(-1, 64) / 16, digits.y, epochs=8, verbose=0)
    return model


@pytest.fixture
def bare(trained, workplace):
    """The weights as a state_dict, and nothing else."""
    (W1, b1), (W2, b2) = ((layer.W, layer.b.copy()) for layer in trained.layers)
    tensors = {"fc1.weight": W1.T.copy(), "fc1.bias": b1, "fc2.weight": W2.T.copy(), "fc2.bias": b2}
    safetensors.numpy.save_file(tensors, "bare.safetensors")
    return "bare.safetensors"


def test_weights_alone_come_in_with_an_activation_that_is_named_or_found_out(
    glassnet, bare, trained
):
    told = glassnet.error("import", bare)
    assert "dense layers 64-32-10" in told and "--activation relu" in told
    said = glassnet("import", bare, "--data", "digits").stdout
    assert "tanh is taken" in said and "divided by 16" in said
    named = glassnet("import", bare, "--data", "digits", "--activation", "tanh").stdout
    assert "is taken" not in named
    interop.export_model(trained, "whole.safetensors")
    glassnet("import", "whole.safetensors", "--data", "digits")
    right = glassnet.json("evaluate", "runs/whole")["accuracy"]
    assert right > 0.9
    for run in ("runs/bare", "runs/bare-2"):
        assert glassnet.json("evaluate", run)["accuracy"] == pytest.approx(right)
        rows = glassnet.json("mistakes", run)["mistakes"]
        assert all(0 <= row["probability"] <= 1 for row in rows)  # logits are no probabilities


def test_options_for_weights_alone_are_refused_elsewhere(glassnet, trained, workplace):
    interop.save_torch_weights(trained, "whole.pt")
    assert "says its network itself" in glassnet.error("import", "whole.pt", "--network", "mlp")


def test_weights_of_a_network_by_name(glassnet, workplace):
    from glassnet import networks

    own = networks.lenet(input_shape=(8, 8), image_max=None, seed=3)
    interop.save_torch_weights(own, "lenet.safetensors")
    tensors = safetensors.numpy.load_file("lenet.safetensors")
    safetensors.numpy.save_file(tensors, "lenet.safetensors")  # without the description
    told = glassnet.error("import", "lenet.safetensors")
    assert "convolution" in told and "--network" in told and "lenet" in told
    glassnet("import", "lenet.safetensors", "--network", "lenet", "--data", "digits", "--divide", 1)
    x = np.random.default_rng(0).normal(size=(5, 8, 8)).astype(np.float32)
    back = package.load("runs/lenet")
    np.testing.assert_allclose(back.predict(x), own.predict(x), rtol=1e-5, atol=1e-6)


FILES = ("net.onnx", "net.keras", "net.h5", "net.pt", "net.safetensors", "own.safetensors")


def test_load_and_summary_take_whatever_holds_a_network(glassnet, runs, workplace):
    pytest.importorskip("onnx")
    pytest.importorskip("h5py")
    model = package.load(runs / "digits")
    x = data.load("digits").x[:5]
    for file in FILES:
        if file.startswith("own"):
            model.save(file)
        else:
            interop.export_model(model, file)
        np.testing.assert_allclose(package.load(file).predict(x), model.predict(x), rtol=1e-5)
        assert f"parameters: {model.parameters.size:,}" in glassnet("summary", file).stdout
    weights = {"W1": np.ones((4, 3)), "b1": np.ones(3), "W2": np.ones((3, 2)), "b2": np.ones(2),
               "W3": np.ones((2, 2)), "b3": np.ones(2)}  # fmt: skip
    (workplace / "book.pkl").write_bytes(pickle.dumps(weights))
    assert package.load("book.pkl").outputs == 2
    assert "parameters: 29" in glassnet("summary", "book.pkl").stdout


def test_summary_of_weights_alone_says_what_they_would_be(glassnet, bare):
    shown = glassnet("summary", bare).stdout
    assert "fc1.weight" in shown and "32×64" in shown and "64-32-10" in shown
    assert glassnet.json("summary", bare)["units"] == [64, 32, 10]
    line = shown.partition("Take them in: glassnet ")[2].split()
    assert "holds it now" in glassnet(*line).stdout  # the way out, as it stands there


def test_summary_of_a_file_that_is_no_network(glassnet, workplace):
    (workplace / "words.csv").write_text("a,b\n1,2\n")
    assert "words.csv: not a whole safetensors file" in glassnet.error("summary", "words.csv")
    (workplace / "bad.onnx").write_bytes(b"nothing")
    assert "bad.onnx" in glassnet.error("summary", "bad.onnx")
    assert "there is no such" in glassnet.error("summary", "none.onnx")
