"""What goes wrong in a numerical gradient."""

from glassnet.course.lesson import Mutant

COPY = "x = np.array(x, dtype=float)"
BACK = "        x[i] = kept\n        gradient"

BODY = """\
    x = np.array(x, dtype=float)
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        kept = x[i]
        x[i] = kept + h
        above = f(x)
        x[i] = kept - h
        below = f(x)
        x[i] = kept
"""

MUTANTS = (
    Mutant("whole_number_array", "numerical_gradient", COPY, "x = np.array(x)"),
    Mutant("not_put_back", "numerical_gradient", BACK, "        gradient"),
    Mutant("works_on_the_argument", "numerical_gradient", BODY,
           BODY.replace(COPY, "x = np.asarray(x)").replace("        x[i] = kept\n", "")),
    Mutant("row_at_once", "numerical_gradient", "for i in np.ndindex(x.shape):",
           "for i in range(len(x)):"),
    Mutant("divided_by_one_step", "numerical_gradient", "/ (2 * h)", "/ h"),
    Mutant("one_side_only", "numerical_gradient", "x[i] = kept - h", "x[i] = kept"),
    Mutant("gradient_of_last_only", "numerical_gradient", "gradient[i] =", "gradient ="),
)  # fmt: skip
