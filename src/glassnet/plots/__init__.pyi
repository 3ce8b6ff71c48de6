from glassnet.plots.activations import activation_curves as activation_curves
from glassnet.plots.attribution import (
    attribution_bars as attribution_bars,
    attribution_image as attribution_image,
)
from glassnet.plots.boundary import (
    decision_boundary as decision_boundary,
    regression_curve as regression_curve,
)
from glassnet.plots.calculus import (
    gradient_field as gradient_field,
    surface as surface,
    tangents as tangents,
)
from glassnet.plots.confusion import confusion_matrix as confusion_matrix
from glassnet.plots.curves import (
    learning_curves as learning_curves,
    learning_rate_curve as learning_rate_curve,
)
from glassnet.plots.data import data_points as data_points
from glassnet.plots.descents import descent as descent, race as race
from glassnet.plots.film import descent_animation as descent_animation
from glassnet.plots.gallery import image_strip as image_strip, mistakes as mistakes
from glassnet.plots.network import network_drawing as network_drawing
from glassnet.plots.recording import (
    RecorderLike as RecorderLike,
    recorded_activations as recorded_activations,
    recording_curves as recording_curves,
)
from glassnet.plots.style import save as save
from glassnet.plots.values import value_map as value_map
from glassnet.plots.weights import (
    activation_histograms as activation_histograms,
    histograms as histograms,
    weight_histograms as weight_histograms,
    weight_images as weight_images,
)
