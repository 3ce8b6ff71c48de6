"""What goes wrong with shapes."""

from glassnet.course.lesson import Mutant

FLAT = "b = np.reshape(b, -1)"
PRODUCT = "return np.dot(x, W) + b"

MUTANTS = (
    Mutant("column_added", "affine", FLAT, "b = np.asarray(b)"),
    Mutant("elementwise_product", "affine", PRODUCT,
           "return np.sum(x[..., None] * W, axis=0) + b"),
    Mutant("order_swapped", "affine", PRODUCT, "return np.dot(W.T, x) + b"),
    Mutant("always_a_batch", "affine", PRODUCT, "return np.dot(np.atleast_2d(x), W) + b"),
    Mutant("bias_left_out", "affine", PRODUCT, "return np.dot(x, W)"),
    Mutant("bias_added_in_place", "affine", FLAT + "\n    " + PRODUCT,
           "b += np.dot(x, W); return b"),
    Mutant("outputs_summed", "affine", PRODUCT, "return np.sum(np.dot(x, W) + b, axis=-1)"),
)  # fmt: skip
