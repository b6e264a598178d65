"""Writes torchvision's networks, with random weights, as ONNX files: exportOnnx.py FOLDER BATCH NAME ..."""
import os
import sys

import torch
import torchvision

folder, batch, *names = sys.argv[1:]
for name in names:
    model = getattr(torchvision.models, name)(weights=None).eval()
    image = torch.randn(int(batch), 3, 224, 224)
    path = os.path.join(folder, f'{name}.onnx')
    torch.onnx.export(model, image, path, opset_version=13, input_names=['x'], output_names=['y'])
