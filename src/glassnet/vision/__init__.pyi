from glassnet.vision.cam import GradCam as GradCam, grad_cam as grad_cam
from glassnet.vision.plane import Embedding as Embedding, embedding as embedding
from glassnet.vision.field import (
    ReceptiveField as ReceptiveField,
    receptive_field as receptive_field,
)
from glassnet.vision.weighing import Filters as Filters, filters as filters, untrained as untrained
from glassnet.vision.maps import (
    FeatureMaps as FeatureMaps,
    Stage as Stage,
    feature_maps as feature_maps,
)
from glassnet.vision.occluding import Occlusion as Occlusion, occlusion as occlusion
from glassnet.vision.gradients import Saliency as Saliency, saliency as saliency
from glassnet.vision.tapping import layer_outputs as layer_outputs
from glassnet.vision.units import Spot as Spot, Strongest as Strongest, strongest as strongest
