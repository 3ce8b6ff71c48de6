"""How what a learner wrote is judged.

``source`` reads the file, ``process`` runs it in a process of its own (``child`` is that process),
``judge`` makes the lesson's checks, through the ``trial`` that each check gets.
"""
