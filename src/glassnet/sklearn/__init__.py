"""Estimators for scikit-learn: its own multi-layer perceptrons, faster and with more to set.

Changing one line of a program is enough::

    from sklearn.neural_network import MLPClassifier
    from glassnet.sklearn import MLPClassifier
"""

from glassnet.sklearn.classifier import MLPClassifier
from glassnet.sklearn.networks import NetworkClassifier, NetworkRegressor
from glassnet.sklearn.regressor import MLPRegressor
from glassnet.sklearn.tabular import TabularClassifier, TabularRegressor

__all__ = [
    "MLPClassifier",
    "MLPRegressor",
    "NetworkClassifier",
    "NetworkRegressor",
    "TabularClassifier",
    "TabularRegressor",
]
