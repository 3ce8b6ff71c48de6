import numpy as np


def draw(rng, low, high):
    return 10 ** rng.uniform(np.log10(low), np.log10(high))


def search(candidates, fit, score, train, val, test):
    best, best_score, best_model = None, -np.inf, None
    for candidate in candidates:
        model = fit(candidate, *train)
        now = score(model, *val)
        if now > best_score:
            best, best_score, best_model = candidate, now, model
    return best, best_score, score(best_model, *test)
