"""Inputs that Python and TypeScript both compute, so that no input file is needed: see tests/golden/formula.ts."""
import torch

MASK = 0xffffffff


def formula(shape, seed, low=-1.0, high=1.0):
    """Element i is low + (high - low) * h / 2^32, h a 32-bit hash of i and the seed."""
    size = 1
    for n in shape:
        size *= n
    h = (torch.arange(size, dtype=torch.int64) + 1000003 * (seed + 1)) & MASK
    h = (h * 2654435761) & MASK
    h = h ^ (h >> 15)
    h = (h * 2246822519) & MASK
    h = h ^ (h >> 13)
    h = (h * 3266489917) & MASK
    h = h ^ (h >> 16)
    return (low + (high - low) * (h.to(torch.float64) / 2.0 ** 32)).to(torch.float32).reshape(shape)


def numbers(t):
    """Nine significant digits: every float32 survives."""
    return [float('%.9g' % v) for v in t.detach().double().flatten().tolist()]
