"""Points of PyTorch's SobolEngine, whose direction numbers are those of Joe and Kuo 2008 (new-joe-kuo-6.21201).

Made with PyTorch 1.13: python3 tests/golden/sobol.py > tests/golden/sobol.json
"""

import json

from torch.quasirandom import SobolEngine

DIMENSIONS, FIRST, LATER = 64, 16, 2**22 - 1

first = (SobolEngine(DIMENSIONS).draw(FIRST) * FIRST).int().tolist()
later = (SobolEngine(DIMENSIONS).fast_forward(LATER).draw(1).double() * 2**30).long().tolist()[0]
print(json.dumps({"first": first, "later": {"index": LATER, "of": 30, "point": later}}, separators=(",", ":")))
