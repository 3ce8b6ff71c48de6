"""A folder of photos: images a second of an epoch, and the peak memory, beside Keras and PyTorch.

    python benchmarks/photos.py                              # LeNet, 4,000 JPEGs of 64×64 in colour
    python benchmarks/photos.py --network cnn --each 200 --side 640 --peers glassnet,torch

The folder is drawn first: ten classes, textures with a shape on them. Each peer learns from it with
the same network in a process of its own, in turns: glassnet with its images in memory, and read
beside the training; Keras with ``image_dataset_from_directory``, and that with ``cache()``; PyTorch
with a ``DataLoader`` of two workers, and of none. torchvision is not needed: its ``ImageFolder``
with ``Resize``, ``CenterCrop`` and ``ToTensor`` is written out below. What is compiled is compiled
before the clock starts, on noise. The first epoch counts from the name of the folder on: looking
over it, dividing it, reading it. The memory is that of the process and its workers, pages that they
share counted once (PSS), its highest in samples of 50 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

CLASSES = 10
BATCH = 32
PEERS = ("glassnet", "glassnet_stream", "keras", "keras_cache", "torch", "torch_plain")
# filters and kernels of two convolutions, each behind it a pooling; units of the dense layers
NETWORKS = {"lenet": ((6, 5), (16, 5), (120, 84)), "cnn": ((32, 3), (64, 3), ())}


def draw(folder: Path, each: int, side: int) -> None:
    """Ten classes: five shapes, on stripes or on noise."""
    from PIL import Image, ImageDraw

    rng = np.random.default_rng(0)
    across = np.arange(side)
    for k in range(CLASSES):
        for part, count in (("train", each), ("test", 4)):
            place = folder / part / f"class {k}"
            place.mkdir(parents=True)
            for i in range(count):
                ground = rng.integers(0, 110, 3) + np.zeros((side, side, 3))
                if k % 2:
                    wave = np.sin(across / side * rng.uniform(20, 60))
                    ground += 30 * wave[:, None, None]
                ground += rng.normal(0, 12, ground.shape)
                photo = Image.fromarray(np.uint8(np.clip(ground, 0, 255)))
                cx, cy = rng.uniform(0.35, 0.65, 2) * side
                radius = rng.uniform(0.15, 0.3) * side
                turned = rng.uniform(0, 360)
                colour = tuple(int(n) for n in rng.integers(140, 255, 3))
                pen = ImageDraw.Draw(photo)
                sides = (3, 4, 5, 8)[k // 2 - 1]
                if k < 2:
                    pen.ellipse((cx - radius, cy - radius, cx + radius, cy + radius), fill=colour)
                else:
                    pen.regular_polygon((cx, cy, radius), sides, turned, fill=colour)
                photo.save(place / f"{i:05}.jpg", quality=90)


# ---- the peers ------------------------------------------------------------------------------


class Epochs:
    """The seconds of each epoch, from ``begin`` on."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.begin()

    def begin(self) -> None:
        self.last = time.perf_counter()

    def end(self) -> None:
        now = time.perf_counter()
        self.seconds.append(now - self.last)
        self.last = now


def noise(side: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (BATCH, side, side, 3), np.uint8), np.arange(BATCH) % CLASSES


def with_glassnet(folder: Path, network: str, side: int, epochs: int, stream: bool) -> Epochs:
    from glassnet import Sequential, callbacks, data, layers

    one, two, dense = NETWORKS[network]
    stack: list[Any] = [layers.Rescaling(1 / 255)]
    for filters, kernel in (one, two):
        stack += [layers.Conv2D(filters, kernel, activation="relu"), layers.MaxPooling2D(2)]
    stack += [layers.Flatten(), *(layers.Dense(n, activation="relu") for n in dense)]
    model = Sequential([*stack, layers.Dense(CLASSES, activation="softmax")], seed=0)
    model.build((side, side, 3))
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    warm = model.copy()
    warm.fit(*noise(side), batch_size=BATCH, verbose=0)

    class Clock(callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any) -> None:
            timed.end()

    timed = Epochs()
    memory = 4 << 20 if stream else None
    dataset = data.image_folder(folder, side, True, memory=memory)
    assert (dataset.stream is not None) == stream
    model.fit(dataset, batch_size=BATCH, epochs=epochs, verbose=0, callbacks=Clock())
    return timed


def with_keras(folder: Path, network: str, side: int, epochs: int, cache: bool) -> Epochs:
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import keras
    import tensorflow as tf

    one, two, dense = NETWORKS[network]
    stack: list[Any] = [keras.layers.Input((side, side, 3)), keras.layers.Rescaling(1 / 255)]
    for filters, kernel in (one, two):
        stack += [keras.layers.Conv2D(filters, kernel, activation="relu"),
                  keras.layers.MaxPooling2D(2)]  # fmt: skip
    stack += [
        keras.layers.Flatten(), *(keras.layers.Dense(n, activation="relu") for n in dense),
        keras.layers.Dense(CLASSES, activation="softmax"),
    ]  # fmt: skip
    model = keras.Sequential(stack)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y = noise(side)
    model.fit(x.astype(np.float32), y, batch_size=BATCH, verbose=0)

    class Clock(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            timed.end()

    timed = Epochs()
    batches = keras.utils.image_dataset_from_directory(
        folder / "train", image_size=(side, side), batch_size=BATCH, seed=0, verbose=False,
        crop_to_aspect_ratio=True,
    )  # fmt: skip
    batches = (batches.cache() if cache else batches).prefetch(tf.data.AUTOTUNE)
    model.fit(batches, epochs=epochs, verbose=0, callbacks=[Clock()])
    return timed


def with_torch(folder: Path, network: str, side: int, epochs: int, workers: int) -> Epochs:
    import torch
    from PIL import Image
    from torch import nn

    class ImageFolder(torch.utils.data.Dataset):  # as torchvision's, with the usual transforms
        def __init__(self, root: Path) -> None:
            names = sorted(path.name for path in root.iterdir())
            self.samples = [
                (path, k)
                for k, name in enumerate(names)
                for path in sorted((root / name).iterdir())
            ]

        def __len__(self) -> int:
            return len(self.samples)

        def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
            path, label = self.samples[index]
            with path.open("rb") as file:
                image = Image.open(file).convert("RGB")
            width, height = image.size
            scale = side / min(width, height)
            if scale != 1:
                size = (max(side, round(width * scale)), max(side, round(height * scale)))
                image = image.resize(size, Image.Resampling.BILINEAR)
            left, top = (image.width - side) // 2, (image.height - side) // 2
            image = image.crop((left, top, left + side, top + side))
            array = torch.from_numpy(np.array(image)).permute(2, 0, 1)
            return array.contiguous().to(torch.float32).div(255), label

    one, two, dense = NETWORKS[network]
    stack: list[nn.Module] = []
    channels, size = 3, side
    for filters, kernel in (one, two):
        stack += [nn.Conv2d(channels, filters, kernel), nn.ReLU(), nn.MaxPool2d(2)]
        channels, size = filters, (size - kernel + 1) // 2
    stack.append(nn.Flatten())
    width = channels * size * size
    for units in dense:
        stack += [nn.Linear(width, units), nn.ReLU()]
        width = units
    model = nn.Sequential(*stack, nn.Linear(width, CLASSES))
    optimizer = torch.optim.Adam(model.parameters())
    loss_of = nn.CrossEntropyLoss()

    def step(x: torch.Tensor, y: torch.Tensor) -> None:
        optimizer.zero_grad()
        loss = loss_of(model(x), y)
        loss.backward()
        optimizer.step()

    x, y = noise(side)
    for _ in range(3):
        step(torch.from_numpy(x).permute(0, 3, 1, 2).float() / 255, torch.from_numpy(y))
    timed = Epochs()
    loader = torch.utils.data.DataLoader(
        ImageFolder(folder / "train"), BATCH, shuffle=True, num_workers=workers,
        persistent_workers=workers > 0,
    )  # fmt: skip
    for _ in range(epochs):
        for images, labels in loader:
            step(images, labels)
        timed.end()
    return timed


RUN: dict[str, Callable[[Path, str, int, int], Epochs]] = {
    "glassnet": lambda *a: with_glassnet(*a, False),
    "glassnet_stream": lambda *a: with_glassnet(*a, True),
    "keras": lambda *a: with_keras(*a, False),
    "keras_cache": lambda *a: with_keras(*a, True),
    "torch": lambda *a: with_torch(*a, 2),
    "torch_plain": lambda *a: with_torch(*a, 0),
}


# ---- the measurement ------------------------------------------------------------------------


def measured(arguments: list[str]) -> dict[str, Any]:
    """What a process says, its peak memory and its processor time, workers included."""
    import psutil

    begun = subprocess.Popen([sys.executable, __file__, *arguments], stdout=subprocess.PIPE)
    peak = 0
    over = threading.Event()

    def watch() -> None:
        nonlocal peak
        root = psutil.Process(begun.pid)
        while not over.wait(0.05):
            taken = 0
            try:
                for process in (root, *root.children(recursive=True)):
                    text = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
                    taken += int(text.partition("\nPss:")[2].split()[0]) * 1024
            except (psutil.Error, OSError, IndexError, ValueError):
                continue
            peak = max(peak, taken)

    watcher = threading.Thread(target=watch)
    watcher.start()
    said = begun.communicate()[0]
    over.set()
    watcher.join()
    if begun.returncode:
        raise SystemExit(f"{arguments} failed")
    return {**json.loads(said.splitlines()[-1]), "peak": peak}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--network", choices=NETWORKS, default="lenet")
    options.add_argument("--each", type=int, default=400, help="photos of each class")
    options.add_argument("--side", type=int, default=64, help="of the photos, in pixels")
    options.add_argument("--size", type=int, default=64, help="that is learned from")
    options.add_argument("--epochs", type=int, default=3)
    options.add_argument("--turns", type=int, default=3)
    options.add_argument("--peers", default=",".join(PEERS))
    options.add_argument("--worker", help=argparse.SUPPRESS)
    options.add_argument("--folder", type=Path, help="one that was drawn before")
    given = options.parse_args()
    if given.worker:
        used = time.process_time()
        timed = RUN[given.worker](given.folder, given.network, given.size, given.epochs)
        spent = os.times()
        print(json.dumps({
            "seconds": timed.seconds,
            "cpu": time.process_time() - used + spent.children_user + spent.children_system,
        }))  # fmt: skip
        return
    with tempfile.TemporaryDirectory() as made:
        folder = given.folder or Path(made) / "photos"
        if not folder.exists():
            draw(folder, given.each, given.side)
        count = sum(1 for _ in (folder / "train").rglob("*.jpg"))
        found: dict[str, list[dict[str, Any]]] = {peer: [] for peer in given.peers.split(",")}
        for turn in range(given.turns):
            for peer in found if turn % 2 == 0 else reversed(found):
                found[peer].append(measured([
                    "--worker", peer, "--folder", str(folder), "--network", given.network,
                    "--size", str(given.size), "--epochs", str(given.epochs),
                ]))  # fmt: skip
                print(f"{peer}: {found[peer][-1]}", file=sys.stderr)
        print(f"\n{count:,} photos, {given.network}, batches of {BATCH}\n")
        print("| | images a second, first epoch | later epochs | peak memory |\n|---|---|---|---|")
        for peer, rows in found.items():
            first = [count / row["seconds"][0] for row in rows]
            later = [count / seconds for row in rows for seconds in row["seconds"][1:]]
            peak = statistics.median(row["peak"] for row in rows) / 1e6
            print(f"| {peer} | {spread(first)} | {spread(later)} | {peak:,.0f} MB |")


def spread(rates: list[float]) -> str:
    """The median, and in brackets the smallest and the largest."""
    if not rates:
        return "–"
    return f"{statistics.median(rates):,.0f} ({min(rates):,.0f} … {max(rates):,.0f})"


if __name__ == "__main__":
    main()
