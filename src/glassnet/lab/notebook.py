"""The lab inside a notebook: a server in the kernel's own process, the page in a frame.

Outside a notebook the page opens in the browser.
"""

from __future__ import annotations

import gc
import os
import secrets
import sys
import threading
import weakref
import webbrowser
from dataclasses import replace
from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from glassnet import texts
from glassnet.errors import ConfigError
from glassnet.lab import address
from glassnet.lab.fields import ROOMS

if TYPE_CHECKING:
    from glassnet.lab.session.saved import Saved

MOST = 20  # networks that are shown; the oldest goes
HUB = "JUPYTERHUB_SERVICE_PREFIX"  # JupyterHub tells a kernel where its pages stand

# Who may frame the page: a notebook on this machine, or VS Code. The token keeps out all others.
FRAMES = (
    "http://127.0.0.1:*", "http://localhost:*", "https://127.0.0.1:*", "https://localhost:*",
    "vscode-webview:", "vscode-file:", "https://*.vscode-cdn.net",
)  # fmt: skip

# The page says that it is here. If it does not, its kernel has ended: a sentence takes the place
# of an empty frame. Where there is no such address, Jupyter has no proxy, and another one does.
# Where scripts are not run (a notebook that is only read) frame and sentence are seen.
FRAGMENT = """<div id="{id}" class="glassnet-lab">
<p class="glassnet-lab-gone" data-no-proxy="{no_proxy}">{gone}</p>
<iframe src="{src}" title="{title}" width="100%" height="{height}" style="border: 1px solid #8884"
 allow="clipboard-write; fullscreen"></iframe>
<script>(() => {{
  const all = document.getElementById("{id}");
  const [gone, frame] = [all.querySelector("p"), all.querySelector("iframe")];
  const show = (here) => {{ gone.hidden = here; frame.style.display = here ? "" : "none"; }};
  gone.hidden = true;
  const lost = async () => {{
    const answer = await fetch(frame.src, {{ method: "HEAD" }}).catch(() => null);
    if (answer?.status === 404) gone.textContent = gone.dataset.noProxy;
    show(false);
  }};
  const timer = setTimeout(lost, {patience});
  addEventListener("message", (event) => {{
    if (event.source !== frame.contentWindow || event.data !== "glassnet lab is here") return;
    clearTimeout(timer);
    show(true);
  }});
}})();</script>
</div>"""
PATIENCE = 8000  # milliseconds: a kernel that computes answers late


class Running:
    """The server of this process: it starts with the first ``show`` and ends with the process."""

    def __init__(self) -> None:
        from glassnet.lab.app import server_for
        from glassnet.lab.server.guard import Access
        from glassnet.lab.server.offered import Offered
        from glassnet.lab.server.web import create_app

        self.given: dict[str, Saved] = {}
        self._names: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()
        self.token = secrets.token_urlsafe(16)
        self.door = address.listen(0)
        self.port = self.door.getsockname()[1]
        access = Access(self.port, frames=FRAMES, any_name=HUB in os.environ)
        app = create_app(self.token, access, Offered(given=self.given))
        self.server = server_for(app)
        self.thread = threading.Thread(target=self._run, name="lab.show", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        self.server.run(sockets=[self.door])

    def path(self, proxy: str | None) -> str:
        """Where a notebook's page finds the lab: at its port, or by way of Jupyter's proxy."""
        if proxy is None:
            proxy = os.environ.get(HUB)
        if proxy is None:
            return address.written(self.port, self.token)
        return f"{address.base_path_of(proxy)}/proxy/{self.port}/{self.token}/"

    def name(self, model: Any, wanted: str | None) -> str:
        """What a network is called: the same at each call, another for another network."""
        stem = (wanted or str(getattr(model, "name", "") or "model"))[:60]
        if wanted is None and model in self._names:
            return self._names[model]
        if wanted is None and stem in self.given:
            gc.collect()  # a cell that is run again has let go of its network: the name is free
        others = [] if wanted else [name for one, name in self._names.items() if one is not model]
        name, number = stem, 1
        while name in others:
            number += 1
            name = f"{stem} ({number})"
        self._names[model] = name
        return name

    def of(self, model: Any) -> Saved | None:
        """How this very network was shown last."""
        return self.given.get(self._names.get(model, ""))

    def put(self, name: str, saved: Saved) -> None:
        """Show this network; of too many the oldest is forgotten."""
        self.given.pop(name, None)
        self.given[name] = saved
        while len(self.given) > MOST:
            del self.given[next(iter(self.given))]

    def stop(self) -> None:
        """End the server."""
        self.server.should_exit = True
        self.thread.join(10)
        self.door.close()


_running: Running | None = None
_starting = threading.Lock()


def running() -> Running:
    """The server of this process; started, if it is not there."""
    global _running
    with _starting:
        if _running is None or not _running.thread.is_alive():
            _running = Running()
        return _running


def show(
    model: Any = None,
    x: Any = None,
    y: Any = None,
    *,
    name: str | None = None,
    room: str | None = None,
    height: int = 760,
    proxy: str | None = None,
) -> None:
    """Open the lab beside your code, with a network of yours in it.

    In a notebook (Jupyter, JupyterLab, VS Code) the page stands below the cell; elsewhere it
    opens in the browser, and its address is printed.  The network is copied: call ``show`` again
    to see what has been learned since.

    >>> from glassnet import lab
    >>> lab.show(model, x, y)  # doctest: +SKIP

    Args:
        model: a built Sequential, or a fitted estimator of :mod:`glassnet.sklearn`; without one
            the lab opens as ``glassnet lab`` opens it.
        x, y: samples to take steps with, as ``model.evaluate`` takes them.
        name: what the page calls the network.
        room: where it opens: "model" (inside the network) or "step" (one step of its training);
            by default "step" if there are samples and the network can be followed.
        height: of the frame, in pixels.
        proxy: where the notebook's server stands, if it is not on this machine: "/", or
            "/user/kim/". It needs jupyter-server-proxy. On JupyterHub it is known.

    Raises:
        ConfigError: no network of glassnet, or no such room.
        NotBuiltError: a network without weights.
        DataError, LabelError, ShapeError: samples that it was not built for.
    """
    if room is not None and room not in ROOMS:
        raise ConfigError(f"lab.show: room is {room!r}; expected one of {', '.join(ROOMS)}.")
    state = f"room={room}" if room else ""
    lab = running()
    if model is None and (x is not None or y is not None):
        raise ConfigError("lab.show: samples came without a network; pass the model first.")
    if model is not None:
        state = _put(lab, model, x, y, name, room)
    here = lab.path(proxy) + (f"#{state}" if state else "")
    if not _display(here, height):
        print(texts.text("lab.notebook.address", texts.of_reader(), address=here))
        webbrowser.open(here)


def _put(lab: Running, model: Any, x: Any, y: Any, name: str | None, room: str | None) -> str:
    """Show the network under its name; the state in which it opens."""
    from glassnet.lab.rooms.model.questions import not_step
    from glassnet.lab.session.given import given

    saved = given(model, x, y)
    network = getattr(model, "network_", model)
    before = lab.of(network)
    called = lab.name(network, name)
    saved = replace(saved, name=called)
    if room is None:
        room = "step" if saved.rows is not None and not_step(saved) is None else "model"
    state = f"room={room}&run={quote(called)}"
    state += f"&step_run={quote(called)}" if saved.rows is not None else ""
    if saved.rows is None and before is not None and before.name == called:
        saved.model.classes = before.model.classes  # another cell shows it with its samples
        saved = replace(saved, facts=before.facts, rows=before.rows)
    lab.put(called, saved)
    return state


def _display(here: str, height: int) -> bool:
    """Show the page below the cell; False: this is no notebook."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None or not hasattr(shell, "kernel"):
        return False
    display: Any = import_module("IPython.display").display
    language = texts.of_reader()
    html = FRAGMENT.format(
        id=f"glassnet-lab-{secrets.token_hex(4)}", src=escape(here), height=int(height),
        gone=escape(texts.text("lab.notebook.gone", language)), patience=PATIENCE,
        no_proxy=escape(texts.text("lab.notebook.no_proxy", language)),
        title=escape(texts.text("lab.notebook.title", language)),
    )  # fmt: skip
    display({"text/html": html, "text/plain": here}, raw=True)
    return True
