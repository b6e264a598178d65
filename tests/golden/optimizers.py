"""Golden values for tests/optim: ten steps of every optimizer, and learning rates of every schedule, by PyTorch 1.13.

Run: python3 tests/golden/optimizers.py > tests/golden/optimizers.json   (Debian: apt-get install python3-torch)
Gradients come from a fixed list, so that each optimizer is tested by itself; values are float32, written in full.
"""
import json
import torch

torch.manual_seed(0)
STEPS, SIZE = 10, 5
start = torch.randn(SIZE)
grads = [torch.randn(SIZE) * 10 ** float(torch.empty(1).uniform_(-2, 1)) for _ in range(STEPS)]

# name, our options, PyTorch's class, PyTorch's options
CASES = [
    ("SGD", {}, torch.optim.SGD, dict(lr=1e-3)),
    ("SGD", dict(learningRate=0.1), torch.optim.SGD, dict(lr=0.1)),
    ("SGD", dict(learningRate=0.1, weightDecay=0.01), torch.optim.SGD, dict(lr=0.1, weight_decay=0.01)),
    ("SGD", dict(learningRate=0.1, momentum=0.9), torch.optim.SGD, dict(lr=0.1, momentum=0.9)),
    ("SGD", dict(learningRate=0.1, momentum=0.9, dampening=0.5), torch.optim.SGD, dict(lr=0.1, momentum=0.9, dampening=0.5)),
    ("SGD", dict(learningRate=0.1, momentum=0.9, nesterov=True, weightDecay=5e-4), torch.optim.SGD,
     dict(lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)),
    ("Adam", {}, torch.optim.Adam, {}),
    ("Adam", dict(learningRate=0.1, betas=[0.8, 0.95]), torch.optim.Adam, dict(lr=0.1, betas=(0.8, 0.95))),
    ("Adam", dict(learningRate=0.1, eps=0.1, weightDecay=0.01), torch.optim.Adam, dict(lr=0.1, eps=0.1, weight_decay=0.01)),
    ("AdamW", {}, torch.optim.AdamW, {}),
    ("AdamW", dict(learningRate=0.1, betas=[0.8, 0.95], eps=0.1, weightDecay=0.1), torch.optim.AdamW,
     dict(lr=0.1, betas=(0.8, 0.95), eps=0.1, weight_decay=0.1)),
    ("RMSprop", {}, torch.optim.RMSprop, {}),
    ("RMSprop", dict(learningRate=0.1, alpha=0.9, eps=0.1, weightDecay=0.01), torch.optim.RMSprop,
     dict(lr=0.1, alpha=0.9, eps=0.1, weight_decay=0.01)),
    ("RMSprop", dict(momentum=0.9), torch.optim.RMSprop, dict(momentum=0.9)),
    ("RMSprop", dict(centered=True, eps=0.01), torch.optim.RMSprop, dict(centered=True, eps=0.01)),
    ("RMSprop", dict(centered=True, momentum=0.9, eps=0.01), torch.optim.RMSprop, dict(centered=True, momentum=0.9, eps=0.01)),
    ("Adagrad", {}, torch.optim.Adagrad, {}),
    ("Adagrad", dict(learningRate=0.1, learningRateDecay=0.1, initialAccumulator=0.5, eps=0.1, weightDecay=0.01),
     torch.optim.Adagrad, dict(lr=0.1, lr_decay=0.1, initial_accumulator_value=0.5, eps=0.1, weight_decay=0.01)),
    ("Adadelta", {}, torch.optim.Adadelta, {}),
    ("Adadelta", dict(learningRate=0.5, rho=0.8, eps=0.01, weightDecay=0.01), torch.optim.Adadelta,
     dict(lr=0.5, rho=0.8, eps=0.01, weight_decay=0.01)),
]


def numbers(t):
    return [float(f"{v:.9g}") for v in t.tolist()]


def run(make, options):
    p = torch.nn.Parameter(start.clone())
    optimizer = make([p], **options)
    path = []
    for grad in grads:
        p.grad = grad.clone()
        optimizer.step()
        path.append(numbers(p.data))
    return path


def run_groups():
    a, b = torch.nn.Parameter(start.clone()), torch.nn.Parameter(start.clone())
    optimizer = torch.optim.SGD([dict(params=[a]), dict(params=[b], lr=0.01, weight_decay=0.1)], lr=0.1, momentum=0.9)
    for t, grad in enumerate(grads):
        for group, base in zip(optimizer.param_groups, (0.1, 0.01)):
            group["lr"] = base * 0.8 ** t
        a.grad, b.grad = grad.clone(), grad.clone()
        optimizer.step()
    return [numbers(a.data), numbers(b.data)]


def rates(make, lr=0.1, steps=40, metrics=None):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    schedule = make(optimizer)
    out = []
    for t in range(steps):
        if metrics is None:
            out.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step() if metrics is None else schedule.step(metrics[t])
        if metrics is not None:
            out.append(optimizer.param_groups[0]["lr"])
    return out


L = torch.optim.lr_scheduler
metrics = [round(float(v), 4) for v in 1 + 2 ** -torch.linspace(0, 5, 40) + 0.02 * torch.randn(40)]
metrics[7] = 1.2
plateau = dict(factor=0.5, patience=2, threshold=1e-2)
json.dump({
    "start": numbers(start),
    "grads": [numbers(g) for g in grads],
    "optimizers": [dict(name=n, options=o, path=run(c, t)) for n, o, c, t in CASES],
    "groups": run_groups(),
    "schedules": {
        "step": rates(lambda o: L.StepLR(o, 7, 0.5)),
        "multistep": rates(lambda o: L.MultiStepLR(o, [5, 6, 30], 0.1)),
        "exponential": rates(lambda o: L.ExponentialLR(o, 0.9)),
        "polynomial": rates(lambda o: L.PolynomialLR(o, 30, 2.0)),
        "cosine": rates(lambda o: L.CosineAnnealingLR(o, 39, 0.01)),
        "restarts": rates(lambda o: L.CosineAnnealingWarmRestarts(o, 10, 1, 0.01)),
        "doubling": rates(lambda o: L.CosineAnnealingWarmRestarts(o, 5, 2, 0.01)),
        "oneCycle": rates(lambda o: L.OneCycleLR(o, 0.4, 40)),
        "oneCycleLinear": rates(lambda o: L.OneCycleLR(o, 0.4, 40, pct_start=0.25, anneal_strategy="linear", div_factor=10, final_div_factor=100)),
        "triangular": rates(lambda o: L.CyclicLR(o, 0.01, 0.1, 6, 9)),
        "warmup": rates(lambda o: L.SequentialLR(o, [L.LinearLR(o, 1 / 3, total_iters=5), L.ExponentialLR(o, 0.9)], [5])),
    },
    "metrics": metrics,
    "plateau": {
        "relative": rates(lambda o: L.ReduceLROnPlateau(o, **plateau), metrics=metrics),
        "absolute": rates(lambda o: L.ReduceLROnPlateau(o, threshold_mode="abs", cooldown=3, min_lr=0.02, **plateau), metrics=metrics),
        "max": rates(lambda o: L.ReduceLROnPlateau(o, mode="max", **plateau), metrics=metrics),
    },
}, __import__("sys").stdout, separators=(",", ":"))
