"""A class: who comes in, what each page may reach, the wall, and thirty pages at once."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from glassnet.course import progress as kept
from glassnet.lab import app
from glassnet.lab.address import listen
from glassnet.lab.frames import unpack
from glassnet.lab.protocol import RefusedError
from glassnet.lab.server.classroom import ALPHABET, EMPTY_FOR, EVERY, WRONG, Classroom
from glassnet.lab.server.guard import Access
from glassnet.lab.server.offered import Offered
from glassnet.lab.server.web import create_app

testclient = pytest.importorskip("starlette.testclient", reason="needs httpx")
sync_client = pytest.importorskip("websockets.sync.client")

TOKEN, PORT = "the-teachers-secret", 8123
PLACE = f"http://192.168.0.10:{PORT}"
HERE = f"http://127.0.0.1:{PORT}"
TASK = "data=moons&samples=10&layers=2.tanh"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def room(clock: Clock) -> Classroom:
    return Classroom(TASK, 2, (PLACE,), clock)


@pytest.fixture
def opened(room: Classroom) -> Iterator[Callable[..., Any]]:
    """``opened(teacher)``: a browser on this machine, or one of the network."""
    web = create_app(TOKEN, Access(PORT, (PLACE,)), Offered(run="private", runs="."), room)
    with testclient.TestClient(web, base_url=HERE, client=("127.0.0.1", 1)) as teacher:
        network = {"base_url": PLACE, "client": ("192.168.0.77", 1)}
        with testclient.TestClient(web, **network) as student:
            yield lambda who="student": teacher if who == "teacher" else student
    for thread in threading.enumerate():
        if thread.name == "lab":
            thread.join(10)
            assert not thread.is_alive()


def join(http: Any, code: str, name: str = "") -> Any:
    body = {"code": code, "name": name}
    return http.post("/join", json=body, headers={"origin": str(http.base_url).rstrip("/")})


def seat_of(http: Any, room: Classroom, name: str = "") -> str:
    token: str = join(http, room.code, name).json()["address"].split("/")[1]
    return token


def socket(http: Any, token: str) -> Any:
    base = str(http.base_url).rstrip("/")
    address = f"{base.replace('http', 'ws')}/{token}/ws"
    return http.websocket_connect(address, headers={"origin": base})


def say(page: Any, **message: Any) -> Any:
    page.send_json(message)
    return page.receive_json()


# ---- the rules -----------------------------------------------------------------------------------


def test_a_code_is_short_and_typed_as_people_type(room: Classroom) -> None:
    assert len(room.code) == 6 and set(room.code) <= set(ALPHABET)
    typed = f" {room.code[:3].lower()}-{room.code[3:].lower()} "
    assert room.join(typed, "  kim\u202e\n ", "a").name == "kim"
    with pytest.raises(RefusedError) as caught:
        room.join("", "", "a")
    assert caught.value.key == "class.wrong_code"
    before = room.code
    room.renew()
    assert room.code != before


def test_a_guessed_code_is_rate_limited_by_its_address(room: Classroom, clock: Clock) -> None:
    for _ in range(WRONG):
        with pytest.raises(RefusedError, match="not the code"):
            room.join("AAAAAA", "", "a")
    with pytest.raises(RefusedError) as caught:  # even the right one
        room.join(room.code, "", "a")
    assert caught.value.key == "class.wait" and caught.value.values["seconds"] == EVERY
    assert room.join(room.code, "", "b").number == 1  # others are not kept out
    clock.now += EVERY
    assert room.join(room.code, "", "a").number == 2


def test_a_full_class_is_said_and_a_seat_left_long_ago_is_free(
    room: Classroom, clock: Clock
) -> None:
    first = room.join(room.code, "", "a")
    room.join(room.code, "", "a")
    with pytest.raises(RefusedError) as caught:
        room.join(room.code, "", "a")
    assert caught.value.key == "class.full" and caught.value.values == {"most": 2}
    clock.now += EMPTY_FOR
    assert room.join(room.code, "", "a").number == first.number
    assert room.find(first.token) is None


# ---- the web -------------------------------------------------------------------------------------


def test_a_page_comes_in_by_the_code_and_gets_its_task(
    opened: Callable[..., Any], room: Classroom
) -> None:
    http = opened()
    assert http.get("/").url.path == "/join/" and "join.js" in http.get("/join/").text
    assert http.get("/join/texts.js").status_code == 200
    found = join(http, room.code, "Kim").json()["address"]
    token, task = found.split("/")[1:]
    assert task == f"#{TASK}" and http.get(f"/{token}/").status_code == 200
    with socket(http, token) as page:
        hello = page.receive_json()
        assert hello["class"] == {"role": "student", "number": 1, "name": "Kim", "done": False}
        say(page, t="open", address=TASK)
        wall = opened("teacher").get(f"/{TOKEN}/class").json()
        (seat,) = wall["seats"]
        assert (seat["number"], seat["name"], seat["here"], seat["epoch"]) == (1, "Kim", True, 0)
        assert len(seat["map"]) > 1000 and wall["code"] == room.code


def test_pages_of_the_class_reach_nothing_of_the_teachers_or_of_others(
    opened: Callable[..., Any], room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_write", lambda kept: pytest.fail("something was stored"))
    http, teacher = opened(), opened("teacher")
    mine, other = seat_of(http, room), seat_of(http, room)
    for path in ("wall.html", "wall.js", "class"):
        assert http.get(f"/{mine}/{path}").status_code == 404
        assert http.get(f"/{TOKEN}/{path}").status_code == 404  # the teacher's: this machine only
        assert teacher.get(f"/{TOKEN}/{path}").status_code == 200
    assert http.get(f"/{TOKEN}/").status_code == 404
    assert http.get("/join/wall.js").status_code == 404
    with pytest.raises(testclient.WebSocketDisconnect):
        socket(http, TOKEN).__enter__()
    origin = {"origin": PLACE}
    for path in (f"/{mine}/class", f"/{TOKEN}/class"):
        http.post(path, json={"remove": 2, "look": {}, "renew": True}, headers=origin)
    assert room.find(other) is not None
    with socket(http, mine) as page:
        page.receive_json()
        say(page, t="open", address=TASK)
        ask = {"t": "ask", "room": "model", "what": "runs", "args": {}, "id": 1}
        assert say(page, **ask)["value"]["runs"] == []
        level = {"name": "xor-two", "step": 1}
        ask |= {"room": "playground", "what": "reached", "args": level}
        assert "reached" in say(page, **ask)["value"]


def test_foreign_pages_cannot_join_or_tell(opened: Callable[..., Any], room: Classroom) -> None:
    http = opened()
    for headers in ({}, {"origin": "http://evil.example"}, {"origin": "null"}):
        answer = http.post("/join", json={"code": room.code}, headers=headers)
        assert answer.status_code == 403
    assert http.get("/", headers={"host": "evil.example"}).status_code == 403
    assert not room.seats
    origin = {"origin": PLACE}
    for body in (b"", b"[", b"[]", b'{"code": 1}', b"x" * 5000, b"[" * 1500):
        assert http.post("/join", content=body, headers=origin).status_code == 400
    answer = join(http, "WRONG1")
    assert answer.status_code == 403 and answer.json()["key"] == "class.wrong_code"


def test_the_teacher_brings_all_pages_to_a_state_and_closes_one(
    opened: Callable[..., Any], room: Classroom
) -> None:
    http, teacher = opened(), opened("teacher")
    tokens = [seat_of(http, room), seat_of(http, room)]
    origin = {"origin": HERE}
    with socket(http, tokens[0]) as one, socket(http, tokens[1]) as two:
        for page in (one, two):
            page.receive_json()
            say(page, t="open", address=TASK)
        ask = {"t": "ask", "room": "playground", "what": "file", "args": {}, "id": 1}
        say(one, t="do", action="epoch", args={})
        file = say(one, **ask)["value"]
        told = teacher.post(f"/{TOKEN}/class", json={"look": file}, headers=origin).json()
        assert told == {"pages": 2}
        assert two.receive_json() == {"t": "look", "file": file}
        assert "problem" not in say(two, t="load", file=file)
        assert say(two, **ask)["value"]["weights"] == file["weights"]
        wall = teacher.post(f"/{TOKEN}/class", json={"remove": 1}, headers=origin).json()
        assert [seat["number"] for seat in wall["seats"]] == [2]
        one.receive_json()
        with pytest.raises(testclient.WebSocketDisconnect):
            one.receive_json()
        assert http.get(f"/{tokens[0]}/").status_code == 404
        with socket(http, seat_of(http, room)) as late:  # who comes after it gets it as well
            assert late.receive_json()["t"] == "hello"
            assert late.receive_json() == {"t": "look", "file": file}
    with socket(http, tokens[1]) as again:  # and who has had it has it once
        again.receive_json()
        assert say(again, t="open", address=TASK)["t"] == "changes"
    done = http.post(f"/{tokens[1]}/class", json={"done": True}, headers={"origin": PLACE})
    assert done.json() == {"done": True}
    _, seat = teacher.get(f"/{TOKEN}/class").json()["seats"]
    assert seat["done"] and not seat["here"]


def test_a_page_that_is_opened_again_takes_its_seat(
    opened: Callable[..., Any], room: Classroom
) -> None:
    http = opened()
    token = seat_of(http, room)
    with socket(http, token) as first:
        first.receive_json()
        with socket(http, token) as second:
            second.receive_json()
            with pytest.raises(testclient.WebSocketDisconnect) as caught:
                first.receive_json()
            assert "another tab" in caught.value.reason
            assert say(second, t="open", address=TASK)["t"] == "changes"
    assert len(room.seats) == 1


def test_without_a_class_there_is_no_way_in() -> None:
    with testclient.TestClient(create_app(TOKEN, PORT), base_url=HERE) as http:
        for path in ("/", "/join/", f"/{TOKEN}/class"):
            assert http.get(path).status_code == 404
        assert http.post("/join", json={}, headers={"origin": HERE}).status_code in (404, 405)


# ---- thirty --------------------------------------------------------------------------------------


@pytest.fixture
def school_of_thirty() -> Iterator[tuple[Classroom, int]]:
    door = listen(0)
    port = door.getsockname()[1]
    room = Classroom(TASK)
    server = app.server_for(create_app(TOKEN, port, None, room))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
    thread.start()
    yield room, port
    server.should_exit = True
    thread.join(20)
    door.close()


def test_thirty_pages_learn_at_once_each_its_own(
    school_of_thirty: tuple[Classroom, int],
) -> None:
    room, port = school_of_thirty
    seats = [room.join(room.code, "", f"10.0.0.{i}") for i in range(30)]
    with pytest.raises(RefusedError, match="All 30 pages"):
        room.join(room.code, "", "10.0.0.31")
    here = f"127.0.0.1:{port}"

    with contextlib.ExitStack() as open_pages:
        pages = [
            open_pages.enter_context(
                sync_client.connect(
                    f"ws://{here}/{seat.token}/ws", origin=f"http://{here}", max_size=None
                )
            )
            for seat in seats
        ]

        def tell(page: Any, **message: Any) -> Any:
            page.send(json.dumps(message))
            return page.recv()

        for i, page in enumerate(pages):
            page.recv()
            tell(page, t="open", address=f"{TASK}&seed={i}")
        for page in pages[::2]:
            tell(page, t="do", action="epoch", args={})
        epochs = [unpack(tell(page, t="frame", want=["map"]))["status"][0] for page in pages]
        assert epochs == [1, 0] * 15
        ask = {"t": "ask", "room": "playground", "what": "file", "args": {}, "id": 1}
        weights = {json.loads(tell(page, **ask))["value"]["weights"] for page in pages}
        assert len(weights) == 30
