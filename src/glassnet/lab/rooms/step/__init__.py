"""One step: every number of one training step of a network, one after the other."""

from __future__ import annotations

from glassnet.lab.kinds import Names, Room, Text, Whole

# glassnet.explain.MISTAKES, whose import would delay the first page
MISTAKES = (
    "stale_gradient", "softmax_twice", "unstable_formula", "mean_of_bias_gradient",
    "prediction_overwritten", "sum_for_mean", "update_in_backward", "float32_differences",
    "old_velocity", "leftover_gradient", "gradient_overwritten", "flipped_kernel",
    "col2im_overwrites", "padding_wrong_side", "bias_mean_over_places", "pool_gradient_to_all",
    "pooling_reshaped_rows",
)  # fmt: skip


ROOM = Room(
    2,
    (
        Whole("step_first", 0, low=0, high=4999),  # the first sample of the batch
        Whole("step_batch", 1, low=1, high=8),
        Whole("step_sample", 0, low=0, high=7),  # whose numbers are shown
        Whole("step_at", 0, low=0, high=8000),  # where the walk stands
        Text("step_run", ""),  # a saved run; without it the playground's network
        Whole("step_member", 0, low=0, high=199),  # of its ensemble
        Names("mistakes", (), choices=MISTAKES),
    ),
)
