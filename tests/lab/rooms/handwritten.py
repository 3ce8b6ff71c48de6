"""Digits as a hand draws them with a mouse: lines and arcs, shaken, leaned, moved and resized."""

from __future__ import annotations

import math

import numpy as np

from glassnet.lab.rooms.digits.drawing import Stroke


def arc(x, y, rx, ry, start, end, n=24):
    """Points of an ellipse; degrees, 0 to the right, 90 downwards."""
    t = np.radians(np.linspace(start, end, n))
    return [(x + rx * math.cos(a), y + ry * math.sin(a)) for a in t]


# Each digit in a few of the ways in which people write it; y goes down from 0 to 1.
WAYS = {
    0: [[arc(0.3, 0.5, 0.3, 0.5, -90, 270)], [arc(0.35, 0.5, 0.35, 0.5, -60, 310)],
        [arc(0.4, 0.5, 0.4, 0.48, -100, 262)]],
    1: [[[(0.1, 0), (0.1, 1)]], [[(0, 0.25), (0.2, 0), (0.2, 1)]],
        [[(0.25, 0), (0, 1)]], [[(0, 0.2), (0.2, 0), (0.2, 1)], [(0.02, 1), (0.4, 1)]]],
    2: [[[*arc(0.3, 0.28, 0.3, 0.28, 190, 380), (0.05, 0.98), (0.62, 0.98)]],
        [[*arc(0.3, 0.3, 0.28, 0.3, 200, 400), (0, 1), (0.6, 0.95)]],
        [[*arc(0.3, 0.25, 0.3, 0.25, 180, 390), (0.1, 0.9),
          *arc(0.1, 0.9, 0.08, 0.06, 180, 360, 8), (0.65, 1)]]],
    3: [[[*arc(0.25, 0.25, 0.28, 0.25, 200, 430), *arc(0.25, 0.73, 0.33, 0.27, 285, 510)]],
        [[(0.02, 0.02), (0.55, 0.02), (0.25, 0.4), *arc(0.25, 0.7, 0.33, 0.3, 270, 500)]],
        [[*arc(0.3, 0.27, 0.25, 0.25, 180, 440), *arc(0.3, 0.75, 0.3, 0.25, 280, 530)]]],
    4: [[[(0.35, 0), (0, 0.6), (0.65, 0.6)], [(0.5, 0.3), (0.5, 1)]],
        [[(0.05, 0.02), (0.02, 0.5), (0.6, 0.5)], [(0.6, 0), (0.55, 1)]],
        [[(0.5, 1), (0.5, 0), (0, 0.65), (0.7, 0.65)]]],
    5: [[[(0.6, 0), (0.1, 0), (0.06, 0.42), *arc(0.25, 0.69, 0.34, 0.31, 235, 490)]],
        [[(0.1, 0.02), (0.06, 0.45), *arc(0.25, 0.7, 0.32, 0.3, 250, 480)],
         [(0.1, 0.02), (0.6, 0)]],
        [[(0.55, 0.02), (0.12, 0.05), (0.1, 0.45), (0.35, 0.42),
          *arc(0.28, 0.7, 0.3, 0.28, 290, 510)]]],
    6: [[[(0.45, 0), (0.15, 0.35), *arc(0.3, 0.7, 0.28, 0.3, 190, 540)]],
        [[*arc(0.45, 0.5, 0.43, 0.5, 260, 180), *arc(0.3, 0.72, 0.28, 0.27, 180, 530)]],
        [[(0.4, 0), (0.08, 0.6), *arc(0.3, 0.75, 0.25, 0.24, 170, 500)]]],
    7: [[[(0, 0), (0.6, 0), (0.2, 1)]],
        [[(0, 0.05), (0.6, 0.02), (0.3, 1)], [(0.15, 0.5), (0.6, 0.5)]],
        [[(0.02, 0.2), (0.02, 0), (0.6, 0), (0.25, 1)]]],
    8: [[[*arc(0.3, 0.25, 0.24, 0.25, 90, 450), *arc(0.3, 0.74, 0.3, 0.25, 270, 630)]],
        [[*arc(0.3, 0.25, 0.24, 0.24, -30, -270), *arc(0.3, 0.74, 0.28, 0.26, -90, 270),
          (0.52, 0.14)]],
        [[*arc(0.3, 0.23, 0.25, 0.23, 90, 450)], [*arc(0.3, 0.73, 0.28, 0.27, 270, 630)]]],
    9: [[[*arc(0.3, 0.28, 0.28, 0.28, 0, -360), (0.58, 0.28), (0.5, 1)]],
        [[*arc(0.28, 0.28, 0.28, 0.28, -20, -370), (0.56, 0.3), (0.5, 0.85), (0.15, 1)]],
        [[*arc(0.3, 0.27, 0.26, 0.27, 0, -360), (0.56, 0.27), (0.56, 1)]]],
}  # fmt: skip


def draw(digit, way=0, rng=None, size=0.62, place=(0.5, 0.5), width=0.08, shake=1.0):
    """The strokes of a digit; ``rng`` shakes, leans, stretches, moves and resizes them."""
    lines = [np.array(line, float) for line in WAYS[digit][way % len(WAYS[digit])]]
    everything = np.concatenate(lines)
    middle = (everything.max(axis=0) + everything.min(axis=0)) / 2
    change = np.eye(2) * size
    move = np.array(place, float)
    if rng is not None:
        lean, turn = rng.normal(0, 0.10) * shake, rng.normal(0, 0.06) * shake
        wide = math.exp(rng.normal(0, 0.12) * shake)
        turning = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
        change = change @ turning @ np.array([[wide, -lean], [0, 1]])
        change = change * math.exp(rng.normal(-0.1, 0.2))
        move = move + rng.normal(0, 0.04, 2)
        width = width * math.exp(rng.normal(0, 0.2))
    strokes = []
    for line in lines:
        points = resampled(line)
        if rng is not None:
            wave = np.cumsum(rng.normal(0, 0.006 * shake, points.shape), axis=0)
            points = points + wave - wave.mean(axis=0)
        strokes.append(Stroke(np.clip((points - middle) @ change.T + move, 0, 1), width))
    return strokes


def resampled(line, step=0.03):
    """Points at even distances along a line of a few corners."""
    lengths = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    n = max(2, int(lengths[-1] / step))
    at = np.linspace(0, lengths[-1], n)
    return np.column_stack([np.interp(at, lengths, line[:, i]) for i in (0, 1)])
