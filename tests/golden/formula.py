"""Inputs that Python and TypeScript both compute, so that no input file is needed: see tests/golden/formula.ts."""
import torch


def formula(shape, seed, low=-1.0, high=1.0):
    """Element i is low + (high - low) * ((7919 i + 104729 seed) mod 10007) / 10007: distinct below 10,007 elements."""
    size = 1
    for n in shape:
        size *= n
    i = torch.arange(size, dtype=torch.int64)
    steps = (7919 * i + 104729 * seed) % 10007
    return (low + (high - low) * steps.to(torch.float64) / 10007).to(torch.float32).reshape(shape)


def numbers(t):
    """Nine significant digits: every float32 survives."""
    return [float('%.9g' % v) for v in t.detach().double().flatten().tolist()]
