import { broadcastShapes, sizeOf } from '../../base/shape.js';
import { add } from '../../tensor/ops/math/add.js';
import { concat } from '../../tensor/ops/shape/concat.js';
import { permute } from '../../tensor/ops/shape/permute.js';
import { reshape } from '../../tensor/ops/shape/reshape.js';
import { slice } from '../../tensor/ops/shape/slice.js';
import { split } from '../../tensor/ops/shape/split.js';
import { Tensor } from '../../tensor/tensor.js';
import { resizeImages } from '../resize.js';
import { expectRoom } from '../room.js';
import type { GraphNode } from './graphNode.js';
import { type GraphOp, needed } from './graphOps.js';
import {
  axisOf,
  imageOf,
  like,
  numbersOf,
  plain,
  shapeOf,
  toValue,
  transposed,
  type Value,
  wholeNumbers,
} from './graphValue.js';
import { joined, padAxis, take } from './moveAxis.js';

/** Operations that cut, join, repeat and move. */
export const moves: Readonly<Record<string, GraphOp>> = {
  Identity: (node) => (inputs) => needed(node, inputs, 1)[0],
  StopGradient: (node) => (inputs) => needed(node, inputs, 1)[0],
  Snapshot: (node) => (inputs) => needed(node, inputs, 1)[0],
  EnsureShape: (node) => (inputs) => needed(node, inputs, 1)[0],
  CheckNumerics: (node) => (inputs) => needed(node, inputs, 1)[0],
  PreventGradient: (node) => (inputs) => needed(node, inputs, 1)[0],
  PlaceholderWithDefault: (node) => (inputs) => needed(node, inputs, 1)[0],
  IdentityN: () => (inputs) => [...inputs],
  Transpose: (node) => (inputs) => {
    const [x, order] = needed(node, inputs, 2);
    return transposed(node, x, wholeNumbers(node, 'perm', order));
  },
  Reshape: (node) => (inputs) => {
    const [x, shape] = needed(node, inputs, 2);
    const wanted = wholeNumbers(node, 'shape', shape, -1);
    node.check(wanted.length <= 8, `has a shape of ${wanted.length} axes`);
    const now = shapeOf(x);
    if (
      wanted.length === now.length &&
      wanted.filter((n, axis) => n !== now[axis]).every((n) => n === -1) &&
      wanted.filter((n) => n === -1).length < 2
    )
      return x;
    return like({ ...x, first: false }, reshape(plain(x), wanted));
  },
  Squeeze: (node) => {
    const given = node.numbers('squeeze_dims') ?? node.numbers('axis') ?? [];
    return (inputs) => {
      const [x] = needed(node, inputs, 1);
      const shape = shapeOf(x);
      const axes = given.map((axis) => (axis < 0 ? axis + shape.length : axis));
      node.check(
        axes.every((axis) => shape[axis] === 1),
        `removes axes ${axes.join(', ')} of [${shape.join(', ')}], which must be 1`,
      );
      const gone = (n: number, axis: number): boolean => (axes.length === 0 ? n === 1 : axes.includes(axis));
      return like(
        { ...x, first: false },
        reshape(
          plain(x),
          shape.filter((n, axis) => !gone(n, axis)),
        ),
      );
    };
  },
  ExpandDims: (node) => (inputs) => {
    const [x, at] = needed(node, inputs, 2);
    const [axis] = wholeNumbers(node, 'axis', at);
    const shape = [...shapeOf(x)];
    const place = axis < 0 ? axis + shape.length + 1 : axis;
    node.check(place >= 0 && place <= shape.length && shape.length < 8, `adds axis ${axis} to ${shape.length} axes`);
    shape.splice(place, 0, 1);
    return like({ ...x, first: false }, reshape(plain(x), shape));
  },
  ConcatV2: (node) => (inputs) => {
    const values = needed(node, inputs, 2).slice(0, -1);
    return joined(node, values, wholeNumbers(node, 'axis', inputs[inputs.length - 1])[0]);
  },
  Concat: (node) => (inputs) =>
    joined(node, needed(node, inputs, 2).slice(1), wholeNumbers(node, 'axis', inputs[0])[0]),
  Pack: (node) => {
    const given = node.number('axis', 0);
    return (inputs) => {
      const [x] = needed(node, inputs, 1);
      const rank = x.tensor.shape.length + 1;
      const axis = given < 0 ? given + rank : given;
      node.check(
        Number.isInteger(axis) && axis >= 0 && axis < rank && rank <= 8,
        `stacks along axis ${given} of ${rank}`,
      );
      const parts = inputs.map((value) => reshape(plain(value), shapeOf(value).toSpliced(axis, 0, 1)));
      return toValue(
        concat(parts, axis),
        false,
        inputs.every(({ integer }) => integer),
      );
    };
  },
  Unpack: (node) => (inputs) => {
    const [x] = needed(node, inputs, 1);
    const t = plain(x);
    const axis = axisOf(node, { ...x, first: false }, node.number('axis', 0));
    return parts(node, t, axis, new Array(Math.min(t.shape[axis], 2 ** 12)).fill(1)).map((part) =>
      like({ ...x, first: false }, reshape(part, t.shape.toSpliced(axis, 1))),
    );
  },
  Split: (node) => {
    const count = node.number('num_split', 1);
    return (inputs) => {
      const [at, x] = needed(node, inputs, 2);
      const axis = axisOf(node, x, wholeNumbers(node, 'axis', at)[0]);
      const each = x.tensor.shape[axis] / count;
      node.check(
        Number.isInteger(count) && count >= 1 && count <= 2 ** 12 && Number.isInteger(each),
        `cuts ${x.tensor.shape[axis]} into ${count} parts`,
      );
      return parts(node, x.tensor, axis, new Array(count).fill(each)).map((part) => like(x, part));
    };
  },
  SplitV: (node) => (inputs) => {
    const [x, sizes, at] = needed(node, inputs, 3);
    const axis = axisOf(node, x, wholeNumbers(node, 'axis', at)[0]);
    const given = wholeNumbers(node, 'sizes', sizes, -1);
    const rest = x.tensor.shape[axis] - given.filter((n) => n >= 0).reduce((a, b) => a + b, 0);
    return parts(
      node,
      x.tensor,
      axis,
      given.map((n) => (n < 0 ? rest : n)),
    ).map((part) => like(x, part));
  },
  Slice: (node) => (inputs) => {
    const [x, begin, size] = needed(node, inputs, 3);
    const starts = wholeNumbers(node, 'begin', begin, 0);
    const sizes = wholeNumbers(node, 'size', size, -1);
    const shape = shapeOf(x);
    node.check(
      starts.length === shape.length && sizes.length === shape.length,
      `cuts ${starts.length} axes of ${shape.length}`,
    );
    let t = x.tensor;
    for (const [axis, start] of starts.entries()) {
      const end = sizes[axis] < 0 ? shape[axis] : start + sizes[axis];
      node.check(
        end <= shape[axis] && start <= end,
        `cuts ${start} to ${end} of axis ${axis}, which is ${shape[axis]} long`,
      );
      if (end - start < shape[axis]) t = slice(t, axisOf(node, x, axis), start, end);
    }
    return like(x, t);
  },
  GatherV2: gather,
  Gather: gather,
  ReverseV2: (node) => (inputs) => {
    const [x, axes] = needed(node, inputs, 2);
    const t = wholeNumbers(node, 'axis', axes).reduce((part, given) => {
      const axis = axisOf(node, x, given);
      return take(
        node,
        part,
        axis,
        Array.from({ length: part.shape[axis] }, (_, i) => part.shape[axis] - 1 - i),
      );
    }, x.tensor);
    return like(x, t);
  },
  Tile: (node) => (inputs) => {
    const [x, multiples] = needed(node, inputs, 2);
    const times = wholeNumbers(node, 'multiples', multiples, 0);
    const shape = shapeOf(x);
    node.check(
      times.length === shape.length && times.every((n) => n <= 2 ** 12),
      `repeats ${times.length} axes of ${shape.length} ${times.slice(0, 8).join(', ')} times`,
    );
    expectRoom(
      `node ${node.title}`,
      shape.map((n, axis) => n * times[axis]),
    );
    const t = times.reduce((part, n, axis) => {
      const along = axisOf(node, x, axis);
      if (n === 1) return part;
      return n === 0 ? slice(part, along, 0, 0) : concat(new Array(n).fill(part), along);
    }, x.tensor);
    return like(x, t);
  },
  BroadcastTo: (node) => (inputs) => {
    const [x, shape] = needed(node, inputs, 2);
    const wanted = wholeNumbers(node, 'shape', shape, 0);
    expectRoom(`node ${node.title}`, wanted);
    const t = plain(x);
    broadcastShapes(node.title, t.shape, wanted);
    return like({ ...x, first: false }, add(t, Tensor.zeros(wanted)));
  },
  Pad: pad,
  PadV2: pad,
  MirrorPad: pad,
  ResizeBilinear: resize('bilinear'),
  ResizeNearestNeighbor: resize('nearest'),
  SpaceToBatchND: (node) => (inputs) => {
    const [x, block, pads] = needed(node, inputs, 3);
    const sizes = blocksOf(node, block);
    const around = wholeNumbers(node, 'paddings', pads, 0);
    const t0 = plain(x);
    node.check(
      t0.shape.length > sizes.length && around.length === 2 * sizes.length,
      `cuts ${sizes.length} axes of ${t0.shape.length}`,
    );
    const t = sizes.reduce(
      (part, _, i) => padAxis(node, part, i + 1, [around[2 * i], around[2 * i + 1]], 'CONSTANT', 0),
      t0,
    );
    const [n, ...rest] = t.shape;
    const spatial = rest.slice(0, sizes.length);
    const more = rest.slice(sizes.length);
    node.check(
      spatial.every((size, i) => size % sizes[i] === 0),
      `cuts axes of ${spatial.join(', ')} into blocks of ${sizes.join(', ')}`,
    );
    const split = reshape(t, [n, ...spatial.flatMap((size, i) => [size / sizes[i], sizes[i]]), ...more]);
    const order = [
      ...sizes.map((_, i) => 2 * i + 2),
      0,
      ...sizes.map((_, i) => 2 * i + 1),
      ...more.map((_, i) => 1 + 2 * sizes.length + i),
    ];
    return toValue(
      reshape(permute(split, order), [n * sizeOf(sizes), ...spatial.map((size, i) => size / sizes[i]), ...more]),
    );
  },
  BatchToSpaceND: (node) => (inputs) => {
    const [x, block, crops] = needed(node, inputs, 3);
    const sizes = blocksOf(node, block);
    const around = wholeNumbers(node, 'crops', crops, 0);
    const t = plain(x);
    const [n, ...rest] = t.shape;
    const all = sizeOf(sizes);
    node.check(
      t.shape.length > sizes.length && around.length === 2 * sizes.length && n % all === 0,
      `joins ${n} images in blocks of ${sizes.join(', ')}`,
    );
    const spatial = rest.slice(0, sizes.length);
    const more = rest.slice(sizes.length);
    const k = sizes.length;
    const order = [k, ...sizes.flatMap((_, i) => [k + 1 + i, i]), ...more.map((_, i) => 2 * k + 1 + i)];
    const whole = reshape(permute(reshape(t, [...sizes, n / all, ...rest]), order), [
      n / all,
      ...spatial.map((size, i) => size * sizes[i]),
      ...more,
    ]);
    return toValue(
      sizes.reduce((part, _, i) => {
        const end = part.shape[i + 1] - around[2 * i + 1];
        node.check(end > around[2 * i], `crops all of axis ${i + 1}`);
        return slice(part, i + 1, around[2 * i], end);
      }, whole),
    );
  },
  DepthToSpace: (node) => {
    const size = node.number('block_size', 2);
    return (inputs) => {
      const [n, h, w, c] = shapeOf(needed(node, inputs, 1)[0]);
      const x = imageOf(node, inputs[0]);
      const rest = c / size ** 2;
      node.check(
        Number.isInteger(rest) && rest >= 1 && size >= 1,
        `cuts ${c} channels into blocks of ${size} x ${size}`,
      );
      const blocks = permute(reshape(x, [n, size, size, rest, h, w]), [0, 3, 4, 1, 5, 2]);
      return toValue(reshape(blocks, [n, rest, h * size, w * size]), true);
    };
  },
  SpaceToDepth: (node) => {
    const size = node.number('block_size', 2);
    return (inputs) => {
      const [n, h, w, c] = shapeOf(needed(node, inputs, 1)[0]);
      const x = imageOf(node, inputs[0]);
      node.check(
        size >= 1 && h % size === 0 && w % size === 0,
        `cuts images of ${h} x ${w} into blocks of ${size} x ${size}`,
      );
      const blocks = permute(reshape(x, [n, c, h / size, size, w / size, size]), [0, 3, 5, 1, 2, 4]);
      return toValue(reshape(blocks, [n, c * size ** 2, h / size, w / size]), true);
    };
  },
};

function parts(node: GraphNode, x: Tensor, axis: number, sizes: number[]): Tensor[] {
  node.check(sizes.length <= 2 ** 12, `makes ${sizes.length} parts. The file is damaged`);
  return split(x, sizes, axis);
}

function blocksOf(node: GraphNode, block: Value): number[] {
  const sizes = wholeNumbers(node, 'block', block, 1);
  node.check(sizes.length >= 1 && sizes.length <= 3, `has blocks of ${sizes.length} axes`);
  return sizes;
}

function gather(node: GraphNode): ReturnType<GraphOp> {
  node.check(node.number('batch_dims', 0) === 0, `has batch_dims ${node.number('batch_dims', 0)}, but 0 is read`);
  return (inputs) => {
    const [x, indices, at] = needed(node, inputs, 2);
    const given = at === undefined ? 0 : wholeNumbers(node, 'axis', at)[0];
    const axis = axisOf(node, x, given);
    const length = x.tensor.shape[axis];
    const positions = wholeNumbers(node, 'indices', indices, 0);
    node.check(
      positions.every((i) => i < length),
      `reads entry ${Math.max(...positions)} of ${length}`,
    );
    const taken = like(x, take(node, x.tensor, axis, positions));
    if (indices.tensor.shape.length === 1) return taken;
    const shape = shapeOf(taken).toSpliced(given < 0 ? given + x.tensor.shape.length : given, 1, ...shapeOf(indices));
    return like({ ...x, first: false }, reshape(plain(taken), shape));
  };
}

function pad(node: GraphNode): ReturnType<GraphOp> {
  const mode = node.op === 'MirrorPad' ? node.text('mode', 'REFLECT') : 'CONSTANT';
  node.check(['CONSTANT', 'REFLECT', 'SYMMETRIC'].includes(mode), `has the mode '${mode}'`);
  return (inputs) => {
    const [x, paddings, fill] = needed(node, inputs, 2);
    const around = wholeNumbers(node, 'paddings', paddings, 0);
    const rank = x.tensor.shape.length;
    node.check(around.length === 2 * rank, `pads ${around.length / 2} axes of ${rank}`);
    const value = fill === undefined ? 0 : numbersOf(fill)[0];
    let t = x.tensor;
    for (let axis = 0; axis < rank; axis++) {
      t = padAxis(node, t, axisOf(node, x, axis), [around[2 * axis], around[2 * axis + 1]], mode, value);
    }
    return like(x, t);
  };
}

function resize(mode: 'bilinear' | 'nearest'): GraphOp {
  return (node) => {
    const [corners, half] = [node.flag('align_corners'), node.flag('half_pixel_centers')];
    node.check(!(corners && half), 'has align_corners and half_pixel_centers, which exclude each other');
    const grid = corners ? 'align_corners' : half ? 'half_pixel' : 'asymmetric';
    return (inputs) => {
      const [x, size] = needed(node, inputs, 2);
      const wanted = wholeNumbers(node, 'size', size, 1);
      node.check(wanted.length === 2, `resizes to ${wanted.length} sizes, but height and width are needed`);
      return toValue(resizeImages(`node ${node.title}`, imageOf(node, x), [wanted[0], wanted[1]], mode, grid), true);
    };
  };
}
