"""Writes files/objects*.pt, files/module*.pt and files/script.pt (PyTorch 1.13): plain weights beside objects of Python, or inside of a module.

/usr/bin/python3 tests/golden/torch_objects.py
"""
import argparse
import collections
import datetime
import decimal
import enum
import functools
import pathlib
import sys
import types

import numpy
import torch

here = pathlib.Path(__file__).parent / "files"



def no_source(*_):
    raise OSError("the older format would hold the source of every module")


torch.serialization.get_source_lines_and_file = no_source

project = types.ModuleType("project")
sys.modules["project"] = project


def of_project(cls):
    """Classes of __main__ would not say much."""
    cls.__module__ = "project"
    setattr(project, cls.__name__, cls)
    return cls


@of_project
class Config(dict):
    pass


@of_project
class History(list):
    pass


@of_project
class Color(enum.Enum):
    RED = 1


@of_project
class Keywords:
    def __new__(cls, *, depth):
        return object.__new__(cls)

    def __getnewargs_ex__(self):
        return (), {"depth": 5}


@of_project
class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(2, 2, (1, 3))
        self.register_buffer("scale", torch.tensor(2.0))
        self.register_buffer("cache", torch.zeros(1), persistent=False)

    def forward(self, x):
        return self.conv(x) * self.scale


@of_project
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.block = Block()
        self.fc = torch.nn.Linear(2, 1, bias=False)

    def forward(self, x):
        return self.fc(self.block(x).mean((2, 3)))


net = Net()
with torch.no_grad():
    net.block.conv.weight.copy_(torch.arange(12.0).reshape(2, 2, 1, 3))
    net.block.conv.bias.copy_(torch.tensor([1.0, -1.0]))
    net.fc.weight.copy_(torch.tensor([[0.5, 4.0]]))

optimizer = torch.optim.SGD(net.parameters(), 0.1)
plain = {
    "namespace": argparse.Namespace(lr=0.1, output=pathlib.PurePosixPath("runs/a")),
    "counter": collections.Counter("aab"),
    "defaultdict": collections.defaultdict(list, a=[1]),
    "deque": collections.deque([1, 2], maxlen=3),
    "onecycle": torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, 10).state_dict(),
    "bytes": b"ab\xff",
    "sets": [{1}, frozenset([2])],
    "complex": 1 + 2j,
    "date": datetime.date(2020, 1, 2),
    "decimal": decimal.Decimal("1.5"),
    "partial": functools.partial(int, base=2),
    "enum": Color.RED,
    "keywords": Keywords(depth=5),
    "config": Config(a=1),
    "history": History([3, 4]),
    "scalar": numpy.float64(91.25),
    "array": numpy.arange(3),
    "dtype": torch.float16,
    "device": torch.device("cuda:1"),
    "cls": torch.nn.Conv2d,
    "phases": torch.zeros(2, dtype=torch.complex64),
    "quantized": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8),
    "loss": torch.tensor(0.25),
    "model": net.state_dict(),
}
for name, value in {"objects": plain, "module": {"epoch": 3, "model": net, "ema": None}}.items():
    torch.save(value, here / f"{name}.pt")
    torch.save(value, here / f"{name}-legacy.pt", _use_new_zipfile_serialization=False)
torch.save(plain, here / "objects-protocol4.pt", pickle_protocol=4)
torch.jit.save(torch.jit.script(net), str(here / "script.pt"))
