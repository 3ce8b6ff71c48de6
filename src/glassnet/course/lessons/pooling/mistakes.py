"""What goes wrong in pooling, and on the way to the dense layer."""

from glassnet.course.lesson import Mutant

POOL, FLAT = "MaxPool", "Flatten"
WON = "self.won = np.arange(size * size)[:, None] == first"
MAX = "return windows.max(axis=3)"
ADD = "dx[:, a : a + s * oh : s, b : b + s * ow : s] += self.won"
ROWS = "return x.reshape(len(x), -1)"
BACK = "return dout.reshape(self.shape)"

MUTANTS = (
    Mutant("pool_gradient_to_all", POOL, WON, "self.won = np.ones_like(windows)"),
    Mutant("pooling_reshaped_rows", POOL, WON,
           "won = np.arange(size * size)[:, None] == first\n"
           "        self.won = np.moveaxis(won, 3, 4).reshape(windows.shape)"),
    Mutant("gradient_shared_out", POOL, WON,
           "self.won = np.full_like(windows, 1 / (size * size))"),
    Mutant("all_equals_win", POOL, WON,
           "self.won = windows == windows.max(axis=3, keepdims=True)"),
    Mutant("last_of_equals", POOL, WON,
           "last = size * size - 1 - windows[:, :, :, ::-1].argmax(axis=3, keepdims=True)\n"
           "        self.won = np.arange(size * size)[:, None] == last"),
    Mutant("gradient_times_value", POOL, WON,
           "self.won = windows * (np.arange(size * size)[:, None] == first)"),
    Mutant("place_turned", POOL, "k = a * size + b", "k = b * size + a"),
    Mutant("overlap_overwritten", POOL, ADD, ADD.replace("+=", "=")),
    Mutant("stride_ignored", POOL, "self.size, self.stride = size, stride",
           "self.size, self.stride = size, size"),
    Mutant("largest_from_zero", POOL, MAX, "return windows.max(axis=3, initial=0)"),
    Mutant("mean_for_maximum", POOL, MAX, "return windows.mean(axis=3)"),
    Mutant("one_maximum_for_all_channels", POOL, MAX,
           "return windows.max(axis=(3, 4))[..., None] * np.ones(channels)"),
    Mutant("samples_flattened_too", FLAT, ROWS, "return x.reshape(-1)"),
    Mutant("samples_mixed", FLAT, ROWS, "return x.reshape(-1, len(x)).T"),
    Mutant("channel_after_channel", FLAT, ROWS,
           "return x.transpose(0, 3, 1, 2).reshape(len(x), -1)"),
    Mutant("column_after_column", FLAT, ROWS,
           "return x.transpose(0, 2, 1, 3).reshape(len(x), -1)"),
    Mutant("other_order_on_the_way_back", FLAT, BACK,
           "n, rows, columns, channels = self.shape\n"
           "        return dout.reshape(n, channels, rows, columns).transpose(0, 2, 3, 1)"),
    Mutant("gradient_left_flat", FLAT, BACK, "return dout"),
)  # fmt: skip
