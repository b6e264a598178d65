"""Writes the small checkpoints in files/ (PyTorch 1.13). Their values are formulas, so the tests need no other record."""
import collections
import os
import pathlib

import torch

here = pathlib.Path(__file__).parent / "files"
here.mkdir(exist_ok=True)

ramp = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
shared = torch.arange(10, dtype=torch.float32)
state = collections.OrderedDict()
state["module.ramp"] = ramp
state["module.transposed"] = ramp.permute(2, 0, 1)
state["module.window"] = ramp[:, 1:, 1:3]
state["module.expanded"] = torch.tensor([[1.0], [2.0]]).expand(2, 3)
state["module.head"] = shared[:4]
state["module.tail"] = shared[6:]
state["module.parameter"] = torch.nn.Parameter(torch.tensor([0.5, -0.5]))
state["module.scalar"] = torch.tensor(7.0)
state["module.empty"] = torch.zeros(0, 3)
state["module.half"] = torch.tensor([1.5, -2.0, 65504.0, 2.0**-24, float("inf")], dtype=torch.float16)
state["module.bfloat"] = torch.tensor([1.5, -2.0, 2.0**100], dtype=torch.bfloat16)
state["module.double"] = torch.tensor([0.1, 1e300], dtype=torch.float64)
state["module.long"] = torch.tensor([-5, 2**40])
state["module.int"] = torch.tensor([-5, 7], dtype=torch.int32)
state["module.short"] = torch.tensor([-5, 7], dtype=torch.int16)
state["module.char"] = torch.tensor([-5, 7], dtype=torch.int8)
state["module.byte"] = torch.tensor([5, 250], dtype=torch.uint8)
state["module.bool"] = torch.tensor([True, False, True])
state._metadata = collections.OrderedDict(version=1)
checkpoint = {
    "epoch": 3,
    "best": 91.25,
    "big": 2**70,
    "name": "résumé",
    "flags": [True, False, None],
    "pair": (1, -2),
    "shape": torch.Size([2, 3]),
    "state_dict": state,
}
torch.save(checkpoint, here / "checkpoint-zip.pt")
torch.save(checkpoint, here / "checkpoint-legacy.pt", _use_new_zipfile_serialization=False)


class Evil:
    def __reduce__(self):
        return (os.system, ("echo executed > /tmp/stridenet-executed",))


torch.save({"x": Evil()}, here / "evil-zip.pt")
torch.save({"x": Evil()}, here / "evil-legacy.pt", _use_new_zipfile_serialization=False)

# One stored number, seen as a million million: the reader must not unfold it.
torch.save({"x": torch.zeros(1).expand(2**40)}, here / "bomb.pt", _use_new_zipfile_serialization=False)
