import json

import numpy as np
import pytest

from glassnet import Sequential


def test_one_line_trains_judges_and_keeps_a_network(glassnet, workplace):
    result = glassnet("train", "blobs", "--epochs", 20)
    assert "right on 3,000 fresh samples" in result.stdout
    assert "parameters" in result.stdout and "runs/blobs" in result.stdout
    assert "300 samples to learn from" in result.stderr
    files = {p.name for p in (workplace / "runs/blobs").iterdir()}
    assert {"model.safetensors", "history.csv", "settings.json", "report.json", "curves.png",
            "boundary.png", "confusion.png", "network.png"} <= files  # fmt: skip
    assert (workplace / "runs/blobs/boundary.png").read_bytes().startswith(b"\x89PNG")


def test_json_is_one_object_with_everything(glassnet, workplace):
    report = glassnet.json("train", "blobs", "--epochs", 2, "--no-plots")
    assert report["epochs"] == 2 and report["parameters"] == 99
    assert 0 <= report["held_out"]["accuracy"] <= 1
    assert report == json.loads((workplace / "runs/blobs/report.json").read_text())


def test_quiet_says_one_line(glassnet, workplace):
    result = glassnet("train", "blobs", "--epochs", 2, "--no-plots", "--quiet")
    assert len(result.stdout.splitlines()) == 1 and result.stderr == ""


def test_every_option_reaches_the_network(glassnet, workplace):
    glassnet(
        "train", "blobs", "--layers", "7,5", "--activation", "tanh", "--optimizer", "adamw",
        "--learning-rate", 0.02, "--schedule", "one_cycle", "--epochs", 2, "--batch-size", 50,
        "--dropout", 0.1, "--l2", 0.001, "--seed", 4, "--dtype", "float64", "--validation", 0.2,
        "--patience", 5, "--out", "mine", "--no-plots",
    )  # fmt: skip
    settings = json.loads((workplace / "mine/settings.json").read_text())["settings"]
    assert settings == {
        "data": "blobs", "effort": None, "network": "mlp", "layers": [7, 5], "activation": "tanh",
        "optimizer": "adamw",
        "learning_rate": 0.02, "schedule": "one_cycle", "epochs": 2, "batch_size": 50,
        "dropout": 0.1, "l2": 0.001, "augment": "none", "validation": 0.2, "patience": 5, "seed": 4,
        "dtype": "float64", "class_weight": None, "target": None, "missing": None, "ignore": [],
        "encoding": None, "data_dir": None, "test": None, "task": None,
        "categorical": [], "max_categories": None, "unknown": None, "strict": False,
        "delimiter": None, "decimal": None, "thousands": None, "header": None, "names": None,
        "missing_values": None, "size": None, "color": None, "aspect": None,
        "start": None, "frozen_epochs": None,
    }  # fmt: skip
    model = Sequential.load(workplace / "mine/model.safetensors")
    assert [layer.kind for layer in model.layers] == [
        "dense", "dropout", "dense", "dropout", "dense",
    ]  # fmt: skip
    assert model.layers[0].units == 7 and model.layers[0].activation.name == "tanh"
    assert model.layers[0].kernel_regularizer.l2 == 0.001
    assert model.parameters.values.dtype == np.float64


def test_no_hidden_layers(glassnet, workplace):
    assert glassnet.json("train", "blobs", "--layers", "none", "--epochs", 2)["network"] == "2-3"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["spirl"], "did you mean 'spiral'"),
        (["nowhere.csv"], "there is no file nowhere.csv"),
        (["nowhere/photos"], "nowhere/photos: there is no such file or folder"),
        (["photos/", "--network", "cnn"], "photos/: there is no such file or folder"),
        (["flowers.cvs", "--size", "64"], "flowers.cvs: there is no such file or folder"),
        ([], "Missing argument 'DATA'"),
        (["blobs", "--epochs", "0"], "epochs is 0"),
        (["blobs", "--epochs", "many"], "'many' is not a valid integer"),
        (["blobs", "--layers", "64,x"], "expected units of the hidden layers"),
        (["blobs", "--layers", "0"], "expected units of the hidden layers"),
        (["blobs", "--activation", "relo"], "did you mean 'relu'"),
        (["blobs", "--optimizer", "adma"], "did you mean 'adam'"),
        (["blobs", "--schedule", "cosin"], "did you mean 'cosine'"),
        (["blobs", "--learning-rate", "-1"], "learning_rate is -1"),
        (["blobs", "--learning-rate", "nan"], "learning_rate is nan"),
        (["blobs", "--dropout", "1.5"], "1.5"),
        (["blobs", "--l2", "-1"], "l2 is -1"),
        (["blobs", "--seed", "-1"], "seed is -1"),
        (["blobs", "--dtype", "float16"], "float16"),
        (["blobs", "--validation", "2"], "validation is 2"),
        (["blobs", "--batch-size", "-3"], "batch_size is -3"),
        (["digits", "--network", "lenett"], "did you mean 'lenet'"),
        (["digits", "--network", "bset"], "did you mean 'best'"),
        (["digits", "--network", "cnn", "--layers", "64"], "leave out --layers, or take --network"),
        (["digits", "--network", "cnn", "--layers", "none"], "leave out --layers"),
        (["iris", "--network", "cnn"], "'iris' has none: leave out --network"),
        (["iris", "--network", "best"], "'iris' has none: leave out --network"),
        (["iris", "--augment", "shift=1"], "'iris' has none: leave it out"),
        (["digits", "--augment", "shfit=1"], "did you mean 'shift'"),
        (["digits", "--augment", "shift=much"], "expected a number"),
        (["digits", "--network", "cnn", "--dropout", "1.5"], "1.5"),
        (["digits", "--network", "cnn", "--l2", "-1"], "l2 is -1"),
        (["cifar10", "--data-dir", "."], "expected cifar-10-binary.tar.gz"),
        (["--resume", "nowhere"], "there is no such run"),
        (["mnist", "--data-dir", "nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_is_said_in_a_line_and_leaves_nothing(glassnet, workplace, arguments, words):
    assert words in glassnet.error("train", *arguments)
    assert list(workplace.iterdir()) == []


def test_a_network_by_name_comes_with_its_own_settings(glassnet, workplace):
    report = glassnet.json(
        "train", "digits", "--network", "lenet", "--epochs", 1, "--no-plots", "--l2", 0.001
    )
    assert report["network"] == "8×8×1-8×8×6-4×4×6-4×4×16-2×2×16-64-120-84-10"
    assert report["parameters"] == 21386 and report["held_out"]["accuracy"] > 0.2
    settings = json.loads((workplace / "runs/digits/settings.json").read_text())["settings"]
    assert settings["network"] == "lenet" and settings["layers"] == []
    assert settings["augment"] != "none"  # the recipe's
    model = Sequential.load(workplace / "runs/digits/model.safetensors")
    kinds = [layer.kind for layer in model.layers]
    first = kinds.index("conv2d")
    assert kinds[:2] == ["reshape", "rescaling"] and kinds[first + 1] == "max_pooling2d"
    assert all(layer.augments for layer in model.layers[2:first]) and first > 2
    assert model.layers[first].kernel_regularizer.l2 == 0.001
    shown = glassnet("summary", "runs/digits").stdout
    assert "lenet" in shown and "augment" in shown


def test_best_is_a_network_with_a_name(glassnet):
    from glassnet.networks import NETWORKS
    from glassnet.runs.recipes import IMAGES, settings_for

    for name in IMAGES:
        best = settings_for(name, {"network": "best"})
        assert best.network in NETWORKS and best == settings_for(name, {"network": best.network})


def test_a_table_needs_its_target(glassnet, workplace):
    (workplace / "t.csv").write_text("a,b\n" + "\n".join(f"{i},{i % 2}" for i in range(20)))
    assert "Its columns are a, b" in glassnet.error("train", "t.csv")
    assert "did you mean 'b'" in glassnet.error("train", "t.csv", "--target", "B")
    missing = "a,b\n" + "\n".join(f"{i if i % 5 else ''},{i % 2}" for i in range(40))
    (workplace / "t.csv").write_text(missing)
    strict = glassnet.error("train", "t.csv", "--target", "b", "--strict")
    assert "'a' in rows 2, 7" in strict and strict.endswith("--missing fill")
    assert "did you mean 'fill'" in glassnet.error(
        "train", "t.csv", "--target", "b", "--missing", "fil"
    )
    for way in ("fill", "drop"):
        glassnet("train", "t.csv", "--target", "b", "--missing", way, "--epochs", 2, "--quiet",
                 "--no-plots", "--out", way)  # fmt: skip


KOREAN = "번호,키,지역,종류\n" + "\n".join(
    f"{i},{i % 7},{'서울' if i % 2 else '부산'},{'크다' if i % 7 > 3 else '작다'}"
    for i in range(60)
)


def test_a_korean_table_from_a_spreadsheet(glassnet, workplace):
    (workplace / "k.csv").write_text(KOREAN, encoding="cp949")
    asked = ["k.csv", "--target", "종류", "--ignore", "번호"]
    quick = ["--epochs", 3, "--no-plots", "--quiet"]
    assert "--encoding cp949" in glassnet.error("train", *asked, *quick, "--strict")
    assert "unknown encoding 'cp94'" in glassnet.error("train", *asked, "--encoding", "cp94")
    assert list(workplace.iterdir()) == [workplace / "k.csv"]
    glassnet("train", *asked, "--encoding", "cp949", *quick)
    settings = json.loads((workplace / "runs/k/settings.json").read_text())["settings"]
    assert settings["ignore"] == ["번호"] and settings["encoding"] == "cp949"
    assert "ignore         번호\n" in glassnet("summary", "runs/k").stdout
    held_out = glassnet.json("evaluate", "runs/k")
    assert held_out["data"].startswith("12 held-out samples")
    new = workplace / "new.csv"
    new.write_text("키,지역\n1,서울\n6,부산\n", encoding="cp949")
    rows = glassnet.json("predict", "runs/k", new)["rows"]  # in the encoding of training
    assert rows == glassnet.json("predict", "runs/k", new, "--encoding", "cp949")["rows"]
    assert {row["predicted"] for row in rows} <= {"크다", "작다"} and len(rows) == 2
    for command in ("evaluate", "mistakes"):
        (workplace / "all.csv").write_text(KOREAN, encoding="cp949")
        asked = [command, "runs/k", "all.csv", "--encoding", "cp949"]
        assert "60 rows" in glassnet.json(*asked)["data"]


def test_columns_to_ignore_are_columns_of_a_table(glassnet, workplace):
    (workplace / "k.csv").write_text(KOREAN, encoding="utf-8")
    asked = ["train", "k.csv", "--target", "종류", "--ignore"]
    assert "번포" in glassnet.error(*asked, "번포")
    assert "종류" in glassnet.error(*asked, "종류")
    assert "ignore is for tables" in glassnet.error("train", "iris", "--ignore", "petal")
    assert "encoding is for tables" in glassnet.error("train", "iris", "--encoding", "cp949")


def test_nothing_is_overwritten(glassnet, workplace):
    quick = ["--epochs", "1", "--no-plots", "--quiet"]
    assert glassnet("train", "blobs", *quick).stdout.startswith("runs/blobs:")
    assert glassnet("train", "blobs", *quick).stdout.startswith("runs/blobs-2:")
    assert "holds a run already" in glassnet.error("train", "blobs", "--out", "runs/blobs")


def test_resume_takes_no_other_settings(glassnet, runs):
    folder = runs / "blobs"
    assert "leave out --epochs" in glassnet.error("train", "--resume", folder, "--epochs", 3)
    assert "leave out the data 'sine'" in glassnet.error("train", "sine", "--resume", folder)
    assert "has ended" in glassnet.error("train", "--resume", folder)


def test_resume_of_another_runs_checkpoint_is_refused(glassnet, workplace):
    glassnet("train", "blobs", "--epochs", 2, "--no-plots", "--out", "a")
    glassnet("train", "blobs", "--epochs", 2, "--no-plots", "--layers", 9, "--out", "b")
    (workplace / "a/report.json").unlink()
    (workplace / "b/checkpoint.safetensors").rename(workplace / "a/checkpoint.safetensors")
    assert "another network or other settings" in glassnet.error("train", "--resume", "a")
    (workplace / "a/checkpoint.safetensors").write_bytes(b"nonsense")
    assert "truncated or foreign" in glassnet.error("train", "--resume", "a")


def test_divergence_ends_with_1_and_says_what_to_try(glassnet, workplace):
    said = glassnet.error(
        "train", "sine", "--optimizer", "sgd", "--learning-rate", 1e9, "--activation", "relu",
        "--no-plots", code=1,
    )  # fmt: skip
    assert "smaller learning rate" in said
    assert "smaller learning rate" in glassnet("summary", "runs/sine").stdout
    assert "has ended" in glassnet.error("train", "--resume", "runs/sine")


def test_a_table_gives_its_name_to_the_folder(glassnet, workplace):
    (workplace / "t.csv").write_text("a,b\n" + "\n".join(f"{i},{i % 2}" for i in range(40)))
    glassnet("train", "t.csv", "--target", "b", "--epochs", 2, "--quiet", "--no-plots")
    assert (workplace / "runs/t/report.json").exists()
