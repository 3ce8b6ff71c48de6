"""Tables that people drop on the page, and tables that are none."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.errors import GlassnetError
from glassnet.lab.frames import unpack
from glassnet.lab.protocol import RefusedError
from glassnet.lab.rooms.playground import view
from glassnet.lab.server.changes import changes
from glassnet.lab.server.handling import problem
from glassnet.lab.session import table
from glassnet.lab.session.state import Session
from glassnet.lab.session.table import MOST_COLUMNS, MOST_ROWS, Table

Open = Callable[..., Session]

FLOWERS = "length,width,kind\n" + "".join(
    f"{i % 7 + (i % 2) * 9},{i % 5},{'rose' if i % 2 else 'lily'}\n" for i in range(40)
)
PRICES = "size;rooms;price\n" + "".join(f"{i};{i % 3};{i * 2.5 + 0.1}\n" for i in range(40))


def take(session: Session, text: str, name: str = "my.csv") -> None:
    session.take(Table.from_text(name, text))


def test_a_table_with_classes_is_learned(open_session: Open) -> None:
    session = open_session()
    take(session, FLOWERS)
    assert session.values["data"] == "own" and session.samples.classes == ("lily", "rose")
    for _ in range(60):
        session.trainer.one_epoch()
    assert session.trainer.measured["test_accuracy"] == 1
    told = changes(session, {})
    assert told["data"]["table"] == "my.csv"
    assert told["data"]["table_columns"] == ["length", "width", "kind"]


def test_a_table_with_values_is_learned_by_semicolons_too(open_session: Open) -> None:
    session = open_session()
    take(session, PRICES)
    assert session.samples.regression
    session.trainer.one_epoch()
    assert np.isfinite(session.trainer.measured["loss"])


def test_another_column_can_be_the_one_to_predict(open_session: Open) -> None:
    session = open_session()
    take(session, FLOWERS)
    session.set("target", "width")
    assert session.samples.columns[0] == "length" and len(session.samples.classes) == 5
    session.set("axis_x", 1)
    session.set("axis_y", 2)
    assert session.plane.kind == "columns"
    assert "map" in unpack(view.frame(session, ("map",)))
    with pytest.raises(GlassnetError):
        session.set("target", "x" * 300)


def test_the_table_belongs_to_the_page_and_is_kept_when_another_fails(
    open_session: Open,
) -> None:
    session, other = open_session(), open_session()
    take(session, FLOWERS)
    for bad in ("a,b\n1,2\n", "kind\nrose\n", "a,b\n1,\n2,\n"):
        with pytest.raises(GlassnetError):
            take(session, bad)
        assert session.samples.classes == ("lily", "rose")
    assert other.table is None
    with pytest.raises(GlassnetError, match="no table"):
        other.set("data", "own")


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "a", "a,b", "a,b\n", "\ufeff", "one\n1\n2\n", "a,a\n1,2\n3,4\n",
        "a,b\n1,2,3\n4,5\n", 'a,b\n"1,2\n', "a,b\n1,x\n2,x\n3,x\n4,x\n",
        "\x00\x01\x02,b\n\x00,1\n", "PAR1,x\n1,2\n", "%PDF-1.7\n1,2\n", "{}\n[]\n",
        "a,b\n" + "1,nan\n" * 5, "a,b\n" + "inf,1\n" * 5, ",\n,\n,\n", "a,b\n" + "\udcff,1\n" * 3,
        "x,y\n" + "".join(f"{i},c{i}\n" for i in range(60)),
        "x,y\n" + "".join(f"t{i},{i % 2}\n" for i in range(200)),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_words(open_session: Open, text: str) -> None:
    session = open_session()
    with pytest.raises(GlassnetError) as caught:
        take(session, text)
    assert "/" not in str(caught.value).replace("1/", ""), "no path of this machine is told"
    assert session.values["data"] == "moons"


def test_limits_are_told(open_session: Open) -> None:
    session = open_session()
    with pytest.raises(RefusedError, match=str(MOST_ROWS)):
        take(session, "a,b\n" + "1,2\n" * (MOST_ROWS + 5))
    names = ",".join(f"c{i}" for i in range(table.MOST_IN_FILE + 1))
    row = ",".join("1" for _ in range(table.MOST_IN_FILE + 1))
    with pytest.raises(RefusedError, match=str(table.MOST_IN_FILE)) as caught:
        take(session, f"{names}\n" + f"{row}\n" * 9)
    assert caught.value.key == "limit.columns"
    wide = ",".join(f"c{i}" for i in range(99))
    line = [[(i * (j + 1) + j) % 11 for j in range(98)] + [i % 2] for i in range(30)]
    rows = "".join(",".join(map(str, numbers)) + "\n" for numbers in line)
    with pytest.raises(RefusedError, match=str(MOST_COLUMNS)) as caught:
        take(session, f"{wide}\n{rows}")
    assert caught.value.key == "limit.inputs"


PEOPLE = "id, name, age, sex, town, alive\n" + "".join(
    f"{i + 1}, Person {i}, {'' if i % 9 == 0 else 20 + i % 50}, {'fm'[i % 2]}, Seoul, {i % 2}\n"
    for i in range(120)
)


def test_each_column_is_told_and_can_be_left_out(open_session: Open) -> None:
    session = open_session()
    take(session, PEOPLE)
    told = {c["name"]: c for c in view.data(session)["read"]}
    assert {n: (c["state"], c["why"]) for n, c in told.items()} == {
        "id": ("left", "rows"), "name": ("left", "text"), "age": ("number", ""),
        "sex": ("category", ""), "town": ("left", "constant"), "alive": ("target", ""),
    }  # fmt: skip
    assert told["age"]["gaps"] == 14
    session.set("own_left", [3])
    assert not [name for name in session.samples.columns if "sex" in name]
    assert view.data(session)["read"][3]["why"] == "hand"
    assert session.samples.classes == ("0", "1")
    session.set("own_task", "values")
    assert session.samples.regression


def test_a_table_without_names_is_read_from_its_first_line(open_session: Open) -> None:
    session = open_session()
    take(session, "".join(f"{i % 7}.5,{i % 3},{'ab'[i % 2]}\n" for i in range(60)))
    told = view.data(session)
    assert told["headless"] and told["read"][0]["name"] == "column 1"
    assert told["n_train"] + told["n_test"] == 60
    session.set("own_header", "names")
    assert not view.data(session)["headless"]
    assert view.data(session)["n_train"] + view.data(session)["n_test"] == 59
    take(session, FLOWERS)
    assert session.values["own_header"] == "auto"


@pytest.mark.parametrize("content", ["a,b\n1,?\n2,x y\n", "x;y\n" + "t;1,5\n" * 3 + "1;2\n;;\n"])
def test_what_is_refused_speaks_of_the_page(content: str, open_session: Open) -> None:
    session = open_session()
    try:
        take(session, content)
    except RefusedError as error:
        assert error.key and "--" not in str(error) and "=" not in str(error)


def test_what_the_library_refuses_comes_in_the_other_languages_too(open_session: Open) -> None:
    refused = {
        "a,a,b\n" + "1,2,3\n4,5,6\n" * 9: "'a' 열이 둘 이상입니다",
        "name,y\n" + "".join(f"kim{i},{i % 2}\n" for i in range(60)): "아마 이름이나 식별자입니다",
    }
    for content, korean in refused.items():
        with pytest.raises(RefusedError) as caught:
            take(open_session(), content)
        told = problem(caught.value)["told"]["ko"]
        assert korean in told["values"]["why"] and "=" not in told["values"]["why"]


def test_nothing_in_a_table_is_executed_or_left_on_disk(
    open_session: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr(table.tempfile, "tempdir", str(tmp_path))
    session = open_session()
    rows = "".join(f"=cmd|' /C calc'!A{i},{i % 2}\n" for i in range(2))
    text = "=1+1,<script>alert(1)</script>\n" + rows * 10
    take(session, text)
    assert session.samples.columns[0].startswith("=1+1")
    assert not list(__import__("pathlib").Path(str(tmp_path)).iterdir())


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=120)
    | st.lists(
        st.lists(st.sampled_from(["1", "2.5", "", "a", '"', "nan", "-", "1e999", " "]),
                 min_size=2, max_size=3).map(",".join),
        min_size=2, max_size=9,
    ).map("\n".join)
)  # fmt: skip
def test_any_text_is_a_table_or_is_refused(text: str) -> None:
    try:
        found = Table.from_text("t.csv", text).dataset("", 0.3, 0)
    except GlassnetError as error:
        assert str(error)
    else:
        assert np.isfinite(found.x).all() and found.x_test is not None


def test_what_was_done_to_a_table_is_said_in_the_pages_language(open_session: Open) -> None:
    header = "번호;코드;날짜;가격;무게;면적;점수;등급;메모;고정;결과\n"
    rows = "".join(
        f"{i + 1};0{i % 9}12;2024-0{i % 9 + 1}-1{i % 9};1.{i % 9}{i % 7}5,5;{i % 5},5;"
        f"{'' if i % 8 == 0 else i % 6};{'없음' if i == 40 else i};"
        f"{'NA' if i % 9 == 3 else 'AB'[i % 2]};글{i};같음;{'예' if i % 2 else '아니오'}\n"
        for i in range(90)
    )
    session = open_session()
    session.take(
        Table.from_text("표.csv", "결과 보고\n" + header + rows + rows.splitlines()[-1] + "\n")
    )
    notes = view.data(session)["notes"]
    assert len(notes) >= 10
    for note in notes:
        assert set(note) == {"en", "ko"}
        assert any("가" <= letter <= "힣" for letter in note["ko"]) and "  " not in note["ko"]
        for said in note.values():  # arguments of Python have no place on the page
            assert not re.search(r"\w=[\[\"']", said), said
    # What Python's users read has them still.
    assert any('missing="drop"' in line for line in session.samples.notes)
