"""The jobs of speed.js by PyTorch; answers lines as turns.js does."""
import json
import resource
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

question, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)


class Block(nn.Module):
    def __init__(self, channels, filters, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.shortcut = nn.Sequential()
        if stride != 1 or channels != filters:
            self.shortcut = nn.Sequential(nn.Conv2d(channels, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))

    def forward(self, x):
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + self.shortcut(x))


class ResNet20(nn.Module):
    def __init__(self):
        super().__init__()
        layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
        channels = 16
        for filters, stride in ((16, 1), (32, 2), (64, 2)):
            for i in range(3):
                layers.append(Block(channels, filters, stride if i == 0 else 1))
                channels = filters
        self.features = nn.Sequential(*layers)
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        return self.fc(self.features(x).mean((2, 3)))


def convolution(job):
    channels, filters, size, batch = map(int, job.split())
    layer = nn.Conv2d(channels, filters, 3, 1, 1)
    x = torch.randn(batch, channels, size, size, requires_grad=True)
    cotangent = torch.randn(batch, filters, size, size)
    return lambda: torch.autograd.grad(layer(x), [x, layer.weight], cotangent)


def training(job):
    model = ResNet20()
    optimizer = torch.optim.SGD(model.parameters(), 0.1, 0.9)
    x = torch.randn(int(job), 3, 32, 32)
    y = torch.arange(int(job)) % 10

    def step():
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


prepare = {'conv': convolution, 'training': training}[question]
current = None
for line in sys.stdin:
    request = json.loads(line)
    if request['job'] != current:
        current = request['job']
        run = prepare(current)
        for _ in range(2):
            run()
    cpu, start, runs = time.process_time(), time.perf_counter(), 0
    while runs == 0 or (time.perf_counter() - start) * 1000 < request['turn']:
        run()
        runs += 1
    ms = (time.perf_counter() - start) * 1000 / runs
    cpu_ms = (time.process_time() - cpu) * 1000 / runs
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({'ms': ms, 'cpuMs': cpu_ms, 'resident': resident}), flush=True)
