"""What goes wrong in a convolution."""

from glassnet.course.lesson import Mutant

PAD = "np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))"
READ = "windows[:, :, :, a, b, :] = padded[:, a:down:stride, b:right:stride, :]"
ADD = "padded[:, a:down:stride, b:right:stride, :] += windows[:, :, :, a, b, :]"
CUT = "return padded[:, pad : pad + rows, pad : pad + columns, :]"
ROWS = "return windows.reshape(n * oh * ow, kh * kw * channels)"
OUT = "out = self.col @ self.W.reshape(-1, filters) + self.b"
DCOL = "dcol = dz @ self.W.reshape(-1, filters).T"
DB = "self.db = dz.sum(axis=0)"
TURNED = "self.W[::-1, ::-1].reshape(-1, filters)"

MUTANTS = (
    Mutant("padded_at_the_end", "im2col", PAD,
           "np.pad(x, ((0, 0), (0, 2 * pad), (0, 2 * pad), (0, 0)))"),
    Mutant("padded_with_the_edge", "im2col", PAD, f"{PAD[:-1]}, mode='edge')"),
    Mutant("channels_first", "im2col", ROWS,
           "return windows.transpose(0, 1, 2, 5, 3, 4).reshape(n * oh * ow, -1)"),
    Mutant("windows_column_by_column", "im2col", ROWS,
           "return windows.transpose(0, 2, 1, 3, 4, 5).reshape(n * oh * ow, -1)"),
    Mutant("stride_left_out", "im2col", READ,
           "windows[:, :, :, a, b, :] = padded[:, a : a + oh, b : b + ow, :]"),
    Mutant("col2im_overwrites", "col2im", ADD, ADD.replace("+=", "=")),
    Mutant("padding_wrong_side", "col2im", CUT, "return padded[:, :rows, :columns, :]"),
    Mutant("padding_not_cut_off", "col2im", CUT, "return padded"),
    Mutant("overlap_averaged", "col2im", CUT,
           "seen = np.zeros_like(padded)\n"
           "    for a in range(kh):\n"
           "        for b in range(kw):\n"
           "            seen[:, a : a + stride * oh : stride, b : b + stride * ow : stride] += 1\n"
           "    padded = padded / np.maximum(seen, 1)\n"
           f"    {CUT}"),
    Mutant("flipped_kernel", "Conv2D", DCOL, f"dcol = dz @ {TURNED}.T"),
    Mutant("kernel_turned", "Conv2D", OUT, f"out = self.col @ {TURNED} + self.b"),
    Mutant("bias_mean_over_places", "Conv2D", DB,
           "self.db = dout.mean(axis=(1, 2)).sum(axis=0)"),
    Mutant("bias_gradient_of_each_place", "Conv2D", DB, "self.db = dout.sum(axis=0)"),
    Mutant("places_and_filters_mixed", "Conv2D", "return out.reshape(n, oh, ow, filters)",
           "return out.reshape(n, filters, oh, ow).transpose(0, 2, 3, 1)"),
    Mutant("divided_by_n_again", "Conv2D", "(self.col.T @ dz).reshape(self.W.shape)",
           "(self.col.T @ dz).reshape(self.W.shape) / len(dout)"),
    Mutant("divided_by_places", "Conv2D", "(self.col.T @ dz).reshape(self.W.shape)",
           "(self.col.T @ dz).reshape(self.W.shape) / len(dz)"),
)  # fmt: skip
