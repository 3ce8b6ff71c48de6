"""PyTorch, eager, with the fused Adam."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from idx import load_mnist
from torch import nn
from works import DROPOUT, L2, Material, Work

COMPILED = False


def versions() -> dict[str, str]:
    return {"torch": torch.__version__, "threads": str(torch.get_num_threads())}


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
    net = network(material.work)
    dense = [layer for layer in net if isinstance(layer, nn.Linear)]
    with torch.no_grad():
        for layer, (W, b) in zip(dense, material.weights):
            layer.weight.copy_(torch.from_numpy(W.T.copy()))
            layer.bias.copy_(torch.from_numpy(b))
    return net


class Steps:
    def __init__(self, material: Material) -> None:
        self.net, work = with_weights(material), material.work
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=work.learning_rate, fused=True)
        self.parts = [(torch.from_numpy(x), torch.from_numpy(y)) for x, y in material.parts()]
        self.dense = [layer for layer in self.net if isinstance(layer, nn.Linear)]
        self.l2 = work.extra == "l2"
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
