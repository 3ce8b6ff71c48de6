"""Starts the lab on this machine and opens its page."""

from __future__ import annotations

import logging
import secrets
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable

import uvicorn
from threadpoolctl import threadpool_limits

from glassnet.errors import ConfigError
from glassnet.lab.server.web import create_app

HOST = "127.0.0.1"  # this machine and no other
MOST_BYTES = 12_000_000  # of one message: the characters of an upload, in UTF-8
SWITCH = 0.001  # seconds: how soon the training thread lets the web server speak


def listen(port: int) -> socket.socket:
    """A socket on loopback; port 0 takes a free one.

    Raises:
        ConfigError: the port is taken, or may not be used.
    """
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((HOST, port))
        door.listen(64)
    except (OSError, OverflowError) as error:
        door.close()
        raise ConfigError(
            f"the lab cannot use port {port} ({error}). Leave --port out to take a free one."
        ) from None
    return door


def _prepare(state: str) -> None:
    """The imports and the compiling of the first picture, while the browser opens the page."""
    from glassnet.lab.server import warm

    warm.first_picture(state)


def _worth_saying(record: logging.LogRecord) -> bool:
    """Whether to say it: that a page was still waiting for an answer at Ctrl-C is no error."""
    return "graceful shutdown" not in record.getMessage()


def serve(
    port: int = 0,
    browser: bool = True,
    link: str = "",
    run: str | None = None,
    data_dir: str | None = None,
    runs: str = "runs",
    announce: Callable[[str], None] = print,
) -> None:
    """Run the lab until Ctrl-C.

    Args:
        port: 0 takes a free one.
        browser: open the page.
        link: a shared link, or the part of one behind its #: open with that state.
        run: a saved run or model to look at.
        data_dir: a folder with the files of MNIST.
        runs: a folder of saved runs; those directly in it can be opened on the page.
        announce: is told the address.
    """
    door = listen(port)
    port = door.getsockname()[1]
    token = secrets.token_urlsafe(16)
    state = link.rpartition("#")[2] if link else "room=model" if run else ""
    address = f"http://{HOST}:{port}/{token}/" + (f"#{state}" if state else "")
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(token, port, run, data_dir, runs),
            ws="websockets-sansio",
            ws_max_size=MOST_BYTES,
            ws_per_message_deflate=False,  # it never leaves the machine
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
            server_header=False,
        )
    )
    logging.getLogger("uvicorn.error").addFilter(_worth_saying)
    threading.Thread(target=_prepare, args=(state,), name="prepare", daemon=True).start()
    announce(address)
    if browser:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH)
    try:
        # Matrix products on one thread: the browser draws on the others (two cores, the
        # largest network: 43 → 56 frames a second).
        with threadpool_limits(1, user_api="blas"):
            server.run(sockets=[door])
    except KeyboardInterrupt:
        pass  # uvicorn has ended cleanly and raises it once more
    finally:
        sys.setswitchinterval(before)
        door.close()
