"""Keras 3 on TensorFlow, compiled by XLA."""

from peers import keras_tf
from peers.keras_tf import ImagePrediction, ImageSteps, MnistLenet, versions

keras_tf.COMPILED = True

__all__ = ["ImagePrediction", "ImageSteps", "MnistLenet", "versions"]
