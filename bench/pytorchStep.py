"""One network of Batchlab in PyTorch, for speed comparisons.

Each update is a forward pass, a backward pass and a momentum update, and its loss is read.
Arguments: network (conv4, resnet8, resnet20), batch size, threads. Prints {"version", "layout"} and then {"seconds": S}
for each line {"updates": N} on standard input. Uses the one of the two memory layouts that is faster here.
"""
import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    def __init__(self, before, channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(before, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.stride = stride
        self.missing = channels - before

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.missing:
            half = self.missing // 2
            x = F.pad(x[:, :, ::self.stride, ::self.stride], (0, 0, 0, 0, half, self.missing - half))
        return F.relu(x + y)


def resnet(depth):
    blocks = (depth - 2) // 6
    layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    before = 16
    for channels in (16, 32, 64):
        for block in range(blocks):
            layers.append(Block(before, channels, 2 if block == 0 and channels > 16 else 1))
            before = channels
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def conv4():
    def conv(before, channels):
        return [nn.Conv2d(before, channels, 3, 1, 1), nn.ReLU()]
    return nn.Sequential(
        *conv(3, 32), *conv(32, 32), nn.MaxPool2d(2),
        *conv(32, 64), *conv(64, 64), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(4096, 10),
    )


def trainer(network, batch, layout):
    torch.manual_seed(0)
    networks = {"conv4": conv4, "resnet8": lambda: resnet(8), "resnet20": lambda: resnet(20)}
    model = networks[network]().to(memory_format=layout)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    images = torch.randn(batch, 3, 32, 32).to(memory_format=layout)
    labels = torch.arange(batch) % 10

    def train(updates):
        began = time.perf_counter()
        for _ in range(updates):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
            loss.item()
        return time.perf_counter() - began
    return train


def main():
    network, batch, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(threads)
    layouts = {"channels first": torch.contiguous_format, "channels last": torch.channels_last}
    trainers = {name: trainer(network, batch, layout) for name, layout in layouts.items()}
    warm = max(train(2) for train in trainers.values())
    tries = 8 if warm < 1 else 2
    seconds = {name: [] for name in trainers}
    for _ in range(tries):
        for name, train in trainers.items():
            seconds[name].append(train(1))
    best = min(seconds, key=lambda name: min(seconds[name]))
    print(json.dumps({"version": torch.__version__, "layout": best}), flush=True)
    for line in sys.stdin:
        print(json.dumps({"seconds": trainers[best](json.loads(line)["updates"])}), flush=True)


main()
