import numpy as np


def predict_in_batches(predict, x, size):
    scores = []
    for start in range(0, len(x), size):
        scores.append(predict(x[start : start + size]))
    return np.concatenate(scores)


def accuracy_in_batches(predict, x, t, size):
    right = 0
    for i in range(0, len(x), size):
        answers = np.argmax(predict(x[i : i + size]), axis=1)
        right += np.sum(answers == t[i : i + size])
    return right / len(x)
