"""The convolutions of conv2d.ts by PyTorch on one thread: answers lines of JSON with milliseconds of processor time."""
import json
import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(1)


def runner(job):
    x = torch.randn(*job['x'], requires_grad=job['pass'] == 'backwardInput')
    w = torch.randn(*job['w'], requires_grad=job['pass'] == 'backwardWeight')
    top, right, bottom, left = job['padding']
    if (top, left) != (bottom, right):
        x = F.pad(x, (left, right, top, bottom)).detach()
        top = left = 0
    options = dict(stride=job['stride'], padding=(top, left), dilation=job['dilation'], groups=job['groups'])
    if job['pass'] == 'forward':
        with torch.no_grad():
            return lambda: F.conv2d(x, w, None, **options)
    y = F.conv2d(x, w, None, **options)
    dy = torch.randn_like(y)
    wanted = x if job['pass'] == 'backwardInput' else w
    return lambda: torch.autograd.grad(y, wanted, dy, retain_graph=True)


for line in sys.stdin:
    run = runner(json.loads(line))
    for _ in range(3):
        run()
    start = time.process_time()
    run()
    repeats = max(1, round(0.01 / max(1e-6, time.process_time() - start)))
    best = float('inf')
    for _ in range(5):
        start = time.process_time()
        for _ in range(repeats):
            run()
        best = min(best, (time.process_time() - start) / repeats)
    print(json.dumps(1000 * best), flush=True)
