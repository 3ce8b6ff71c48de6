"""What a class asks of the web server: coming in, the teacher's wall, and "look here"."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from glassnet.lab.protocol import MOST_UPLOAD, RefusedError
from glassnet.lab.server.classroom import Classroom, Seat
from glassnet.lab.server.offered import Offered

TEACHERS = ("wall.html", "wall.js")  # of the page's files
MOST_JOINING = 2000  # bytes
AGE = 1.0  # seconds that a picture on the wall may be old
PATIENCE = 0.4  # seconds that the wall waits for new ones

Knows = Callable[[str, HTTPConnection], bool]


def is_here(request: HTTPConnection) -> bool:
    """Whether it comes from this machine."""
    try:
        address = ipaddress.ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    return address.is_loopback


def for_student(offered: Offered, seat: Seat) -> Offered:
    """What a page of the class may look at: nothing of the teacher's, and nothing is kept."""
    greeting = {"role": "student", "number": seat.number, "name": seat.name, "done": seat.done}
    return replace(offered, run=None, runs=None, given={}, keeps=False, greeting=greeting)


def routes(classroom: Classroom, file: Callable[[str], Response], knows: Knows) -> list[BaseRoute]:
    """The addresses that only a class has."""
    wall = Wall(classroom)

    def door(request: Request) -> Response:
        return RedirectResponse("join/", 303)

    def entrance(request: Request) -> Response:
        name = request.path_params.get("path") or "join.html"
        return PlainTextResponse("not here\n", 404) if name in TEACHERS else file(name)

    async def join(request: Request) -> Response:
        asked = await _json(request, MOST_JOINING)
        code, name = asked.get("code"), asked.get("name", "")
        if not isinstance(code, str) or not isinstance(name, str):
            return PlainTextResponse("a code and a name\n", 400)
        address = request.client.host if request.client else ""
        try:
            seat = classroom.join(code[:40], name[:100], address)
        except RefusedError as error:
            return JSONResponse({"key": error.key, "values": error.values}, 403)
        state = f"#{classroom.task}" if classroom.task else ""
        return JSONResponse({"address": f"../{seat.token}/{state}"})

    async def seen(request: Request) -> Response:
        given = request.path_params["token"]
        if not knows(given, request):
            return PlainTextResponse("the wall is the teacher's\n", 404)
        return JSONResponse(await wall.now())

    async def told(request: Request) -> Response:
        given = request.path_params["token"]
        seat = classroom.find(given)
        if seat is not None:  # a student says "done"
            seat.done = (await _json(request, MOST_JOINING)).get("done") is True
            return JSONResponse({"done": seat.done})
        if not knows(given, request):
            return PlainTextResponse("the wall is the teacher's\n", 404)
        asked = await _json(request, MOST_UPLOAD)
        if isinstance(asked.get("look"), dict):
            return JSONResponse({"pages": await classroom.show(asked["look"])})
        if isinstance(asked.get("remove"), int):
            await classroom.remove(asked["remove"])
        elif asked.get("renew") is True:
            classroom.renew()
        else:
            return PlainTextResponse("look, remove or renew\n", 400)
        return JSONResponse(await wall.now())

    return [
        Route("/", door),
        Route("/join/", entrance),
        Route("/join/{path:path}", entrance, methods=["GET"]),
        Route("/join", join, methods=["POST"]),
        Route("/{token}/class", seen, methods=["GET"]),
        Route("/{token}/class", told, methods=["POST"]),
    ]


class Wall:
    """The pages of a class in small; each is asked once a second at most."""

    def __init__(self, classroom: Classroom) -> None:
        self.classroom = classroom
        self._asked: dict[Seat, tuple[float, asyncio.Future[Any]]] = {}

    async def now(self) -> dict[str, Any]:
        """The code, and all seats; of a page that takes long what it was before."""
        room = self.classroom
        self._asked = {seat: asked for seat, asked in self._asked.items()
                       if seat.token in room.seats}  # fmt: skip
        waiting = [self._look(seat) for seat in room.in_order()]
        under_way = [one for one in waiting if one is not None]
        if under_way:
            await asyncio.wait(under_way, timeout=PATIENCE)
        return {
            "code": room.code, "addresses": room.addresses, "most": room.most, "task": room.task,
            "seats": [seat.describe() for seat in room.in_order()],
        }  # fmt: skip

    def _look(self, seat: Seat) -> asyncio.Future[Any] | None:
        """A new picture on its way, if it is time for one."""
        page = seat.page
        if page is None or page.session is None:
            return None
        before = self._asked.get(seat)
        if before is not None and (not before[1].done() or time.monotonic() - before[0] < AGE):
            return None if before[1].done() else before[1]
        session, old = page.session, tuple(seat.last.get("seen", ()))
        future = asyncio.wrap_future(page.engine.look(lambda: _thumbnail(session, old)))

        def take(done: asyncio.Future[Any]) -> None:
            if not done.cancelled() and done.exception() is None:
                seat.last = {**seat.last, **done.result()}

        future.add_done_callback(take)
        self._asked[seat] = (time.monotonic(), future)
        return future


def _thumbnail(session: Any, seen: tuple[Any, ...]) -> dict[str, Any]:
    """Imports what it needs when it is first asked for: the web server starts without."""
    from glassnet.lab.rooms.playground.thumbnail import thumbnail

    return thumbnail(session, seen)


async def _json(request: Request, most: int) -> dict[str, Any]:
    """The object that a page sends; empty if it is none, or too large."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > most:
            return {}
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
