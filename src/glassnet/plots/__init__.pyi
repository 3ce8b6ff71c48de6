from glassnet.plots.activations import activation_curves as activation_curves
from glassnet.plots.attribution import (
    attribution_bars as attribution_bars,
    attribution_image as attribution_image,
)
from glassnet.plots.augmented import augmentation as augmentation
from glassnet.plots.boundary import (
    decision_boundary as decision_boundary,
    regression_curve as regression_curve,
)
from glassnet.plots.calculus import (
    gradient_field as gradient_field,
    surface as surface,
    tangents as tangents,
)
from glassnet.plots.columns import (
    effect_bars as effect_bars,
    importance_bars as importance_bars,
)
from glassnet.plots.confusion import confusion_matrix as confusion_matrix
from glassnet.plots.curves import (
    learning_curves as learning_curves,
    learning_rate_curve as learning_rate_curve,
)
from glassnet.plots.data import data_points as data_points
from glassnet.plots.dependence import dependence_curves as dependence_curves
from glassnet.plots.descents import descent as descent, race as race
from glassnet.plots.film import descent_animation as descent_animation
from glassnet.plots.gallery import image_strip as image_strip, mistakes as mistakes
from glassnet.plots.judgement import (
    group_errors as group_errors,
    reliability_curve as reliability_curve,
    residual_plot as residual_plot,
)
from glassnet.plots.network import network_drawing as network_drawing
from glassnet.plots.recording import (
    RecorderLike as RecorderLike,
    recorded_activations as recorded_activations,
    recording_curves as recording_curves,
)
from glassnet.plots.searched import search_history as search_history
from glassnet.plots.style import save as save
from glassnet.plots.values import value_map as value_map
from glassnet.plots.weights import (
    activation_histograms as activation_histograms,
    histograms as histograms,
    weight_histograms as weight_histograms,
    weight_images as weight_images,
)
from glassnet.plots.filter_images import filters as filters
from glassnet.plots.embedding_plane import embedding as embedding
from glassnet.plots.stages import feature_maps as feature_maps
from glassnet.plots.over_image import (
    grad_cam as grad_cam,
    occlusion as occlusion,
    saliency as saliency,
)
from glassnet.plots.strongest import strongest_patches as strongest_patches
