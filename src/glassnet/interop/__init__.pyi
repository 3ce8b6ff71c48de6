from glassnet.interop.dlfs import from_dlfs as from_dlfs
from glassnet.interop.estimators import from_sklearn as from_sklearn, to_sklearn as to_sklearn
from glassnet.interop.formats import (
    FORMATS as FORMATS,
    export_model as export_model,
    import_model as import_model,
)
from glassnet.interop.keras.reader import from_keras as from_keras
from glassnet.interop.keras.writer import to_keras as to_keras
from glassnet.interop.onnx.reader import from_onnx as from_onnx
from glassnet.interop.onnx.writer import to_onnx as to_onnx
from glassnet.interop.pickles import (
    load_dlfs_network as load_dlfs_network,
    load_pickle as load_pickle,
)
from glassnet.interop.source.c import to_c as to_c
from glassnet.interop.source.html import to_html as to_html
from glassnet.interop.source.python import to_python as to_python
from glassnet.interop.torch.bare import from_torch_weights as from_torch_weights
from glassnet.interop.torch.files import (
    load_torch_weights as load_torch_weights,
    save_torch_weights as save_torch_weights,
)
from glassnet.interop.torch.modules import to_torch as to_torch
from glassnet.interop.torch.reader import from_torch as from_torch
