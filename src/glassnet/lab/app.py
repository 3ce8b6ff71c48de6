"""Starts the lab on this machine and opens its page."""

from __future__ import annotations

import logging
import sys
import threading
import webbrowser
from collections.abc import Callable, Sequence

import uvicorn
from starlette.types import ASGIApp
from threadpoolctl import threadpool_limits

from glassnet.lab.address import (
    EVERYWHERE,
    HOST,
    base_path_of,
    listen,
    names_of,
    origin_of,
    token_for,
    written,
)
from glassnet.lab.fields import of_link
from glassnet.lab.server.classroom import Classroom
from glassnet.lab.server.guard import Access
from glassnet.lab.server.offered import Offered
from glassnet.lab.server.patience import PatientProtocol
from glassnet.lab.server.web import create_app

MOST_BYTES = 12_000_000  # of one message: the characters of an upload, in UTF-8
SWITCH = 0.001  # seconds: how soon the training thread lets the web server speak


def _prepare(state: str) -> None:
    """The imports and the compiling of the first picture, while the browser opens the page."""
    from glassnet.lab.fields import FIRST
    from glassnet.lab.lessons import catalog
    from glassnet.lab.server import warm

    warm.first_picture(catalog.whole(state or FIRST))


def _worth_saying(record: logging.LogRecord) -> bool:
    """Whether to say it: that a page was still waiting for an answer at Ctrl-C is no error."""
    return "graceful shutdown" not in record.getMessage()


def server_for(app: ASGIApp) -> uvicorn.Server:
    """A web server that serves the lab."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=PatientProtocol,
            ws="websockets-sansio",
            ws_max_size=MOST_BYTES,
            ws_ping_interval=30,
            ws_ping_timeout=120,  # thirty browsers on one machine answer late
            ws_per_message_deflate=False,  # as a rule it never leaves the machine
            log_config=None,  # uvicorn's own closes every handler that the process has
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
            server_header=False,
        )
    )


def serve(
    port: int = 0,
    browser: bool = True,
    link: str = "",
    run: str | None = None,
    data_dir: str | None = None,
    runs: str = "runs",
    announce: Callable[..., None] = print,
    host: str = HOST,
    origins: Sequence[str] = (),
    base_path: str = "",
    class_of: int = 0,
) -> None:
    """Run the lab until Ctrl-C.

    Args:
        port: 0 takes a free one, with a new secret part of the address; of another the address
            stays the same at each start.
        browser: open the page.
        link: a shared link, or the part of one behind its #: open with that state.
        run: a saved run or model to look at.
        data_dir: a folder with the files of MNIST.
        runs: a folder of saved runs; those directly in it can be opened on the page.
        announce: is told the address, and where the pages of a class come in.
        host: where to listen; by default this machine only.
        origins, base_path: by what names and under what path a proxy shows it.
        class_of: for a class of so many pages; ``link`` is its task.

    Raises:
        ConfigError: an address, name, path or token that cannot be used.
    """
    named = tuple(map(origin_of, origins))
    base_path = base_path_of(base_path)
    token = token_for(port)
    doors = [listen(port, host)]
    port = doors[0].getsockname()[1]
    state = of_link(link) if link else "room=model" if run else ""
    if class_of:
        if host not in (HOST, EVERYWHERE):
            doors.append(listen(port, HOST))  # the teacher's, on this machine
        places = () if named else tuple(f"http://{name}:{port}" for name in names_of(host))
        rooms = tuple(f"{place}{base_path}" for place in named or places)
        classroom = Classroom(state, class_of, rooms)
        named = (*named, *(place for place in places if HOST not in place))
        address, told = written(port, token) + "wall.html", rooms
    else:
        classroom, told = None, ()
        address = written(port, token, named, base_path) + (f"#{state}" if state else "")
    access = Access(port, named, base_path)
    server = server_for(create_app(token, access, Offered(run, data_dir, runs), classroom))
    logging.getLogger("uvicorn.error").addFilter(_worth_saying)
    threading.Thread(target=_prepare, args=(state,), name="prepare", daemon=True).start()
    announce(address, *told)
    if browser:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH)
    try:
        # Matrix products on one thread: the browser draws on the others (two cores, the
        # largest network: 43 → 56 frames a second).
        with threadpool_limits(1, user_api="blas"):
            server.run(sockets=doors)
    except KeyboardInterrupt:
        pass  # uvicorn has ended cleanly and raises it once more
    finally:
        sys.setswitchinterval(before)
        for door in doors:
            door.close()
