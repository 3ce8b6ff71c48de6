"""Networks side by side in pictures and tables: one of them stands for all."""

from glassnet import Sequential, plots
from glassnet.layers import Dense, Dropout, Ensemble, PiecewiseLinearEncoding


def network() -> Sequential:
    encoding = PiecewiseLinearEncoding([[0, 1, 2, 3], [0, 1, 2]])
    members = [[Dense(4, "relu"), Dropout(0.1), Dense(3, "softmax")] for _ in range(8)]
    model = Sequential([encoding, Ensemble([*members, [Dense(3, "softmax")]])])
    model.build((2,))
    return model


def test_a_drawing_shows_the_first_of_the_members_and_says_so():
    figure = plots.network_drawing(network(), input_names=["a", "b"], output_names=[1, 2, 3])
    ax = figure.axes[0]
    texts = [text.get_text() for text in ax.texts]
    assert len(ax.patches) == 7 + 4 + 3
    assert any("made of 2 inputs" in text for text in texts)
    assert any("sum of 9 members" in text for text in texts)
    assert "dense" in texts and "a" not in texts
    words = " ".join(t.get_text() for t in [*figure.texts, *ax.texts, ax.title])
    assert "Of 9 networks side by side the first is drawn." in " ".join(words.split())


def test_a_summary_has_a_row_for_members_that_are_alike(capsys):
    lines = network().summary().splitlines()
    assert sum("member_" in line for line in lines) == 2
    assert any("member_0" in line and "and 7 more like it" in line for line in lines)
    assert any("member_8" in line and "like it" not in line for line in lines)
    assert any(line.startswith("parameters: 400") for line in lines)  # 8·(32 + 15) + 24
