"""The lab: a page in the browser where a network is built, trained, and taken apart.

``glassnet lab`` starts a server on this machine (:mod:`.server`) and opens the page.  Each
page has a :class:`.session.Session`: plain data and a network, in a thread of its own
(:mod:`.engine`).  The page says ``set``, ``do``, ``ask`` or ``frame``; :mod:`.protocol` is
the list of what may be said and how much of it.  Nothing is computed in the browser.

How a room is added
-------------------
1. **Its fields**: add them to the table in :mod:`.fields` with ``room="name"``.  That alone
   gives a control (``lab.control("field")`` in the page), a place in the address and in the
   saved file, validation and limits.  Texts: ``field.<name>`` and, for choices,
   ``choice.<field>.<value>`` in both languages of :mod:`glassnet.texts`.
2. **Its answers**: a module ``lab/rooms/<name>.py`` with ``ANSWERS = {"what": function}``,
   entered in ``lab/rooms/__init__.py``.  ``function(session, args)`` runs in the session's
   thread, so it may use ``session.model`` freely; ``args`` is a :class:`.protocol.Args`,
   which checks each value as it is read; the result is plain JSON.  What belongs to the room
   only is kept in ``session.kept["<name>"]``.
3. **Its page**: ``static/rooms/<name>.js`` with ``export const room = {name, mount}``,
   entered in ``static/rooms.js``, which fetches it when it is first shown.  ``mount(lab)`` returns
   ``{element, show?, hide?, news?, frame?, language?}``: the element to show, and what is
   called when the room is shown or hidden, when the state changed (``news(parts)``), when a
   frame came (``frame(sections)``; only while shown) and when the language was switched.
   ``lab`` offers ``lab.state`` (values, structure, data), ``lab.set(field, value)``,
   ``lab.do(action, args)``, ``lab.ask(what, args)`` (a promise), ``lab.control(field)``,
   ``lab.t(key, values)``, ``lab.want(...sections)``.  Its style sheet is
   ``static/css/<name>.css``, linked in ``index.html``.
4. **Its tests**: ``tests/lab/rooms/test_<name>.py``, and ``tests/lab/browser/test_<name>.py`` for
   its page, used as a person would (see the conftest there).  Tests of the whole see that the
   texts match in both languages and that the field's labels exist.

Drawing is in ``static/views/``: they get an element and numbers, and know nothing of rooms.
"""
