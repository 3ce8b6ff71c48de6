"""The lab: a page in the browser where a network is built, trained, and taken apart.

``glassnet lab`` starts a server on this machine and opens the page; in a notebook :func:`show`
does, with a network of one's own.  How the lab is built, and how a room is added, stands in
``lab/rooms/__init__.py``.
"""

from glassnet._core.lazy import attach

__getattr__, __dir__ = attach(__name__)
