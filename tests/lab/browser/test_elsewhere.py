"""The lab where people are: behind a proxy under a path, and in the frame of a notebook."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from glassnet.lab.notebook import FRAGMENT, Running

BASE = "/user/kim/proxy/lab"


def pipe(one: socket.socket, other: socket.socket) -> None:
    try:
        while data := one.recv(65536):
            other.sendall(data)
    except OSError:
        pass
    finally:
        for end in (one, other):
            end.close()


class Proxy:
    """Takes the path away from each request, and passes everything on, sockets too."""

    def __init__(self) -> None:
        self.door = socket.create_server(("127.0.0.1", 0))
        self.origin = f"http://127.0.0.1:{self.door.getsockname()[1]}"
        self.port = 0  # of the lab

    def serve(self, port: int) -> None:
        self.port = port
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        try:
            while True:
                threading.Thread(
                    target=self._pass_on, args=self.door.accept()[:1], daemon=True
                ).start()
        except OSError:
            return

    def _pass_on(self, page: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += page.recv(65536)
        request, _, rest = head.partition(b"\r\n")
        request = request.replace(f" {BASE}/".encode(), b" /", 1)
        if b"upgrade: websocket" not in head.lower():  # one request a connection
            rest = rest.replace(b"keep-alive", b"close", 1)
        lab = socket.create_connection(("127.0.0.1", self.port))
        lab.sendall(request + b"\r\n" + rest)
        threading.Thread(target=pipe, args=(page, lab), daemon=True).start()
        pipe(lab, page)


@pytest.fixture(scope="module")
def lab_address(start_lab: Callable[..., Any]) -> Iterator[str]:
    proxy = Proxy()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ("--port", str(port), "--base-path", BASE, "--allow-origin", proxy.origin)
    with start_lab(*options) as address:
        assert address.startswith(f"{proxy.origin}{BASE}/")
        proxy.serve(port)
        yield address
        proxy.door.close()


def test_everything_is_found_below_a_path(
    page: Callable[..., Any], shoot: Callable[..., None]
) -> None:
    lab = page("en", address="data=moons&samples=20&layers=3.tanh")
    for room in lab.locator("[role=tab]").all():
        room.click()
        lab.wait_for_function(
            "() => document.querySelectorAll('[role=tabpanel]:not([hidden])').length === 1"
        )
    lab.get_by_role("tab", name="Playground").click()
    lab.get_by_role("button", name="Share").click()
    lab.wait_for_function("() => document.querySelector('dialog .wide').value.includes('#')")
    link = lab.locator("dialog .wide").input_value()
    assert link.startswith(lab.url.partition("#")[0])
    shoot(lab, "elsewhere-proxy")
    lab.goto(link)
    lab.reload()
    lab.locator("#room-playground").wait_for()


@pytest.fixture
def framed(browser: Any) -> Iterator[Callable[..., Any]]:
    """``framed(src, patience)``: a notebook's page, from a server of its own, with the frame."""
    html = ""

    class Notebook(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/":  # as Jupyter without jupyter-server-proxy
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html>" + html.encode())

        do_HEAD = do_GET

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Notebook)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def show(src: str, patience: int) -> Any:
        nonlocal html
        html = FRAGMENT.format(id="cell", src=src, title="lab", height=400,
                               gone="Run the cell again.", no_proxy="Install the proxy.",
                               patience=patience)  # fmt: skip
        page = browser.new_context().new_page()
        page.goto(f"http://localhost:{server.server_port}/")
        return page

    yield show
    server.shutdown()
    server.server_close()


def test_a_notebook_shows_the_lab_or_says_that_it_is_gone(framed: Callable[..., Any]) -> None:
    lab = Running()
    page = framed(lab.path(None), 60_000)
    page.frame_locator("iframe").locator("#tab-playground").wait_for()
    page.wait_for_timeout(100)
    assert page.get_by_text("Run the cell again.").is_hidden()
    gone = lab.path(None)
    lab.stop()
    page = framed(gone, 300)
    page.get_by_text("Run the cell again.").wait_for()
    assert page.locator("iframe").is_hidden()
    page = framed("/user/kim/proxy/8123/token/", 300)
    page.get_by_text("Install the proxy.").wait_for()
    assert page.locator("iframe").is_hidden()
