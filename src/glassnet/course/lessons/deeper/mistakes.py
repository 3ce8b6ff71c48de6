"""What goes wrong at a skip connection, and with moved copies."""

from glassnet.course.lesson import Mutant

SKIP, SHIFT, COPIES = "Residual", "shift", "with_copies"
FORWARD = "return x + self.block.forward(x.copy())"
BACKWARD = "return dout + self.block.backward(dout.copy())"
PADDED = "np.pad(images, ((0, 0), (below, below), (beside, beside)))"
CORNER = "top, left = below - down, beside - right"
CUT = "return padded[:, top : top + rows, left : left + columns]"
APPEND = "copies.append(shift(images, down, right))"
RETURN = "return np.concatenate(copies), np.tile(labels, len(copies))"

MUTANTS = (
    Mutant("skip_left_out", SKIP, FORWARD, "return self.block.forward(x.copy())"),
    Mutant("input_given_away", SKIP, FORWARD,
           "inner = self.block.forward(x)\n        return x + inner"),
    Mutant("multiplied_for_added", SKIP, FORWARD, "return x * self.block.forward(x.copy())"),
    Mutant("skip_gradient_left_out", SKIP, BACKWARD, "return self.block.backward(dout.copy())"),
    Mutant("block_gradient_left_out", SKIP, BACKWARD,
           "self.block.backward(dout.copy())\n        return dout.copy()"),
    Mutant("dout_given_away", SKIP, BACKWARD,
           "inner = self.block.backward(dout)\n        return dout + inner"),
    Mutant("added_into_dout", SKIP, BACKWARD,
           "dout += self.block.backward(dout.copy())\n        return dout"),
    Mutant("gradients_multiplied", SKIP, BACKWARD,
           "return dout * self.block.backward(dout.copy())"),
    Mutant("mean_of_both_ways", SKIP, BACKWARD,
           "return (dout + self.block.backward(dout.copy())) / 2"),
    Mutant("rolled_around", SHIFT, CUT, "return np.roll(images, (down, right), axis=(1, 2))"),
    Mutant("other_way", SHIFT, CORNER, "top, left = below + down, beside + right"),
    Mutant("down_and_right_swapped", SHIFT, "    below, beside = abs(down), abs(right)",
           "    down, right = right, down\n    below, beside = abs(down), abs(right)"),
    Mutant("edge_repeated", SHIFT, PADDED, f"{PADDED[:-1]}, mode='edge')"),
    Mutant("never_up_or_left", SHIFT, CORNER, "top, left = 0, 0"),
    Mutant("minus_zero", SHIFT, CUT,
           "moved = np.zeros_like(images)\n"
           "    moved[:, down:, right:] = images[:, :-down, :-right]\n"
           "    return moved"),
    Mutant("image_grown", SHIFT, CUT, "return padded"),
    Mutant("images_overwritten", SHIFT, CUT,
           "images[:] = padded[:, top : top + rows, left : left + columns]\n    return images"),
    Mutant("labels_one_by_one", COPIES, RETURN,
           "return np.concatenate(copies), np.repeat(labels, len(copies))"),
    Mutant("labels_not_copied", COPIES, RETURN, "return np.concatenate(copies), labels"),
    Mutant("moves_add_up", COPIES, APPEND, "copies.append(shift(copies[-1], down, right))"),
    Mutant("originals_left_out", COPIES, RETURN,
           "return np.concatenate(copies[1:]), np.tile(labels, len(copies) - 1)"),
    Mutant("copies_image_by_image", COPIES, RETURN,
           "side_by_side = np.stack(copies, axis=1).reshape(-1, *images.shape[1:])\n"
           "    return side_by_side, np.tile(labels, len(copies))"),
)  # fmt: skip
