"""What goes wrong in a search for hyperparameters."""

from glassnet.course.lesson import Mutant

DRAW = "return 10 ** rng.uniform(np.log10(low), np.log10(high))"
FIT = "model = fit(candidate, *train)"
NOW = "now = score(model, *val)"
BETTER = "if now > best_score:"
END = "return best, best_score, score(best_model, *test)"

MUTANTS = (
    Mutant("uniform_draw", "draw", DRAW, "return rng.uniform(low, high)"),
    Mutant("exponent_returned", "draw", DRAW, DRAW.replace("10 ** ", "")),
    Mutant("e_for_ten", "draw", DRAW, DRAW.replace("10 ** rng", "np.exp(rng").replace("))", ")))")),
    Mutant("whole_powers_only", "draw", DRAW,
           "return 10.0 ** np.round(rng.uniform(np.log10(low), np.log10(high)))"),
    Mutant("chosen_by_test", "search", NOW, "now = score(model, *test)"),
    Mutant("chosen_by_training", "search", NOW, "now = score(model, *train)"),
    Mutant("trained_on_validation", "search", FIT, "model = fit(candidate, *val)"),
    Mutant("last_model_tested", "search", END, "return best, best_score, score(model, *test)"),
    Mutant("smallest_score", "search", BETTER, "if best is None or now < best_score:"),
    Mutant("last_of_equals", "search", BETTER, "if now >= best_score:"),
    Mutant("test_in_every_round", "search", NOW, f"{NOW}; score(model, *test)"),
)  # fmt: skip
