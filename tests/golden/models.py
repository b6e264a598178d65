"""Logits, gradients and ten training steps of the small models, from PyTorch: /usr/bin/python3 tests/golden/models.py > tests/golden/models.json

Weights are the formula of formula.py, seeded by their place in the state dict (see fill.py), so that no weights are committed. Of each
gradient two numbers are kept: its norm, and its product with formula(shape, 500 + place).
"""
import json

import torch
import torch.nn as nn
import torch.nn.functional as F

from fill import fill
from formula import formula, numbers


class CifarNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 12, 3, padding=1, bias=False), nn.BatchNorm2d(12)
        self.conv2, self.bn2 = nn.Conv2d(12, 24, 3, padding=1, bias=False), nn.BatchNorm2d(24)
        self.conv3, self.bn3 = nn.Conv2d(24, 48, 3, padding=1, bias=False), nn.BatchNorm2d(48)
        self.fc = nn.Linear(768, 10)

    def forward(self, x):
        x = F.relu(self.bn1(F.max_pool2d(self.conv1(x), 2)))
        x = F.relu(self.bn2(F.max_pool2d(self.conv2(x), 2)))
        x = F.relu(self.bn3(F.max_pool2d(self.conv3(x), 2)))
        return self.fc(x.flatten(1))


class VggSmall(nn.Module):
    def __init__(self):
        super().__init__()
        layers, c = [], 3
        for width in (32, 32, 'M', 64, 64, 'M', 128, 128, 'M'):
            if width == 'M':
                layers.append(nn.MaxPool2d(2))
            else:
                layers += [nn.Conv2d(c, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
                c = width
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(c, 10)

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


class Pad(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.missing = o - i

    def forward(self, x):
        before = self.missing // 2
        return F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, before, self.missing - before))


class Block(nn.Module):
    def __init__(self, i, o, stride, option):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o)
        self.conv2, self.bn2 = nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o)
        self.shortcut = nn.Sequential()
        if stride != 1 or i != o:
            self.shortcut = Pad(i, o) if option == 'A' else nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.shortcut(x))


class ResNet(nn.Module):
    def __init__(self, option, widths=(16, 32, 64), n=3):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, widths[0], 3, 1, 1, bias=False), nn.BatchNorm2d(widths[0])
        i = widths[0]
        for at, width in enumerate(widths):
            stage = []
            for k in range(n):
                stage.append(Block(i, width, 2 if k == 0 and at > 0 else 1, option))
                i = width
            setattr(self, 'layer%d' % (at + 1), nn.Sequential(*stage))
        self.linear = nn.Linear(i, 10)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        return self.linear(self.layer3(self.layer2(self.layer1(x))).mean((2, 3)))


def batch(n, seed=1000):
    return formula((n, 3, 32, 32), seed, -2, 2), torch.arange(n) % 10


def one(model):
    fill(model)
    x, labels = batch(4)
    model.eval()
    with torch.no_grad():
        predicted = numbers(model(x))
    model.train()
    x.requires_grad_()
    logits = model(x)
    loss = F.cross_entropy(logits, labels)
    loss.backward()
    gradients = {}
    for place, (key, p) in enumerate(model.named_parameters()):
        g = p.grad.double()
        gradients[key] = [float('%.8g' % g.norm()), float('%.8g' % (g * formula(p.shape, 500 + place).double()).sum())]
    buffers = {k: numbers(b)[:4] for k, b in model.named_buffers() if not k.endswith('num_batches_tracked')}
    return {'predicted': predicted, 'logits': numbers(logits), 'loss': loss.item(), 'gradients': gradients, 'buffers': buffers}


def ten_steps(model, optimizer):
    """Batch and learning rates small enough that noise of 2e-6 in every convolution moves no loss of PyTorch's own by 4e-5."""
    fill(model)
    opt = optimizer(model.parameters())
    losses = []
    for step in range(10):
        x, labels = batch(32, 1000 + step)
        loss = F.cross_entropy(model(x), labels)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    return losses


torch.manual_seed(0)
print(json.dumps({
    'models': {'cifar_net': one(CifarNet()), 'vgg_small': one(VggSmall()), 'resnet20 A': one(ResNet('A')), 'resnet20 B': one(ResNet('B'))},
    'sgd': ten_steps(ResNet('A', (8, 16, 32)), lambda p: torch.optim.SGD(p, lr=0.001, momentum=0.9, weight_decay=5e-4)),
    'adam': ten_steps(ResNet('B', (8, 16, 32)), lambda p: torch.optim.Adam(p, lr=1e-4)),
}, indent=0))
