"""Explanations of a small network by PyTorch hooks: /usr/bin/python3 tests/golden/explain.py > tests/golden/explain.json

Written from the papers, with nothing of stridenet: the network and the pictures come from formula.py.
"""
import json

import torch
import torch.nn as nn
import torch.nn.functional as F

from formula import formula, numbers


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 3, padding=1)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(6, 8, 3, stride=2, padding=1)
        self.relu2 = nn.ReLU()
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        x = self.relu1(self.conv1(x))
        x = self.relu2(self.conv2(x))
        return self.fc(x.mean((2, 3)))


model = Small().eval()
for place, p in enumerate(model.parameters()):
    p.data.copy_(formula(p.shape, place, -0.5, 0.5))
x = formula((2, 3, 12, 10), 100, -1, 1)
TARGETS = [3, 1]


def score(y, targets=TARGETS):
    return sum(y[i, k] for i, k in enumerate(targets))


def gradient(at):
    at = at.clone().requires_grad_(True)
    score(model(at)).backward()
    return at.grad


def saliency():
    return gradient(x).abs().max(1).values


def smooth_grad():
    noises = [formula(x.shape, 200 + i, -0.3, 0.3) for i in range(4)]
    return torch.stack([gradient(x + n) for n in noises]).mean(0)


def integrated(steps=64):
    total = torch.zeros_like(x)
    for step in range(steps):
        total += gradient(x * (step + 0.5) / steps) / steps
    return total * x


def guided():
    handles = [m.register_full_backward_hook(lambda m, gi, go: (gi[0].clamp(min=0),)) for m in (model.relu1, model.relu2)]
    # Each hook gets the gradient after the ReLU's own rule: cutting it off afterwards is the same, since that rule keeps signs.
    g = gradient(x)
    for h in handles:
        h.remove()
    return g


def layer(name):
    kept = {}
    module = dict(model.named_modules())[name]

    def hook(m, i, o):
        o.retain_grad()
        kept['maps'] = o

    handle = module.register_forward_hook(hook)
    xx = x.clone().requires_grad_(True)
    score(model(xx)).backward()
    handle.remove()
    return kept['maps'].detach(), kept['maps'].grad


def grad_cam(name):
    a, g = layer(name)
    return F.relu((g.mean((2, 3), keepdim=True) * a).sum(1))


def grad_cam_pp(name):
    a, g = layer(name)
    alpha = g ** 2 / (2 * g ** 2 + a.sum((2, 3), keepdim=True) * g ** 3 + 1e-6)
    alpha = torch.where(g != 0, alpha, torch.zeros_like(alpha))
    w = (alpha * F.relu(g)).sum((2, 3), keepdim=True)
    return F.relu((w * a).sum(1))


def hires_cam(name):
    a, g = layer(name)
    return F.relu((g * a).sum(1))


def layer_cam(name):
    a, g = layer(name)
    return F.relu((F.relu(g) * a).sum(1))


def score_cam(name):
    a, _ = layer(name)
    maps = []
    for n, k in enumerate(TARGETS):
        masks = F.interpolate(a[n][:, None], size=x.shape[2:], mode='bilinear', align_corners=False)
        low, high = masks.amin((1, 2, 3), keepdim=True), masks.amax((1, 2, 3), keepdim=True)
        masks = torch.where(high > low, (masks - low) / (high - low), torch.zeros_like(masks))
        with torch.no_grad():
            w = model(x[n][None] * masks)[:, k].softmax(0)
        maps.append(F.relu((w[:, None, None] * a[n]).sum(0)))
    return torch.stack(maps)


def occlusion(window, stride):
    total, count = torch.zeros(2, 12, 10), torch.zeros(2, 12, 10)
    with torch.no_grad():
        base = model(x)
        for top in sorted({*range(0, 12 - window, stride), 12 - window}):
            for left in sorted({*range(0, 10 - window, stride), 10 - window}):
                patched = x.clone()
                patched[:, :, top:top + window, left:left + window] = 0
                y = model(patched)
                for n, k in enumerate(TARGETS):
                    total[n, top:top + window, left:left + window] += base[n, k] - y[n, k]
                    count[n, top:top + window, left:left + window] += 1
    return total / count


def enlarged():
    return F.interpolate(grad_cam('relu2')[:, None], size=x.shape[2:], mode='bilinear', align_corners=False)[:, 0]


cases = {
    'saliency': saliency(),
    'smoothGrad': smooth_grad(),
    'integratedGradients': integrated(),
    'guidedBackprop': guided(),
    'occlusion': occlusion(4, 3),
    'heatmap': enlarged(),
}
for name in ('relu1', 'conv2', 'relu2'):
    cases['gradCam ' + name] = grad_cam(name)
    cases['gradCamPlusPlus ' + name] = grad_cam_pp(name)
    cases['hiResCam ' + name] = hires_cam(name)
    cases['layerCam ' + name] = layer_cam(name)
    cases['scoreCam ' + name] = score_cam(name)
print(json.dumps({k: {'shape': list(v.shape), 'data': [float('%.6g' % n) for n in v.detach().double().flatten().tolist()]} for k, v in cases.items()}))
