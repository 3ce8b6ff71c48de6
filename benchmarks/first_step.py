"""One training step of glassnet and nothing else:  python first_step.py LeNet"""

from __future__ import annotations

import sys

from peers.glassnet import Steps
from works import IMAGES, Material, Work

NETWORKS = {"784-128-10": Work((784, 128, 10), 128), **{work.title: work for work in IMAGES}}

if __name__ == "__main__":
    Steps(Material(NETWORKS[sys.argv[1]])).run(1)
