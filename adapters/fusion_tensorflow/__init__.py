"""Keras layers and models, and TensorFlow functions, as parts of a network. Importing it imports no TensorFlow."""

from fusion_tensorflow.adapter import Adapter
from fusion_tensorflow.recipes import LayerRecipe, layer
from fusion_tensorflow.train import Train, fit

__all__ = ["Adapter", "LayerRecipe", "Train", "fit", "layer"]
