"""The web application: the page, its files, its socket; :mod:`.guard` says who may reach them."""

from __future__ import annotations

import secrets
from dataclasses import replace
from html import escape
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import Any

from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from glassnet import texts
from glassnet._core.strict_json import to_json
from glassnet.lab import fields
from glassnet.lab.server import school
from glassnet.lab.server.classroom import Classroom
from glassnet.lab.server.connection import Connection
from glassnet.lab.server.guard import PROXY, REFUSED, Access, Guard
from glassnet.lab.server.offered import Offered
from glassnet.optimizers import OPTIMIZERS

MOST_PAGES = 8  # pages at once; each has a thread and a network
IDLE = 300.0  # seconds: after them a page that does nothing gives its place to one that comes

KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


def static_files() -> dict[str, Path]:
    """Every file of the page, by its path below ``static/``."""
    root = Path(str(resources.files("glassnet.lab"))) / "static"
    return {
        path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.suffix in KINDS
    }


def index(files: dict[str, Path]) -> str:
    """The page itself, told of the rooms: their names, and the style sheets that they have."""
    sheets = [name for room in fields.ROOMS if (name := f"rooms/{room}/room.css") in files]
    links = "\n".join(f'<link rel="stylesheet" href="{name}">' for name in sheets)
    page = _with_noscript(files["index.html"].read_text(encoding="utf-8"))
    page = page.replace('data-first=""', f'data-first="{escape(fields.FIRST)}"')
    return page.replace('data-rooms=""', f'data-rooms="{" ".join(fields.ROOMS)}"').replace(
        "<!-- rooms -->", links
    )


def _with_noscript(page: str) -> str:
    says = " / ".join(texts.text("lab.shell.noscript", code) for code in texts.languages())
    return page.replace("<!-- noscript -->", says)


def page_texts() -> dict[str, dict[str, str]]:
    """The texts of the page in all languages: language → key → text."""
    names = {code: texts.written(code).get("language", code) for code in texts.languages()}
    choices = {f"choice.language.{code}": name for code, name in names.items()}
    choices |= {f"choice.optimizer.{name}": OPTIMIZERS.title(name) for name in OPTIMIZERS}
    return {code: choices | texts.part("lab", code) for code in names}


def _module(value: Any) -> bytes:
    return f"export default {to_json(value, for_page=True)};\n".encode()


def create_app(
    token: str,
    access: Access | int,
    offered: Offered | None = None,
    classroom: Classroom | None = None,
) -> ASGIApp:
    """The lab under ``http://127.0.0.1:port/token/``; a port alone lets in this machine only.

    With a class its pages come in at ``/``, by a code; the token then opens the teacher's pages,
    on this machine only.
    """
    if isinstance(access, int):
        access = Access(access)
    offered = offered or Offered()
    files = static_files()
    made = {"index.html": index(files).encode(), "texts.js": _module(page_texts())}
    for name in ("join.html", "wall.html"):
        made[name] = _with_noscript(files[name].read_text(encoding="utf-8")).encode()
    pages: set[Connection] = set()

    def knows(given: str, request: HTTPConnection) -> bool:
        if not secrets.compare_digest(given.encode(), token.encode()):
            return False
        return classroom is None or school.is_here(request)

    def file(name: str) -> Response:
        if name not in files and name not in made:
            return PlainTextResponse("there is no such file\n", 404)
        content = made[name] if name in made else files[name].read_bytes()
        return Response(content, media_type=KINDS[PurePosixPath(name).suffix])

    def page(request: Request) -> Response:
        given = request.path_params["token"]
        name = request.path_params.get("path") or "index.html"
        if not knows(given, request):
            sits = classroom is not None and classroom.find(given) is not None
            if not sits or name in school.TEACHERS:
                return lost(request)
        return file(name)

    def lost(request: Request) -> Response:
        """Whoever comes by Jupyter's proxy is shown the way: the token was another one before."""
        given = request.headers.get(PROXY, "")
        by_proxy = secrets.compare_digest(given.encode(), token.encode())
        path = request.scope["path"]
        if by_proxy and classroom is None and path.endswith("/"):
            up = "../" * (path.count("/") - 1)  # a proxy puts its own path before an absolute one
            return RedirectResponse(f"{up}{token}/", 302)
        return PlainTextResponse("open the address that glassnet lab printed\n", 404)

    async def socket(websocket: WebSocket) -> None:
        given = websocket.path_params["token"]
        seat = None if classroom is None else classroom.find(given)
        if classroom is not None and seat is not None:
            await classroom.sit(seat, Connection(websocket, school.for_student(offered, seat)))
            return
        if not knows(given, websocket):
            await websocket.close(REFUSED, "open the address that glassnet lab printed")
            return
        if len(pages) >= MOST_PAGES:
            longest = max(pages, key=lambda page: page.idle)
            if longest.idle >= IDLE:
                pages.discard(longest)
                await longest.close(REFUSED, "idle for long, and another page needed its place")
        if len(pages) >= MOST_PAGES:
            await websocket.accept()
            await websocket.close(REFUSED, f"at most {MOST_PAGES} pages at once: close another")
            return
        here = offered if classroom is None else replace(offered, greeting={"role": "teacher"})
        connection = Connection(websocket, here)
        pages.add(connection)
        try:
            await connection.serve()
        finally:
            pages.discard(connection)

    routes = [] if classroom is None else school.routes(classroom, file, knows)
    app = Starlette(
        routes=[
            *routes,
            WebSocketRoute("/{token}/ws", socket),
            Route("/{token}/", page),
            Route("/{token}/{path:path}", page),
            Route("/{path:path}", lost),
        ]
    )
    return Guard(app, access)
