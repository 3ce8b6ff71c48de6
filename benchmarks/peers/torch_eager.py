"""PyTorch, eager, with the fused Adam."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from idx import load_mnist
from peers.layouts import channels_first
from torch import nn
from works import DROPOUT, L2, LENET, Conv, ImageWork, InParts, Material, Work

COMPILED = False
LAYOUT = torch.contiguous_format  # of images


def versions() -> dict[str, str]:
    return {"torch": torch.__version__, "threads": str(torch.get_num_threads())}


def image_network(work: ImageWork) -> nn.Sequential:
    stack: list[nn.Module] = []
    pooling = {"max": nn.MaxPool2d, "average": nn.AvgPool2d}
    for part, (_, _, channels) in zip(work.stack, work.features):
        if isinstance(part, Conv):
            padding = part.size // 2 if part.same else 0
            conv = nn.Conv2d(channels, part.filters, part.size, part.stride, padding)
            stack += [conv, nn.ReLU()]
        else:
            stack.append(pooling[part.kind](2))
    stack.append(nn.Flatten())
    for p, q in work.weight_shapes[-len(work.units) :]:
        stack += [nn.Linear(p, q), nn.ReLU()]
    net = nn.Sequential(*stack[:-1])
    return net.to(memory_format=LAYOUT)


def images(x: np.ndarray) -> Any:
    """Channels first; in memory as LAYOUT says."""
    return torch.from_numpy(x).permute(0, 3, 1, 2).contiguous(memory_format=LAYOUT)


def network(work: Work) -> nn.Sequential:
    stack: list[nn.Module] = []
    for p, q in zip(work.sizes, work.sizes[1:-1]):
        stack.append(nn.Linear(p, q))
        if work.extra == "batch_norm":
            stack.append(nn.BatchNorm1d(q, eps=1e-3, momentum=0.01))
        stack.append(nn.ReLU())
        if work.extra == "dropout":
            stack.append(nn.Dropout(DROPOUT))
    stack.append(nn.Linear(work.sizes[-2], work.sizes[-1]))
    return nn.Sequential(*stack)


def with_weights(material: Material) -> nn.Sequential:
    if isinstance(material.work, ImageWork):
        net = image_network(material.work)
        weights = channels_first(material.work, material.weights)
    else:
        net, weights = network(material.work), material.weights
    weighted = [layer for layer in net if isinstance(layer, nn.Linear | nn.Conv2d)]
    with torch.no_grad():
        for layer, (W, b) in zip(weighted, weights):
            layer.weight.copy_(torch.from_numpy(W.T.copy() if W.ndim == 2 else W))
            layer.bias.copy_(torch.from_numpy(b))
    return net


class Steps:
    def __init__(self, material: Material) -> None:
        self.net, work = with_weights(material), material.work
        rate = work.learning_rate
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=rate, eps=1e-7, fused=True)
        tensor = images if isinstance(work, ImageWork) else torch.from_numpy
        self.parts = [(tensor(x), torch.from_numpy(y)) for x, y in material.parts()]
        self.dense = [layer for layer in self.net if isinstance(layer, nn.Linear)]
        self.l2 = work.extra == "l2"
        if COMPILED:
            torch.compiler.reset()  # the network before must not make this one's shapes dynamic
        self.loss = torch.compile(self._loss) if COMPILED else self._loss

    def _loss(self, x: Any, y: Any) -> Any:
        loss = nn.functional.cross_entropy(self.net(x), y)
        if self.l2:
            for layer in self.dense:
                loss = loss + L2 * (layer.weight**2).sum()
        return loss

    def step(self, x: Any, y: Any) -> Any:
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(x, y)
        loss.backward()
        self.optimizer.step()
        return loss

    def losses(self) -> list[float]:
        return [self.step(x, y).item() for x, y in self.parts]

    def run(self, count: int) -> None:
        for i in range(count):
            self.step(*self.parts[i % len(self.parts)])


class Prediction:
    def __init__(self, material: Material, rows: int) -> None:
        self.net = with_weights(material).eval()
        self.net = torch.compile(self.net) if COMPILED else self.net
        self.x = np.resize(material.x, (rows, material.x.shape[1]))

    def run(self, count: int) -> None:
        with torch.inference_mode():
            for _ in range(count):
                torch.softmax(self.net(torch.from_numpy(self.x)), 1).numpy()

    def answer(self) -> list[float]:
        with torch.inference_mode():
            return torch.softmax(self.net(torch.from_numpy(self.x[:1])), 1)[0].tolist()


class ImagePrediction:
    """From images that are laid out as the network likes them."""

    def __init__(self, material: Material, rows: int) -> None:
        self.net = with_weights(material).eval()
        self.first = material.x[:1]
        x = images(np.resize(material.x, (rows, *material.work.shape)))
        self.run = InParts(self.predict, x).run

    def predict(self, x: Any) -> np.ndarray:
        with torch.inference_mode():
            return torch.softmax(self.net(x), 1).numpy()

    def answer(self) -> list[float]:
        return self.predict(images(self.first))[0].tolist()


class Mnist:
    """784-hidden-10, batches of 128, with a DataLoader."""

    def __init__(self, folder: str, hidden: int) -> None:
        x, y, x_test, y_test = (torch.from_numpy(a) for a in load_mnist(folder))
        data = torch.utils.data.TensorDataset(x.float().div_(255).flatten(1), y.long())
        self.test = x_test.float().div_(255).flatten(1), y_test
        self.loader = torch.utils.data.DataLoader(data, batch_size=128, shuffle=True)
        self.net: Any = nn.Sequential(nn.Linear(784, hidden), nn.ReLU(), nn.Linear(hidden, 10))
        self.optimizer = torch.optim.Adam(self.net.parameters(), fused=True)
        self.forward = torch.compile(self.net) if COMPILED else self.net

    def epoch(self) -> None:
        for x, y in self.loader:
            self.optimizer.zero_grad(set_to_none=True)
            nn.functional.cross_entropy(self.forward(x), y).backward()
            self.optimizer.step()

    def accuracy(self) -> float:
        with torch.inference_mode():
            right = self.net(self.test[0]).argmax(1) == self.test[1]
        return float(right.float().mean())


class MnistLenet(Mnist):
    """LeNet, batches of 128, with a DataLoader."""

    def __init__(self, folder: str) -> None:
        x, y, x_test, y_test = (torch.from_numpy(a) for a in load_mnist(folder))
        data = torch.utils.data.TensorDataset(x.float().div_(255)[:, None], y.long())
        self.test = x_test.float().div_(255)[:, None], y_test
        self.loader = torch.utils.data.DataLoader(data, batch_size=128, shuffle=True)
        self.net: Any = image_network(LENET)
        self.optimizer = torch.optim.Adam(self.net.parameters(), fused=True)
        self.forward = self.net
