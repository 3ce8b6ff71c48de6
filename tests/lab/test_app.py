"""Who gets in, and what is sent with every answer."""

from __future__ import annotations

import pytest

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
