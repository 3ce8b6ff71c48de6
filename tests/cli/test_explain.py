"""``glassnet explain``."""

import json


def test_a_step_as_text_json_latex_and_html(glassnet, runs, workplace):
    text = glassnet("explain", runs / "blobs").stdout
    assert text.startswith("sample 0 of ") and "Check: the gradient beside" in text
    assert all(line == line.rstrip() for line in text.splitlines())
    said = glassnet.json("explain", runs / "blobs", "-s", 2, "-s", 5)
    assert said["samples"] == 2 and said["rows"] == [2, 5] and said["ok"]
    latex = glassnet("explain", runs / "blobs", "--latex").stdout
    assert latex.startswith(r"\documentclass") and latex.endswith("\\end{document}\n")
    glassnet("explain", runs / "blobs", "--html", "step.html", "--no-check")
    assert (workplace / "step.html").read_text().startswith("<!DOCTYPE html>")
    glassnet("explain", runs / "blobs", "--random", "--lines", 0)


def test_one_number_with_its_chain(glassnet, runs):
    text = glassnet("explain", runs / "blobs", "--value", "dense:z:0,1").stdout
    assert "z₂ = " in text
    values = glassnet.json("explain", runs / "blobs", "--value", "dense:dW:0,0")["values"]
    assert values[0]["verdict"] in ("ok", "kink") and values[0]["chain"]
    assert "LAYER:NAME:PLACE" in glassnet.error("explain", runs / "blobs", "--value", "dense")
    error = glassnet.error("explain", runs / "blobs", "--value", "dense:dWW:0")
    assert "did you mean 'dW'" in error


def test_a_mistake_goes_red(glassnet, runs):
    said = glassnet.json("explain", runs / "blobs", "--mistake", "leftover_gradient")
    assert not said["ok"] and said["mistakes"] == ["leftover_gradient"]
    error = glassnet.error("explain", runs / "blobs", "--mistake", "leftover_gradeint")
    assert "did you mean 'leftover_gradient'" in error


def test_what_moved_an_answer(glassnet, runs, workplace):
    text = glassnet("explain", runs / "diabetes", "--answer").stdout
    assert "gradient × input" in text and "bmi" in text
    glassnet("explain", runs / "digits", "--answer", "--picture", "seen.png")
    assert (workplace / "seen.png").stat().st_size > 1000
    said = glassnet.json("explain", runs / "digits", "--answer", "-s", 3)
    assert said["image_shape"] == [8, 8] and len(said["occlusion"]) == 8


def test_what_cannot_be(glassnet, runs):
    assert "no sample 99999" in glassnet.error("explain", runs / "blobs", "-s", 99999)
    assert "choose one" in glassnet.error("explain", runs / "blobs", "-s", 1, "--random")
    assert "choose one" in glassnet.error("explain", runs / "blobs", "--latex", "--json")
    assert "--answer" in glassnet.error("explain", runs / "blobs", "--picture", "a.png")
    assert "one sample" in glassnet.error("explain", runs / "blobs", "--answer", "-s", 1, "-s", 2)
    assert "no such run" in glassnet.error("explain", "nowhere")


def test_train_says_what_went_wrong(glassnet, workplace):
    slow = glassnet(
        "train", "spiral", "--learning-rate", "1e-7", "--epochs", 6, "--no-plots", "--out", "slow"
    )
    assert "The loss has hardly moved" in slow.stdout.replace("\n", " ")
    report = json.loads((workplace / "slow" / "report.json").read_text())
    assert report["diagnosis"][0]["kind"] == "learning_rate_too_small"
    failed = glassnet("train", "sine", "--optimizer", "sgd", "--learning-rate", 1000, "--no-plots",
                      "--epochs", 5, "--out", "fast", code=1)  # fmt: skip
    assert "what went wrong" in failed.stderr
    report = json.loads((workplace / "fast" / "report.json").read_text())
    assert report["diagnosis"][0]["kind"] == "diverged"
