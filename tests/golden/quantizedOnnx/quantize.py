"""Writes small networks as onnxruntime's quantizers write them.

Made with onnxruntime 1.30.0 and onnx 1.23.1: python3 tests/golden/quantizedOnnx/quantize.py
"""

import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

here = pathlib.Path(__file__).parent
rng = np.random.default_rng(7)


class Writer:
    def __init__(self):
        self.nodes, self.constants, self.count = [], [], 0

    def constant(self, array, dtype=np.float32):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array, dtype), name))
        return name

    def add(self, op, *inputs, **attributes):
        self.count += 1
        output = f"{op.lower()}_{self.count}"
        self.nodes.append(helper.make_node(op, list(inputs), [output], name=f"/{output}", **attributes))
        return output

    def conv(self, x, i, o, k=1, groups=1, bias=True, **attributes):
        w = self.constant(rng.normal(size=(o, i // groups, k, k)) * np.exp(rng.normal(size=(o, 1, 1, 1)) / 2) * (2 / (i // groups * k * k)) ** 0.5)
        inputs = [x, w, self.constant(rng.normal(size=o) / 4)] if bias else [x, w]
        return self.add("Conv", *inputs, kernel_shape=[k, k], group=groups, **attributes)

    def gemm(self, x, i, o):
        return self.add("Gemm", x, self.constant(rng.normal(size=(o, i)) / i**0.5), self.constant(rng.normal(size=o)), transB=1)

    def save(self, output, path):
        shapes = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in (("input", ["n", 3, 12, 12]), (output, ["n", None]))]
        graph = helper.make_graph(self.nodes, "small", shapes[:1], shapes[1:], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.save(onnx.shape_inference.infer_shapes(model), path)


def residual(path):
    """Convolutions with ReLU and ReLU6, depthwise, a residual sum, pools, a flattened image, a linear layer."""
    m = Writer()
    x = m.add("Relu", m.conv("input", 3, 8, 3, strides=[1, 1], pads=[1, 1, 1, 1]))
    y = m.add("Clip", m.conv(x, 8, 12), m.constant(0), m.constant(6))
    y = m.add("Clip", m.conv(y, 12, 12, 3, groups=12, pads=[1, 1, 1, 1]), m.constant(0), m.constant(6))
    y = m.conv(y, 12, 8)
    x = m.add("Relu", m.add("Add", x, y))
    x = m.add("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = m.conv(x, 8, 6, 2, strides=[2, 2], bias=False)
    x = m.gemm(m.add("Flatten", x, axis=1), 54, 10)
    m.save(x, path)


def branches(path):
    """A concatenation, squeeze-and-excitation, hard-swish, SiLU, average pools, a matrix product and softmax."""
    m = Writer()
    x = m.conv("input", 3, 8, 3, strides=[2, 2], pads=[1, 1, 1, 1])
    x = m.add("HardSwish", x)
    a = m.add("Relu", m.conv(x, 8, 4))
    b = m.add("AveragePool", m.conv(x, 8, 8, 3, groups=2, pads=[1, 1, 1, 1]), kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[1, 1])
    x = m.add("Concat", a, b, axis=1)
    s = m.add("GlobalAveragePool", x)
    s = m.add("Sigmoid", m.conv(m.add("Relu", m.conv(s, 12, 4)), 4, 12))
    x = m.add("Mul", x, s)
    x = m.conv(x, 12, 16)
    x = m.add("Mul", x, m.add("Sigmoid", x))
    x = m.add("Reshape", m.add("GlobalAveragePool", x), m.constant([0, -1], np.int64))
    x = m.add("Add", m.add("MatMul", x, m.constant(rng.normal(size=(16, 10)) / 2)), m.constant(rng.normal(size=10)))
    m.save(m.add("Softmax", x, axis=1), path)


class Images(CalibrationDataReader):
    def __init__(self):
        self.left = [{"input": np.random.default_rng(i).normal(size=(1, 3, 12, 12)).astype(np.float32)} for i in range(20)]

    def get_next(self):
        return self.left.pop() if self.left else None


variants = {
    "unsigned": {"activation_type": QuantType.QUInt8, "weight_type": QuantType.QInt8},
    "perChannel": {"activation_type": QuantType.QInt8, "weight_type": QuantType.QInt8, "per_channel": True},
    "asymmetric": {"activation_type": QuantType.QUInt8, "weight_type": QuantType.QUInt8, "reduce_range": True},
}

for make, names in ((residual, variants), (branches, ["perChannel"])):
    path = here / f"{make.__name__}.onnx"
    make(str(path))
    for name in names:
        target = here / f"{make.__name__}.{name}.onnx"
        quantize_static(str(path), str(target), Images(), quant_format=QuantFormat.QDQ, **variants[name])
        model = onnx.load(target)
        del model.graph.value_info[:]
        onnx.save(model, target)
    path.unlink()
