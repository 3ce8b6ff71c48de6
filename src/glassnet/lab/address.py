"""The address of the lab: where it listens, its secret part, and the names it is reached by."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import socket
import sys
from urllib.parse import urlsplit

from glassnet.data.mnist import cache_folder
from glassnet.errors import ConfigError

HOST = "127.0.0.1"  # this machine and no other
EVERYWHERE = "0.0.0.0"  # all addresses of this machine
TOKEN = re.compile(r"[\w-]{22}")
GIVEN_TOKEN = re.compile(r"[\w-]{16,100}")
VARIABLE = "GLASSNET_LAB_TOKEN"
PATH = re.compile(r"(/[\w.~@%+-]+)*")


def listen(port: int, host: str = HOST) -> socket.socket:
    """A socket on loopback, or on the address that was asked for; port 0 takes a free one.

    Raises:
        ConfigError: the port is taken, or may not be used; or the address is not this machine's.
    """
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((host, port))
        door.listen(64)
    except (OSError, OverflowError) as error:
        door.close()
        if host != HOST:
            raise ConfigError(
                f"the lab cannot use {host}, port {port} ({error}). The address must be one of "
                "this machine, or 0.0.0.0 for all of them."
            ) from None
        raise ConfigError(
            f"the lab cannot use port {port} ({error}). Leave --port out to take a free one."
        ) from None
    return door


def names_of(host: str) -> tuple[str, ...]:
    """The addresses by which a network reaches what listens at ``host``."""
    if host != EVERYWHERE:
        return (host,)
    found: dict[str, None] = {}
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.connect(("192.0.2.1", 9))  # nothing is sent: the system says which address it would use
        found[one.getsockname()[0]] = None
    with contextlib.suppress(OSError):
        found |= dict.fromkeys(socket.gethostbyname_ex(socket.gethostname())[2])
    return tuple(name for name in found if not name.startswith("127.")) or (HOST,)


def token_for(port: int) -> str:
    """The secret part of the address: a new one, but of a port that was chosen one that stays.

    Whoever starts the lab for others gives one in the environment.

    Raises:
        ConfigError: that one is too easy to guess, or would not stand in an address.
    """
    given = os.environ.get(VARIABLE)
    if given is None:
        return kept_token() if port else secrets.token_urlsafe(16)
    if not GIVEN_TOKEN.fullmatch(given):
        raise ConfigError(
            f"GLASSNET_LAB_TOKEN has {len(given)} characters that cannot all be used; expected "
            "16 to 100 letters, digits, - or _."
        )
    return given


def kept_token() -> str:
    """The secret part of an address that stays: of a port that was chosen, for a bookmark.

    It lies in a file that only this user can read; where none can be written it is a new one.
    """
    path = cache_folder() / "lab-token"
    try:
        kept = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        kept = ""
    if TOKEN.fullmatch(kept):
        return kept
    token = secrets.token_urlsafe(16)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(token)
    except OSError:
        pass
    return token


def origin_of(text: str) -> str:
    """An origin as browsers write it: ``https://hub.school.kr``, without the usual port.

    Raises:
        ConfigError: it is none.
    """
    wrong = ConfigError(
        f"{text!r} is no origin. Expected a scheme, a name and, if it is not the usual one, a "
        "port: https://hub.school.kr or http://192.168.0.10:8123."
    )
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        raise wrong from None
    name = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not re.fullmatch(r"[\w.-]+|[\da-f:.]+", name):
        raise wrong
    if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise wrong
    name = f"[{name}]" if ":" in name else name
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{name}" + (f":{port}" if port not in (None, usual) else "")


def base_path_of(text: str) -> str:
    """What a proxy puts before every path, without a slash at its end.

    Raises:
        ConfigError: it is no path.
    """
    path = text.rstrip("/")
    if not PATH.fullmatch(path) or ".." in path.split("/"):
        raise ConfigError(
            f"{text!r} is no base path. Expected the part of the address before the lab's own, "
            "from its first slash on: /user/kim/proxy/8123."
        )
    return path


def written(port: int, token: str, origins: tuple[str, ...] = (), base_path: str = "") -> str:
    """The address to open."""
    return f"{origins[0] if origins else f'http://{HOST}:{port}'}{base_path}/{token}/"
