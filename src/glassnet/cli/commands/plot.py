"""``glassnet plot WHAT``: pictures of a run, of data, of functions."""

from __future__ import annotations

from glassnet.cli.lazy import LazyGroup

OF_A_RUN = "glassnet.cli.commands.plot_run"
BY_NAME = "glassnet.cli.commands.plot_named"

OF_COLUMNS = "glassnet.cli.commands.plot_columns"
OF_FUNCTIONS = "glassnet.cli.commands.plot_calculus"
OF_IMAGES = "glassnet.cli.commands.plot_images"

PLOTS = {
    "curves": (f"{OF_A_RUN}:curves", "Of runs: loss and metrics by epoch, several compared."),
    "boundary": (f"{OF_A_RUN}:boundary", "Of a run: what it answers in the plane."),
    "regression": (f"{OF_A_RUN}:regression", "Of a run: what it answers, as a curve."),
    "confusion": (f"{OF_A_RUN}:confusion", "Of a run: which classes are taken for which."),
    "importance": (f"{OF_COLUMNS}:importance", "Of a run: what each column is worth."),
    "dependence": (f"{OF_COLUMNS}:dependence", "Of a run: what it answers along a column."),
    "calibration": (f"{OF_COLUMNS}:calibration", "Of a run: can its probabilities be believed?"),
    "residuals": (f"{OF_COLUMNS}:residuals", "Of a run: how far values are off."),
    "groups": (f"{OF_COLUMNS}:groups", "Of a run: for which rows it is wrong more often."),
    "mistakes": (f"{OF_A_RUN}:mistakes", "Of a run: the images it gets wrong."),
    "filters": (f"{OF_IMAGES}:filters", "Of a run: filters before and after learning."),
    "featuremaps": (f"{OF_IMAGES}:featuremaps", "Of a run: what each layer makes of an image."),
    "units": (f"{OF_IMAGES}:units", "Of a run: what each unit answers most to."),
    "occlusion": (f"{OF_IMAGES}:occlusion", "Of a run: which parts of an image it needs."),
    "saliency": (f"{OF_IMAGES}:saliency", "Of a run: which pixels its score answers to."),
    "gradcam": (f"{OF_IMAGES}:gradcam", "Of a run: where it sees what speaks for a class."),
    "embedding": (f"{OF_IMAGES}:embedding", "Of a run: the held-out images in the plane."),
    "weights": (f"{OF_A_RUN}:weights", "Of a run: first-layer weights or filters as images."),
    "network": (f"{OF_A_RUN}:network", "Of a run: units and weights as a drawing."),
    "histograms": (f"{OF_A_RUN}:histograms", "Of a run: weights by layer."),
    "outputs": (f"{OF_A_RUN}:outputs", "Of a run: what each layer gives out."),
    "augmentation": (
        "glassnet.cli.commands.plot_augmentation:augmentation",
        "Of images: what augmentation does to them.",
    ),
    "data": (f"{BY_NAME}:data", "A data set: its points, or its first images."),
    "activations": (f"{BY_NAME}:activations", "Activation functions and their derivatives."),
    "schedule": (f"{BY_NAME}:schedule", "How the learning rate changes with the steps."),
    "tangent": (f"{OF_FUNCTIONS}:tangent", "A function of x with its tangents."),
    "field": (f"{OF_FUNCTIONS}:field", "The gradient of a function of x0, x1 as arrows."),
    "surface": (f"{OF_FUNCTIONS}:surface", "A function of x0, x1 in space."),
    "descent": (f"{OF_FUNCTIONS}:descent", "The path of gradient descent."),
    "race": (f"{OF_FUNCTIONS}:race", "Several optimizers on one surface."),
}

plot = LazyGroup(
    PLOTS,
    name="plot",
    help="""Draw a picture into a file: PNG, SVG or PDF, by its suffix.

    Without --out it goes into the run's folder, or into the current one.
    """,
)
