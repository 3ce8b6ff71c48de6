"""What earlier lessons built, for the later ones: each lesson stands alone.

The same classes as ``glassnet check LESSON --solution`` prints.
"""

from glassnet.course.lessons.affine.solution import Affine as Affine
from glassnet.course.lessons.relu.solution import ReLU as ReLU
from glassnet.course.lessons.relu.solution import Sigmoid as Sigmoid
from glassnet.course.lessons.softmax_loss.solution import SoftmaxWithLoss as SoftmaxWithLoss
