from glassnet.data.arrays import (
    as_array as as_array,
    check_arrays as check_arrays,
    check_x as check_x,
    check_y as check_y,
)
from glassnet.data.batches import (
    ArrayBatches as ArrayBatches,
    Batch as Batch,
    BatchSource as BatchSource,
    IterableBatches as IterableBatches,
)
from glassnet.data.catalog import DATASETS as DATASETS, Entry as Entry, load as load
from glassnet.data.customary import (
    one_hot as one_hot,
    to_categorical as to_categorical,
    train_test_split as train_test_split,
)
from glassnet.data.dataset import Dataset as Dataset, hold_out as hold_out
from glassnet.data.image_batches import ImageBatches as ImageBatches
from glassnet.data.image_dataset import image_folder as image_folder
from glassnet.data.image_preprocessing import ImagePreprocessing as ImagePreprocessing
from glassnet.data.table_batches import (
    NumberedBatch as NumberedBatch,
    ParquetBatches as ParquetBatches,
    TableBatches as TableBatches,
)
from glassnet.data.features import (
    BooleanColumn as BooleanColumn,
    CategoryColumn as CategoryColumn,
    DateColumn as DateColumn,
    NumberColumn as NumberColumn,
)
from glassnet.data.preprocessing import Preprocessor as Preprocessor
from glassnet.data.target import Target as Target
from glassnet.data.table_files import read_table as read_table
from glassnet.data.tables import load_table as load_table
from glassnet.data.toy import (
    blobs as blobs,
    circles as circles,
    moons as moons,
    sine as sine,
    spiral as spiral,
    vertical as vertical,
    xor as xor,
)
