"""Writes files/classifier.onnx, as PyTorch exports a small network, and onnx.json with what PyTorch computes from it.

Run with Debian's python3-torch (1.13): python3 tests/golden/onnx_files.py
"""

import json
import os

import torch
from torch import nn

here = os.path.dirname(os.path.abspath(__file__))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1, groups=4)
        self.gate = nn.Conv2d(4, 4, 1)
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        x = nn.functional.relu6(self.bn1(self.conv1(x)))
        h = nn.functional.hardswish(self.conv2(x))
        h = h * nn.functional.hardsigmoid(self.gate(nn.functional.adaptive_avg_pool2d(h, 1)))
        x = nn.functional.max_pool2d(x + h, 3, 2, ceil_mode=True)
        x = torch.cat([x, nn.functional.avg_pool2d(x, 3, 1, 1)], 1)
        b, c, _, _ = x.size()
        x = x.view(b, 2, c // 2, -1).transpose(1, 2).mean(-1)
        return self.fc(nn.functional.dropout(x.reshape(b, -1), 0.2, self.training))


torch.manual_seed(1)
net = Net().eval()
net.bn1.weight.data.uniform_(0.5, 1.5)
net.bn1.bias.data.uniform_(-0.5, 0.5)
net.bn1.running_mean.uniform_(-0.1, 0.1)
net.bn1.running_var.uniform_(0.5, 1.5)
x = torch.rand(2, 3, 10, 10)
torch.onnx.export(
    net,
    x,
    os.path.join(here, "files/classifier.onnx"),
    opset_version=13,
    input_names=["image"],
    output_names=["logits"],
    dynamic_axes={"image": {0: "n"}, "logits": {0: "n"}},
    training=torch.onnx.TrainingMode.PRESERVE,
    do_constant_folding=False,
)
with open(os.path.join(here, "onnx.json"), "w") as f:
    json.dump({"x": x.flatten().tolist(), "logits": net(x).tolist()}, f)
    f.write("\n")
