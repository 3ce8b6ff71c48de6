"""The rooms of the lab, each in a folder of its own; and how the lab is built.

``glassnet lab`` starts a server on this machine (``lab.app``) and opens the page.  Each page
has a ``session.state.Session``: plain data and a network, in a thread of its own
(``session.engine``).  The page says ``set``, ``do``, ``ask`` or ``frame``; ``protocol``
is the list of what may be said and how much of it.  Nothing is computed in the browser.

``app``      starts the server and opens the page; ``notebook``, in the process of a notebook;
             ``hub``, as a tile of JupyterLab
``server``   the page and its files, the socket, and what a message does
``rooms``    the rooms of the page, one folder each
``session``  the data, the network and the training of one page
``fields``   the table of everything that can be set; ``kinds``, of what kind it is
``protocol`` and ``frames``: what page and server say to each other

How a room is added
-------------------
A room is found by its folders.  No list has to know it.

1. ``lab/rooms/<name>/__init__.py`` declares it: ``ROOM = Room(tab, fields)``.  ``tab`` is its
   place among the tabs; each field gives a control (``lab.control("field")`` in the page), a
   place in the address and in the saved file, validation and limits.  The file is read before
   the page is served, so it imports nothing but the kinds of its fields.
2. ``lab/rooms/<name>/questions.py`` answers: ``QUESTIONS = by_name(what, …)``.
   ``what(session, args)`` runs in the session's thread, so it may use ``session.model``
   freely; ``args`` is a ``protocol.Args``, which checks each value as it is read; the
   result is plain JSON.  What belongs to the room only is kept in ``session.room_state["<name>"]``.
   ``WARM``, if it is there, names questions that are asked ahead of time (``server.warm``).
3. ``static/rooms/<name>/room.js`` is its page: ``export const room = {name, mount}``, fetched
   when it is first shown.  ``mount(lab)`` returns ``{element, show?, hide?, update?, frame?,
   language?, theme?}``: the element to show, and what is called when the room is shown or
   hidden, when the state changed (``update(parts)``), when a frame came (``frame(sections)``;
   only while shown), and when the language or the theme was switched.  ``lab`` offers
   ``lab.state`` (values, structure, data), ``lab.set(field, value)``, ``lab.do(action, args)``,
   ``lab.ask(what, args)`` (a promise), ``lab.control(field)``, ``lab.t(key, values)``,
   ``lab.want(...sections)``.  A style sheet is ``room.css`` beside it.
4. Its texts, in each language of ``glassnet.texts``: ``lab.room.<name>`` for the tab,
   ``lab.field.<name>`` and, for choices, ``lab.choice.<field>.<value>``.
5. Its tests: ``tests/lab/rooms/test_<name>.py``, and ``tests/lab/browser/test_<name>.py`` for
   its page, used as a person would (see the conftest there).

Drawing is in ``static/views/``: they get an element and numbers, and know nothing of rooms.
"""
