"""Lets ``plt.show()`` find the pictures, where a program uses pyplot itself.

pyplot keeps a list of the figures that it will show. glassnet never imports pyplot; where it is
there already, a new picture is put on that list, and taken off once it was shown or filed.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import Any

from matplotlib.figure import Figure

# Backends that only write files: nothing of theirs can be shown.
SILENT = ("agg", "cairo", "pdf", "pgf", "ps", "svg", "template")


def offer(figure: Figure) -> None:
    """Put ``figure`` on pyplot's list, if the program has one and can show something."""
    pyplot: Any = sys.modules.get("matplotlib.pyplot")
    if (
        pyplot is None
        or getattr(figure.canvas, "manager", None) is not None
        or threading.current_thread() is not threading.main_thread()
        or pyplot.get_backend().lower() in SILENT
    ):
        return
    # what pyplot.figure(figure) does from Matplotlib 3.11 on
    manager = pyplot._get_backend_mod().new_figure_manager_given_figure(
        max(pyplot.get_fignums(), default=0) + 1, figure
    )
    pyplot._pylab_helpers.Gcf._set_new_active_manager(manager)
    pyplot.draw_if_interactive()


def withdraw(figure: Figure) -> None:
    """Take ``figure`` off the list: it was shown in another way, or nobody asked to see it."""
    pyplot: Any = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None and getattr(figure.canvas, "manager", None) is not None:
        with contextlib.suppress(Exception):  # a window that is gone already
            pyplot.close(figure)
