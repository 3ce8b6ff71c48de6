"""What a model has learned, looked at by rows of a table that it has not learned from.

>>> from glassnet import insight
>>> rows = insight.Rows.of(model, table)                            # doctest: +SKIP
>>> insight.permutation_importance(rows)                            # doctest: +SKIP
>>> insight.explain_row(rows, 12).sentences()                       # doctest: +SKIP

Each function takes :class:`Rows` and returns plain numbers with a picture (``plot()``), a table
(``str``), JSON (``to_dict``) and a face in notebooks.
"""

from glassnet._core.lazy import attach

__getattr__, __dir__ = attach(__name__)
