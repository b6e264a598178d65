"""Forward values and every gradient of each op, from PyTorch: /usr/bin/python3 tests/golden/ops.py > tests/golden/ops.json

A case is an op, its inputs (shape, seed, low, high of formula.py), its options, and what PyTorch makes of them. The
gradient is that of sum(output * cotangent), the cotangent being formula(output shape, 99).
"""
import json

import torch
import torch.nn.functional as F

from formula import formula, numbers

cases = []


def case(op, fn, inputs, options=None, labels=None, differentiable=None):
    tensors = [formula(*spec) for spec in inputs]
    wanted = differentiable if differentiable is not None else range(len(tensors))
    for i in wanted:
        tensors[i].requires_grad_()
    y = fn(*tensors)
    y.backward(formula(tuple(y.shape), 99))
    cases.append({
        'op': op,
        'inputs': [list(spec) for spec in inputs],
        'options': options or {},
        **({'labels': labels} if labels is not None else {}),
        'shape': list(y.shape),
        'output': numbers(y),
        'gradients': {str(i): numbers(tensors[i].grad) for i in wanted},
    })


# convolution
X, W, B = ((2, 3, 6, 5), 1), ((4, 3, 3, 3), 2), ((4,), 3)
case('conv2d', lambda x, w, b: F.conv2d(x, w, b), [X, W, B])
case('conv2d', lambda x, w: F.conv2d(x, w, stride=2, padding=1), [X, W], {'stride': 2, 'padding': 1})
case('conv2d', lambda x, w: F.conv2d(x, w, padding='same'), [X, W], {'padding': 'same'})
case('conv2d', lambda x, w: F.conv2d(F.pad(x, (4, 2, 1, 3)), w), [X, W], {'padding': [1, 2, 3, 4]})
case('conv2d', lambda x, w: F.conv2d(x, w, dilation=(2, 1), padding=(2, 0)), [X, W], {'dilation': [2, 1], 'padding': [2, 0]})
case('conv2d', lambda x, w: F.conv2d(x, w, groups=2, stride=(1, 3)), [((1, 4, 5, 7), 1), ((6, 2, 3, 2), 2)], {'groups': 2, 'stride': [1, 3]})
case('conv2d', lambda x, w, b: F.conv2d(x, w, b, groups=4, padding=1), [((2, 4, 4, 4), 1), ((4, 1, 3, 3), 2), B], {'groups': 4, 'padding': 1})
case('conv2d', lambda x, w, b: F.conv2d(x, w, b), [X, ((4, 3, 1, 1), 2), B])
case('conv2d', lambda x, w: F.conv2d(x, w, stride=3), [((1, 2, 7, 7), 1), ((2, 2, 2, 2), 2)], {'stride': 3})
T = ((2, 3, 4, 3), 1)
case('convTranspose2d', lambda x, w, b: F.conv_transpose2d(x, w, b), [T, ((3, 4, 3, 3), 2), B])
case('convTranspose2d', lambda x, w: F.conv_transpose2d(x, w, stride=2, padding=1, output_padding=1), [T, ((3, 2, 3, 3), 2)], {'stride': 2, 'padding': 1, 'outputPadding': 1})
case('convTranspose2d', lambda x, w: F.conv_transpose2d(x, w, groups=2, dilation=2), [((1, 4, 3, 3), 1), ((4, 3, 2, 2), 2)], {'groups': 2, 'dilation': 2})

# pooling
P = ((2, 2, 7, 6), 1)
case('maxPool2d', lambda x: F.max_pool2d(x, 2), [P], {'kernelSize': 2})
case('maxPool2d', lambda x: F.max_pool2d(x, 3, 2, 1), [P], {'kernelSize': 3, 'stride': 2, 'padding': 1})
case('maxPool2d', lambda x: F.max_pool2d(x, 3, 2, ceil_mode=True), [P], {'kernelSize': 3, 'stride': 2, 'ceilMode': True})
case('avgPool2d', lambda x: F.avg_pool2d(x, 2), [P], {'kernelSize': 2})
case('avgPool2d', lambda x: F.avg_pool2d(x, 3, 2, 1), [P], {'kernelSize': 3, 'stride': 2, 'padding': 1})
case('avgPool2d', lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False), [P], {'kernelSize': 3, 'stride': 2, 'padding': 1, 'countIncludePad': False})
case('avgPool2d', lambda x: F.avg_pool2d(x, 3, 2, 1, ceil_mode=True), [P], {'kernelSize': 3, 'stride': 2, 'padding': 1, 'ceilMode': True})
case('avgPool2d', lambda x: F.avg_pool2d(x, (2, 3), (3, 2), ceil_mode=True, count_include_pad=False), [P], {'kernelSize': [2, 3], 'stride': [3, 2], 'ceilMode': True, 'countIncludePad': False})
case('adaptiveAvgPool2d', lambda x: F.adaptive_avg_pool2d(x, (3, 4)), [P], {'outputSize': [3, 4]})
case('adaptiveMaxPool2d', lambda x: F.adaptive_max_pool2d(x, (3, 4)), [P], {'outputSize': [3, 4]})
case('globalAvgPool2d', lambda x: F.adaptive_avg_pool2d(x, 1).flatten(1), [P])
case('globalMaxPool2d', lambda x: F.adaptive_max_pool2d(x, 1).flatten(1), [P])
U = ((1, 2, 3, 4), 1)
case('upsample2d', lambda x: F.interpolate(x, scale_factor=2, mode='nearest'), [U], {'scale': 2, 'mode': 'nearest'})
case('upsample2d', lambda x: F.interpolate(x, size=(5, 7), mode='nearest'), [U], {'size': [5, 7], 'mode': 'nearest'})
case('upsample2d', lambda x: F.interpolate(x, size=(5, 7), mode='bilinear'), [U], {'size': [5, 7], 'mode': 'bilinear'})
case('upsample2d', lambda x: F.interpolate(x, scale_factor=2, mode='bilinear', align_corners=True), [U], {'scale': 2, 'mode': 'bilinear', 'alignCorners': True})

# matrices
case('linear', lambda x, w, b: F.linear(x, w, b), [((3, 5), 1), ((4, 5), 2), ((4,), 3)])
case('linear', lambda x, w: F.linear(x, w), [((2, 3, 5), 1), ((4, 5), 2)])
case('matmul', torch.matmul, [((3, 4), 1), ((4, 5), 2)])
case('matmul', torch.matmul, [((2, 1, 3, 4), 1), ((3, 4, 2), 2)])
case('matmul', torch.matmul, [((4,), 1), ((2, 4, 3), 2)])

# normalization
N = ((3, 4, 3, 2), 1)
case('batchNorm2d', lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True), [N, ((4,), 2, 0.5, 1.5), ((4,), 3)], {'training': True})
case('batchNorm2d', lambda x, w, b, m, v: F.batch_norm(x, m, v, w, b, training=False, eps=1e-3), [N, ((4,), 2, 0.5, 1.5), ((4,), 3), ((4,), 4), ((4,), 5, 0.5, 2.0)], {'training': False, 'eps': 1e-3}, differentiable=[0, 1, 2])
case('groupNorm', lambda x, w, b: F.group_norm(x, 2, w, b), [N, ((4,), 2), ((4,), 3)], {'groups': 2})
case('layerNorm', lambda x, w, b: F.layer_norm(x, (3, 2), w, b), [N, ((3, 2), 2), ((3, 2), 3)], {'normalizedShape': [3, 2]})
case('localResponseNorm', lambda x: F.local_response_norm(x, 3, alpha=0.5, beta=0.75, k=2.0), [((2, 5, 2, 3), 1, -3, 3)], {'size': 3, 'alpha': 0.5, 'beta': 0.75, 'k': 2})
case('localResponseNorm', lambda x: F.local_response_norm(x, 4, alpha=0.5), [((2, 5, 2, 3), 1, -3, 3)], {'size': 4, 'alpha': 0.5})

# activations
A = ((3, 7), 1, -5, 5)
for op, fn in [
    ('relu', F.relu), ('relu6', F.relu6), ('gelu', F.gelu), ('silu', F.silu), ('hardSwish', F.hardswish),
    ('hardSigmoid', F.hardsigmoid), ('sigmoid', torch.sigmoid), ('tanh', torch.tanh), ('exp', torch.exp), ('abs', torch.abs),
]:
    case(op, fn, [((3, 7), 1, -8, 8)] if op == 'relu6' else [A])
case('leakyRelu', lambda x: F.leaky_relu(x, 0.2), [A], {'slope': 0.2})
case('elu', lambda x: F.elu(x, 1.5), [A], {'alpha': 1.5})
case('gelu', lambda x: F.gelu(x, approximate='tanh'), [A], {'approximate': 'tanh'})
case('log', torch.log, [((3, 7), 1, 0.1, 4)])
case('sqrt', torch.sqrt, [((3, 7), 1, 0.1, 4)])
case('softmax', lambda x: F.softmax(x, -1), [A], {'axis': -1})
case('softmax', lambda x: F.softmax(x, 1), [((2, 3, 4), 1, -5, 5)], {'axis': 1})
case('logSoftmax', lambda x: F.log_softmax(x, 0), [A], {'axis': 0})

# arithmetic with broadcasting
L, R = ((2, 3, 4), 1, 0.5, 2), ((3, 1), 2, 0.5, 2)
for op, fn in [('add', torch.add), ('sub', torch.sub), ('mul', torch.mul), ('div', torch.div), ('pow', torch.pow)]:
    case(op, fn, [L, R])
    case(op, fn, [R, L])
for op, fn in [('sum', torch.sum), ('mean', torch.mean), ('max', torch.amax)]:
    case(op, lambda x, fn=fn: fn(x, (0, 2)), [((2, 3, 4), 1)], {'axes': [0, 2]})
    case(op, lambda x, fn=fn: fn(x, 1, keepdim=True), [((2, 3, 4), 1)], {'axes': [1], 'keepDims': True})

# movement
M = ((2, 3, 4, 5), 1)
case('permute', lambda x: x.permute(2, 0, 3, 1), [M], {'axes': [2, 0, 3, 1]})
case('reshape', lambda x: x.reshape(6, -1), [M], {'shape': [6, -1]})
case('slice', lambda x: x[:, :, 1:3], [M], {'axis': 2, 'start': 1, 'end': 3})
case('pad', lambda x: F.pad(x, (1, 2, 0, 3)), [M], {'padding': [0, 2, 3, 1], 'mode': 'zero'})
case('pad', lambda x: F.pad(x, (2, 2, 1, 1), mode='reflect'), [M], {'padding': [1, 2], 'mode': 'reflect'})
case('pad', lambda x: F.pad(x, (2, 2, 1, 1), mode='replicate'), [M], {'padding': [1, 2], 'mode': 'replicate'})
case('concat', lambda a, b: torch.cat([a, b], 1), [((2, 3, 2), 1), ((2, 1, 2), 2)], {'axis': 1})
case('stack', lambda a, b: torch.stack([a, b], 1), [((2, 3), 1), ((2, 3), 2)], {'axis': 1})

# losses
G, K = ((4, 5), 1, -3, 3), [1, 0, 4, 2]
KT = torch.tensor(K)
weights = formula((5,), 7, 0.5, 2)
case('crossEntropy', lambda x: F.cross_entropy(x, KT), [G], {}, K)
case('crossEntropy', lambda x: F.cross_entropy(x, KT, label_smoothing=0.1), [G], {'labelSmoothing': 0.1}, K)
case('crossEntropy', lambda x: F.cross_entropy(x, KT, weight=weights), [G], {'weight': numbers(weights)}, K)
case('crossEntropy', lambda x: F.cross_entropy(x, KT, weight=weights, label_smoothing=0.2), [G], {'weight': numbers(weights), 'labelSmoothing': 0.2}, K)
case('crossEntropy', lambda x: F.cross_entropy(x, KT, reduction='sum'), [G], {'reduction': 'sum'}, K)
case('crossEntropy', lambda x: F.cross_entropy(x, KT, reduction='none'), [G], {'reduction': 'none'}, K)
case('softCrossEntropy', lambda x, t: F.cross_entropy(x, t), [G, ((4, 5), 2, 0, 0.4)], {}, differentiable=[0])
case('softCrossEntropy', lambda x, t: F.cross_entropy(x, t, label_smoothing=0.1, weight=weights), [G, ((4, 5), 2, 0, 0.4)], {'labelSmoothing': 0.1, 'weight': numbers(weights)}, differentiable=[0])
D = [G, ((4, 5), 2, 0, 1)]
positive = formula((5,), 8, 0.5, 3)
case('binaryCrossEntropyWithLogits', F.binary_cross_entropy_with_logits, D, {}, differentiable=[0])
case('binaryCrossEntropyWithLogits', lambda x, t: F.binary_cross_entropy_with_logits(x, t, pos_weight=positive), D, {'positiveWeight': numbers(positive)}, differentiable=[0])
case('meanSquaredError', F.mse_loss, D, {}, differentiable=[0])
case('l1Loss', F.l1_loss, D, {}, differentiable=[0])
case('huberLoss', lambda x, t: F.huber_loss(x, t, delta=0.7), D, {'delta': 0.7}, differentiable=[0])
case('multiclassHinge', lambda x: F.multi_margin_loss(x, KT), [G], {}, K)
case('multiclassHinge', lambda x: F.multi_margin_loss(x, KT, p=2, margin=0.5), [G], {'power': 2, 'margin': 0.5}, K)

print('[\n' + ',\n'.join(json.dumps(c, separators=(',', ':')) for c in cases) + '\n]')
