"""The course: lessons that lead, and exercises that judge what a learner wrote.

A lesson is a folder in ``lessons/``: its text in each language, the file to write, the solution,
the wrong solutions that are known by name, and the checks.  Everything else here is the engine
that reads lessons and asks them; it knows none by name.

>>> from glassnet.course.catalog import lessons
>>> lessons()["relu"].number
16
"""

from glassnet._core.lazy import attach

__getattr__, __dir__ = attach(__name__)
