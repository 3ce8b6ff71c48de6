"""Who gets in, and what is sent with every answer."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urljoin

import pytest

from glassnet.errors import ConfigError
from glassnet.lab.address import base_path_of, origin_of, token_for, written
from glassnet.lab.hub import server as tile
from glassnet.lab.server.classroom import Classroom
from glassnet.lab.server.guard import Access
from glassnet.lab.server.web import create_app, static_files

testclient = pytest.importorskip("starlette.testclient", reason="needs httpx")

TOKEN, PORT = "secret", 8123
HOME = f"http://127.0.0.1:{PORT}"
PAGE = {"origin": HOME}


def client(base: str = HOME):  # type: ignore[no-untyped-def]
    return testclient.TestClient(create_app(TOKEN, PORT), base_url=base)


def test_the_page_and_every_file_of_it_are_served_with_their_types() -> None:
    with client() as http:
        page = http.get(f"/{TOKEN}/")
        assert page.status_code == 200 and "main.js" in page.text
        for name in static_files():
            found = http.get(f"/{TOKEN}/{name}")
            assert found.status_code == 200, name
        assert http.get(f"/{TOKEN}/main.js").headers["content-type"].startswith("text/javascript")


def test_the_page_has_no_inline_script_or_style() -> None:
    page = static_files()["index.html"].read_text(encoding="utf-8")
    assert "<style" not in page and " style=" not in page and "onload" not in page
    assert page.count("<script") == page.count('<script type="module" src=')


def test_the_policy_forbids_everything_from_elsewhere() -> None:
    with client() as http:
        for path in (f"/{TOKEN}/", f"/{TOKEN}/main.js", "/nothing"):
            headers = http.get(path).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy and "script-src 'self'" in policy
            assert "unsafe" not in policy and "*" not in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path",
    ["/", "/wrong/", "/wrong/main.js", "/secre/", f"/{TOKEN}x/", "/static/main.js",
     f"/{TOKEN}/../app.py", f"/{TOKEN}/%2e%2e/app.py", f"/{TOKEN}/..%2fapp.py",
     f"/{TOKEN}/nothing.js", f"/{TOKEN}//etc/passwd"],
)  # fmt: skip
def test_nothing_else_is_served(path: str) -> None:
    with client() as http:
        assert http.get(path).status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:80", "localhost:1", ""])
def test_a_foreign_host_is_turned_away(host: str) -> None:
    with client() as http:
        answer = http.get(f"/{TOKEN}/", headers={"host": host})
        assert answer.status_code == 403


def test_localhost_is_this_machine_too() -> None:
    with client(f"http://localhost:{PORT}") as http:
        assert http.get(f"/{TOKEN}/").status_code == 200


def test_a_request_from_a_foreign_page_is_turned_away() -> None:
    with client() as http:
        found = http.get(f"/{TOKEN}/", headers={"origin": "http://evil.example"})
        assert found.status_code == 403


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (f"/{TOKEN}/ws", {}),
        (f"/{TOKEN}/ws", {"origin": "http://evil.example"}),
        (f"/{TOKEN}/ws", {"origin": "null"}),
        (f"/{TOKEN}/ws", {"origin": f"http://127.0.0.1:{PORT + 1}"}),
        (f"/{TOKEN}/ws", PAGE | {"host": "evil.example"}),
        ("/wrong/ws", PAGE),
        ("/ws", PAGE),
    ],
)
def test_the_socket_opens_for_the_page_only(path: str, headers: dict[str, str]) -> None:
    with client() as http, pytest.raises(testclient.WebSocketDisconnect):
        http.websocket_connect(f"{HOME.replace('http', 'ws')}{path}", headers=headers).__enter__()


# ---- behind a proxy ------------------------------------------------------------------------------

HUB, BASE = "https://hub.school.kr", "/user/kim/proxy/8123"
BEHIND = Access(PORT, (HUB,), BASE)


def behind(access: Access, base: str = HUB):  # type: ignore[no-untyped-def]
    return testclient.TestClient(create_app(TOKEN, access), base_url=base)


@pytest.mark.parametrize("path", [f"/{TOKEN}/", f"{BASE}/{TOKEN}/", f"{BASE}/{TOKEN}/main.js"])
def test_a_proxy_that_was_named_gets_in_with_its_path_or_without(path: str) -> None:
    with behind(BEHIND) as http:
        assert http.get(path, headers={"origin": HUB}).status_code == 200
        policy = http.get(path).headers["content-security-policy"]
        assert "wss://hub.school.kr" in policy and f"frame-ancestors 'self' {HUB}" in policy
        with http.websocket_connect(
            f"wss://hub.school.kr{BASE}/{TOKEN}/ws", headers={"origin": HUB}
        ) as page:
            assert page.receive_json()["t"] == "hello"


@pytest.mark.parametrize(
    ("access", "headers"),
    [
        (BEHIND, {"origin": "http://hub.school.kr"}),
        (BEHIND, {"origin": "https://evil.hub.school.kr"}),
        (BEHIND, {"origin": "https://hub.school.kr.evil.example"}),
        (BEHIND, {"origin": HUB, "host": "evil.example"}),
        (BEHIND, {"origin": "null"}),
        (Access(PORT), {"origin": HUB}),
        (Access(PORT, any_name=True), {"origin": "https://evil.example"}),
        (Access(PORT, any_name=True), {"origin": HUB, "host": "evil.example"}),
    ],
)
def test_foreign_origins_are_turned_away_behind_a_proxy_too(
    access: Access, headers: dict[str, str]
) -> None:
    with behind(access) as http:
        assert http.get(f"/{TOKEN}/", headers=headers).status_code == 403
        address = f"wss://hub.school.kr/{TOKEN}/ws"
        with pytest.raises(testclient.WebSocketDisconnect):
            http.websocket_connect(address, headers=headers).__enter__()


def test_the_token_stays_behind_a_proxy() -> None:
    with behind(BEHIND) as http:
        for path in (f"{BASE}/", f"{BASE}/wrong/", f"{BASE}{BASE}/{TOKEN}/", "/user/kim/"):
            assert http.get(path).status_code == 404


@pytest.mark.parametrize("path", [f"{BASE}/", "/", f"{BASE}/of-yesterday/", "/of-yesterday/"])
def test_jupyter_s_proxy_shows_the_way_to_the_token_of_today(path: str) -> None:
    """The tile, a tab that was restored and a teacher's link do not know it."""
    with behind(BEHIND) as http:
        came = http.get(path, headers={"X-Glassnet-Lab": TOKEN}, follow_redirects=False)
        assert came.status_code == 302
        led = urljoin(path, came.headers["location"])
        assert led == path.replace("of-yesterday/", "") + f"{TOKEN}/"
        for wrong in ({}, {"X-Glassnet-Lab": "q" * 22}, {"X-Glassnet-Lab": ""}):
            assert http.get(path, headers=wrong, follow_redirects=False).status_code == 404
        known = {"X-Glassnet-Lab": TOKEN}
        assert http.get(f"{path}main.js", headers=known).status_code == 404
        with http.websocket_connect(
            f"wss://hub.school.kr{BASE}/{TOKEN}/ws", headers={"origin": HUB, **known}
        ) as page:
            assert page.receive_json()["hub"] is True


def test_a_class_is_not_opened_by_the_proxy_s_word() -> None:
    app = create_app(TOKEN, BEHIND, None, Classroom("", 3, ()))
    with testclient.TestClient(app, base_url=HUB) as http:
        came = http.get("/wrong/", headers={"X-Glassnet-Lab": TOKEN}, follow_redirects=False)
        assert came.status_code == 404


def test_a_proxy_whose_name_is_not_known_must_be_the_page_of_the_same_name() -> None:
    with behind(Access(PORT, any_name=True)) as http:
        assert http.get(f"/{TOKEN}/", headers={"origin": HUB}).status_code == 200


def test_names_and_paths_are_written_as_browsers_write_them() -> None:
    assert origin_of("https://Hub.School.kr:443/") == "https://hub.school.kr"
    assert origin_of("http://192.168.0.10:8123") == "http://192.168.0.10:8123"
    assert origin_of("http://[::1]:80") == "http://[::1]"
    assert base_path_of("/user/kim/") == "/user/kim" and base_path_of("/") == ""
    assert written(1, "t", (HUB,), "/user/kim") == "https://hub.school.kr/user/kim/t/"
    for wrong in ("*", "hub.school.kr", "https://*.kr", "ws://a", "https://a/b", "https://u@a",
                  "https://a:x", "", "javascript:alert(1)", "https://a b"):  # fmt: skip
        with pytest.raises(ConfigError, match="is no origin"):
            origin_of(wrong)
    for wrong in ("user", "/a/../b", "/a b", "/<x>", "//evil.example"):
        with pytest.raises(ConfigError, match="is no base path"):
            base_path_of(wrong)


def test_a_token_that_is_given_must_be_hard_to_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLASSNET_LAB_TOKEN", "q" * 20)
    assert token_for(0) == "q" * 20
    for short in ("secret", "a/b" * 9, ""):
        monkeypatch.setenv("GLASSNET_LAB_TOKEN", short)
        with pytest.raises(ConfigError, match="16 to 100"):
            token_for(0)


def test_jupyters_tile_starts_a_lab_whose_secret_is_not_on_its_command_line() -> None:
    found = tile()
    token = found["environment"]["GLASSNET_LAB_TOKEN"]
    assert found["launcher_entry"]["path_info"] == "glassnet/"  # JupyterLab keeps it for days
    assert len(token) == 22 and token not in " ".join(found["command"])
    assert Path(found["launcher_entry"]["icon_path"]).read_text().startswith("<svg")
    headers = found["request_headers_override"]
    assert headers == {
        "Host": "127.0.0.1:{port}", "Origin": "http://127.0.0.1:{port}", "X-Glassnet-Lab": token,
    }  # fmt: skip
    assert tile()["environment"] != found["environment"]
