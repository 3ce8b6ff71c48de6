"""The lab as a tile of JupyterLab, on JupyterHub and on Binder, by way of jupyter-server-proxy."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import Any

from glassnet import texts
from glassnet.lab.address import VARIABLE
from glassnet.lab.server.guard import PROXY

NAME = "glassnet"  # as the entry point is called


def server() -> dict[str, Any]:
    """What jupyter-server-proxy starts, and the tile that opens it.

    Jupyter has asked who comes, and compares ``Origin`` with its own name, before it passes
    anything on; what it passes on names the lab itself.  The token keeps out the other users of
    the machine, who could reach the port without Jupyter; it is not on the command line, which
    they can read.

    It is another one at each start of a server, and so it stands in no address that is kept: the
    proxy's header brings whoever opens ``…/glassnet/`` (the tile, a tab that JupyterLab restores,
    a teacher's link by ``/hub/user-redirect/``) to the address of now.
    """
    token = secrets.token_urlsafe(16)
    command = [sys.executable, "-m", "glassnet", "lab", "--no-browser", "--port", "{port}"]
    return {
        "command": [*command, "--base-path", "{base_url}" + NAME],
        "environment": {VARIABLE: token},
        "timeout": 60,
        "new_browser_tab": False,
        "request_headers_override": {
            "Host": "127.0.0.1:{port}",
            "Origin": "http://127.0.0.1:{port}",
            PROXY: token,
        },
        "launcher_entry": {
            "title": texts.text("lab.notebook.tile", texts.of_reader()),
            "icon_path": str(Path(__file__).parent / "static" / "icon.svg"),
            "path_info": f"{NAME}/",
            "category": "Notebook",
        },
    }
