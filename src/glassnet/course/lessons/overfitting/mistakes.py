"""What goes wrong in dropout and weight decay."""

from glassnet.course.lesson import Mutant

DRAW = "kept = self.rng.random(x.shape) >= self.rate"
SCALE = "self.mask = kept / (1 - self.rate)"
BACK = "return dout * self.mask"
LOSS = "return loss + l2 * sum(np.sum(W**2) for W in weights)"
ONLY_W = '    weights = [value for name, value in params.items() if name.startswith("W")]\n'
STEP = "new[name] = grads[name] + 2 * l2 * params[name]"
LOOP = f"""\
        if name.startswith("W"):
            {STEP}
"""

MUTANTS = (
    Mutant("mask_drawn_anew", "Dropout", BACK,
           "return dout * (self.rng.random(dout.shape) >= self.rate) / (1 - self.rate)"),
    Mutant("dropout_at_inference", "Dropout", "        if train:\n", "        if True:\n"),
    Mutant("not_scaled_up", "Dropout", SCALE, "self.mask = kept * 1.0"),
    Mutant("rate_of_the_kept", "Dropout", DRAW, "kept = self.rng.random(x.shape) < self.rate"),
    Mutant("one_mask_for_all_rows", "Dropout", DRAW,
           "kept = np.ones(x.shape) * (self.rng.random(x.shape[1:]) >= self.rate)"),
    Mutant("gradient_not_masked", "Dropout", BACK, "return dout"),
    Mutant("gradient_not_scaled_up", "Dropout", BACK, "return dout * (self.mask > 0)"),
    Mutant("input_of_the_caller", "Dropout", "        return x * self.mask\n",
           "        x *= self.mask\n        return x\n"),
    Mutant("bias_in_the_penalty", "penalized_loss", ONLY_W,
           "    weights = list(params.values())\n"),
    Mutant("half_in_the_loss", "penalized_loss", LOSS, LOSS.replace("l2 *", "0.5 * l2 *")),
    Mutant("root_of_the_sum", "penalized_loss", LOSS,
           "return loss + l2 * np.sqrt(sum(np.sum(W**2) for W in weights))"),
    Mutant("penalty_not_in_the_loss", "penalized_loss", LOSS, "return loss"),
    Mutant("penalty_only_in_the_loss", "penalized_gradients", STEP, "new[name] = grads[name]"),
    Mutant("bias_decayed", "penalized_gradients", LOOP, f"        {STEP}\n"),
    Mutant("half_in_the_gradient", "penalized_gradients", STEP, STEP.replace("2 * ", "")),
    Mutant("gradients_of_the_caller", "penalized_gradients", STEP,
           "new[name] += 2 * l2 * params[name]"),
)  # fmt: skip
