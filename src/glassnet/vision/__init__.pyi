from glassnet.vision.field import (
    ReceptiveField as ReceptiveField,
    receptive_field as receptive_field,
)
from glassnet.vision.tapping import layer_outputs as layer_outputs
