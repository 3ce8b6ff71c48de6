"""The usual commands in Korean: no line of what they print holds an English sentence."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from glassnet import texts
from glassnet.cli.language import retold, speaking
from glassnet.cli.root import root

# Three small words behind each other, or one that only a sentence has.
SENTENCE = re.compile(
    r"[a-z]{2,} [a-z]{2,} [a-z]{2,}"
    r"|\b(the|is|are|was|with|for|from|which|what|how|that|not|has|have|must|expected)\b"
)
# What stays as it is: commands, what is quoted, code, formulas, settings, LaTeX and markup, and
# what another program said.
ALLOWED = re.compile(
    r"glassnet [a-z]+ [^가-힣]*|'[^']*'|\"[^\"]*\"|`[^`]*`|<[^>]*>|\\[a-z]+(\{[a-z]*\})?"
    r"|\(Error while [^)]*\)|--[a-z-]+|[\w./]+\.(py|csv|png|html)|&#x27;.*?&#x27;|&quot;.*?&quot;"
)
CODE = re.compile(r"```.*?```|<style>.*?</style>|<head>.*?</head>", re.DOTALL)


def english(text):
    """The lines with a sentence in English."""
    lines = CODE.sub("", text).replace("><", ">\n<").splitlines()
    return [line for line in lines if SENTENCE.search(ALLOWED.sub("", line))]


def korean(*arguments):
    found = CliRunner().invoke(root, [*map(str, arguments), "--language", "ko"])
    assert "Traceback" not in found.output
    assert found.exit_code in (0, 1, 2)
    assert re.search("[가-힣]", found.output), arguments
    assert english(found.output) == []
    return found


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)


def test_the_rule_finds_english():
    assert english("손실: x fused with the last activation\n값 3\n(59 smaller terms here: 1)")[1:]
    assert not english("다음: glassnet learn perceptron\n손실 (--learning-rate 0.004)")


@pytest.mark.parametrize("name", ["digits", "diabetes", "things"])
def test_what_is_said_of_a_run_is_korean(name, runs, tmp_path):
    run = runs / name
    for command in ("evaluate", "mistakes", "summary", "explain"):
        korean(command, run, *(["--out", tmp_path / "m.png"] if command == "mistakes" else []))
    korean("explain", run, "--latex")
    korean("explain", run, "--html", tmp_path / "step.html")
    page = (tmp_path / "step.html").read_text("utf-8")
    assert english(page) == [] and "순전파" in page


def test_training_is_korean(runs):
    korean("train", "spiral", "--epochs", 3, "--out", "s", "--no-plots")
    korean("train", runs / "things.csv", "--target", "kind", "--epochs", 2, "--out", "t",
           "--no-plots")  # fmt: skip
    korean("predict", "t", runs / "things.csv", "--out", "answers.csv")


def passengers(path, rows=220):
    """A table with what real ones have: gaps, numbers of rows, names, dates, a rare class."""
    lines = ["id,name,age,deck,port,since,fare,survived"]
    for i in range(rows):
        age = "" if i % 7 == 3 else 20 + i % 50
        deck = "" if i % 3 else f"{'ABC'[i % 2]}{i % 4}"
        port = "" if i == 17 else "CQS"[i % 3]
        since = f"19{10 + i % 3}-0{1 + i % 9}-1{i % 10}"
        fare = "?" if i == 5 else i % 40 * 1.25
        lines.append(
            f"{i},P{i % 113}x{i % 7},{age},{deck},{port},{since},{fare},{int(i % 20 == 0)}"
        )
    path.write_text("\n".join(lines) + "\n")


def test_a_table_with_all_its_troubles_is_told_in_korean():
    passengers(Path("ship.csv"))
    train = ["train", "ship.csv", "--target", "survived", "--no-plots"]
    said = korean(*train, "--epochs", 1, "--out", "one", "--compare").output
    for told in ("'age' 31행", "서로 다른 값 ", "뺀 열: 'id'", "남기려면: --categorical name"):
        assert told in said, told
    assert "은닉층 유닛 96, 96" in korean(*train, "--effort", "quick", "--out", "two").output
    korean(*train, "--missing", "drop", "--epochs", 1, "--out", "three")
    new = Path("ship.csv").read_text("utf-8").replace(",Q,", ",Z,").replace(",S,", ",,")
    Path("new.csv").write_text(new)
    told = korean("predict", "one", "new.csv", "--out", "answers.csv").output
    assert re.search(r"220행 중 \d+행에 학습 데이터에 없던 값이 있습니다: 'port': 'Z'\(", told)
    for command in ("evaluate", "summary", "mistakes"):
        korean(command, "one")
    korean("explain", "one", "--row", 5)
    korean("plot", "importance", "one")
    for arguments in (
        [*train, "--missing", "error"], [*train, "--strict"], [*train, "--categorical", "name"],
        [*train, "--names", "a,b"], [*train, "--encoding", "x"], [*train, "--ignore", "x"],
        [*train, "--validation", "2"], [*train, "--dropout", "2"], [*train, "--layers", "0"],
        [*train, "--learning-rate", "0"], [*train, "--seed", "-1"], [*train, "--network", "lenet"],
        [*train, "--test", "ship.csv"], [*train, "--out", "one"], [*train, "--dtype", "x"],
        [*train, "--augment", "flip"], [*train, "--start", "nothing"], ["train", "--resume", "one"],
        ["train", "ship.csv", "--target", "name"], ["evaluate", "one", "digits"],
        ["predict", "one", "new.csv", "--strict"], ["predict", "one", "new.csv", "--keep", "x"],
        ["predict", "one", "new.csv", "--interval", "0.9"], ["predict", "one", "--out", "x.foo"],
        ["explain", "one", "--row", "999"], ["explain", "one", "--mistake", "x"],
        ["explain", "one", "--value", "x:y:0"], ["plot", "weights", "one"],
        ["plot", "gradcam", "one"], ["plot", "dependence", "one", "--column", "x"],
        ["export", "one", "--out", "x.foo"], ["summary", "ship.csv"],
        ["tune", "ship.csv", "--target", "survived", "--search", "learning_rate=1..0"],
        ["tune", "ship.csv", "--target", "survived", "--search", "batch_size=x"],
        ["tune", "ship.csv", "--target", "survived", "--search", "x=1"],
    ):  # fmt: skip
        assert korean(*arguments).exit_code == 2, arguments


def test_what_of_a_folder_of_images_is_left_out_is_told_in_korean():
    with speaking("ko"):
        for line in (
            "left out: 1 image that cannot be read, a/b.png (not an image); save anew, or delete",
            "left out: 2 folders without an image, a/, b/; no class is made of it",
            "48×48 pixels, half of them have a shorter side of 62 or more (--size 128 takes "
            "another); in colour, though 3 are grey; 12 of 12 are scaled, from 44×45 to 120×112: "
            "the aspect is kept and the middle cut out",
            "64×64 pixels, half of them have a shorter side of 480 or more, and 64 is learned from "
            "quickly (--size 128 takes another); in grey, as they are",
            "64×64 pixels, as asked for; in colour, as they are",
            "2 images are copies of another: all copies go to one side (a/1.png = b/2.png)",
            "the same image in two classes, one of which is wrong: a.png = b.png; delete it there",
            "25 of 25 are scaled, from 20×24: the aspect is kept and the middle cut out",
        ):
            assert english(retold(line)) == [] and " to " not in retold(line)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a;b\n" + "".join(f'"{i},5";{i % 3}\n' for i in range(40)), "쉼표를 소수점으로 쓴 수"),
        ("a,b\n" + "".join(f'"{i},000",{i * 1.5}\n' for i in range(1, 40)), "천 단위 쉼표"),
        ("a,b\n" + "".join(f"{i},{i * 2.5}\n" for i in range(40)), "행 번호를 세는 열"),
        ("d,b\n" + "".join(f"2020-01-{1 + i % 28},{i % 2}\n" for i in range(60)), "날짜"),
        ("a,b\n" + "".join(f"0{i % 5}1,{i % 40}\n" for i in range(60)), "코드"),
    ],
)
def test_what_is_read_otherwise_is_told_in_korean(text, told):
    Path("t.csv").write_text(text)
    train = ["train", "t.csv", "--target", "b", "--epochs", "1", "--no-plots"]
    assert told in korean(*train, "--out", "t").output


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,a,b\n1,2,3\n", "둘 이상"), ("", "빈 파일"), ("a,b\n", "행이 없습니다"),
        ("a,b\n" + "1,x\n" * 30, "모든 행에서"), ("a,b\n1,2\n1,2,3\n", "필드 3개"),
        ("".join(f"{i},{i % 2}\n" for i in range(30)), "행처럼 보입니다"),
        ("a,b\n" + "".join(f"5,{i % 2}\n" for i in range(40)), "모든 열의 값이"),
        ("a,b\n1,0\n2,1\n3,0\n", "8개 이상"),
        ("b\n" + "1\n2\n" * 20, "학습할 열이 없습니다"),
        ("c,b\n" + "".join(f"{i},{'n.d.' if i == 4 else i}\n" for i in range(40)), None),
        ("c,b\n" + "".join(f"{i},{'n.d.' if i == 4 else i}\n" for i in range(40)), "strict"),
    ],
)  # fmt: skip
def test_a_table_that_is_refused_is_refused_in_korean(text, told):
    Path("t.csv").write_text(text)
    train = ["train", "t.csv", "--target", "b", "--no-plots", "--out", "t"]
    if told in (None, "strict"):
        korean(*train, "--epochs", "1", *(["--strict"] if told else []))
    else:
        found = korean(*train)
        assert found.exit_code == 2 and told in found.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["learn"], ["learn", "relu"], ["check", "relu"], ["check", "relu", "--hint"], ["datasets"],
        ["tune", "--help"], ["experiment"], ["experiment", "gates"], ["experiment", "tangent"],
        ["experiment", "field"], ["experiment", "descent"], ["experiment", "net2x3"],
    ],
)  # fmt: skip
def test_other_commands_are_korean(arguments):
    korean(*arguments)


def test_errors_are_korean():
    Path("bad.csv").write_text("a,b\n1,2\n3\n")
    Path("text.csv").write_text("a,b\n" + "".join(f"word{i},{i}\n" for i in range(30)))
    for arguments in (
        ["train", "bad.csv", "--target", "b"], ["train", "text.csv", "--target", "c"],
        ["train", "text.csv", "--target", "a"], ["train", "digits", "--target", "b"],
        ["train", "digits", "--batch-size", "0"], ["train", "digits", "--activation", "x"],
        ["train", "digits", "--augment", "spin=2"], ["train", "spiral", "--augment", "flip"],
        ["train", "spiral", "--network", "lenet"],
        ["train", "spiral", "--dropout", "1.5"], ["train", "spiral", "--schedule", "x"],
        ["train", "digits", "--start", "bad.csv"], ["import", "bad.csv"], ["export", "bad.csv"],
        ["predict", "bad.csv", "x.csv"], ["summary", "nothing"], ["tune", "spiral"[:3]],
        ["tune", "spiral", "--search", "layers"], ["learn", "x"], ["check", "x"], ["plot", "x"],
        ["experiment", "x"], ["lab", "x"],
    ):  # fmt: skip
        assert korean(*arguments).exit_code == 2, arguments


def test_a_message_of_the_library_is_found_again():
    with speaking("ko"):
        told = retold("x.keras: its weights have no /a/b.")
        assert re.search("[가-힣]", told) and "/a/b" in told
        assert retold("start: input has shape (3, 4), but the layer was built for (n, 5).") == (
            "start: 입력의 형상이 (3, 4)인데 이 층은 (n, 5)용으로 만들었습니다."
        )


# What the library raises of files of others and of wrong calls, as the command line tells it.
RAISED = [
    "n.onnx: it has 2 inputs (x, z); a Sequential has one.",
    "n.onnx: Conv (node 'c'): its window of 3 is larger than its input of 2.",
    "n.onnx: the operator LSTM (node 'r') stands where none of glassnet's layers computes the "
    "same. Supported are Abs, Add, one after the other, as dense layers, convolutions, pooling, "
    "normalizations, activations, scalings and residual blocks are made of them.",
    "n.onnx: Resize (node 'u') has mode = linear, which is not read (expected nearest).",
    "w.pt: weights alone of a convolution (c.weight (2, 1, 3, 3)). Its strides and padding, and "
    "the pooling behind it, are in no file of weights: name one of glassnet's networks, or in "
    "Python build the network, then glassnet.interop.load_torch_weights(model, path). Networks by "
    "name (--network): cnn, mlp.",
    "b.pkl: W2 (4, 5) and b2 (5,) do not fit each other, or the 3 channels before them.",
    "m.safetensors: its network cannot be built (dense/W has shape (4, 8) in the file, (9, 8) in "
    "the network.). The file is damaged, or made by another version.",
    "Ensemble: member 0 is the layer Dense(3), but must be a list of layers, if only of this one.",
    "formula 'x**', position 4: a value is missing after '**' before the end.",
    "the loss became inf in epoch 1, batch 2; the first layer that went wrong is dense. The model "
    "has its last good weights back. Try a smaller learning rate (it was 1e+09), inputs scaled to "
    "about -1 … 1, or global_clipnorm=1.",
    "Layer 'dense': 100 % of the tanh outputs have been at their bounds from the start, where the "
    "slope is nearly 0: the initial weights are too large.",
    "after 20 steps f went from 1 to 0.0001, the slope from 2 to 0.02: not yet at the bottom. Try "
    "more steps, or a larger learning rate than 0.1.",
]


@pytest.mark.parametrize("text", RAISED)
def test_what_is_raised_of_files_and_calls_is_korean(text):
    with speaking("ko"):
        told = retold(text)
    assert re.search("[가-힣]", told) and english(told) == [], told
    assert not re.search(r"[은이을과]\([는가를와]\)|\(으\)로|[가-힣]\. *\.", told), told


def test_a_mistake_and_one_number_are_explained_in_korean(runs):
    korean("explain", runs / "things", "--mistake", "mean_of_bias_gradient")
    korean("explain", runs / "things", "--value", "dense:dx:0,1")
    found = korean("explain", runs / "things", "--mistake", "flipped_kernel")
    assert found.exit_code == 2 and "합성곱이 있어야" in found.output


def test_the_words_of_a_formula_are_korean():
    with speaking("ko"):
        assert texts.in_formula("L = −(1/n) Σᵢ log pᵢ꜀, with c the class of sample i") == (
            "L = −(1/n) Σᵢ log pᵢ꜀, c는 샘플 i의 클래스"
        )
        assert texts.in_formula(r"\dots\ (\text{59 smaller terms: } 0.5)") == (
            r"\dots\ (\text{작은 항 59개: } 0.5)"
        )
    assert texts.in_formula("59 smaller terms") == "59 smaller terms"
