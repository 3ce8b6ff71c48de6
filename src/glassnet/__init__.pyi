from glassnet import (
    activations as activations,
    calculus as calculus,
    callbacks as callbacks,
    course as course,
    data as data,
    distribute as distribute,
    errors as errors,
    experiments as experiments,
    explain as explain,
    initializers as initializers,
    insight as insight,
    interop as interop,
    lab as lab,
    layers as layers,
    losses as losses,
    metrics as metrics,
    networks as networks,
    optimizers as optimizers,
    plots as plots,
    schedules as schedules,
    sklearn as sklearn,
    tabular as tabular,
    tune as tune,
    verify as verify,
    vision as vision,
)
from glassnet._core.custom import register as register
from glassnet.course import check as check
from glassnet.callbacks.recorder import LayerRecord as LayerRecord, Recorder as Recorder
from glassnet.diagnosis import diagnose as diagnose
from glassnet.diagnosis.examiner import ExaminedModel as ExaminedModel
from glassnet.diagnosis.report import Diagnosis as Diagnosis, Finding as Finding
from glassnet.errors import GlassnetError as GlassnetError
from glassnet.model import Sequential as Sequential
from glassnet.model.evaluation import Evaluation as Evaluation
from glassnet.model.network import Network as Network
from glassnet.losses.objective import Objective as Objective
from glassnet.model.perceptron import Perceptron as Perceptron
from glassnet.runs.opening import load as load
from glassnet.training.history import History as History
from glassnet.training.targets import Targets as Targets

__version__: str
