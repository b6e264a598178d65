import { describe, expect, it } from 'vitest';
import { graph } from '../../src/debug/graph.js';
import { Conv2d } from '../../src/layers/conv2d.js';
import { Module } from '../../src/layers/module.js';
import { Sequential } from '../../src/layers/sequential.js';
import { createModel } from '../../src/models/index.js';
import { add } from '../../src/tensor/ops/math/add.js';
import type { Tensor } from '../../src/tensor/tensor.js';

class Residual extends Module {
  readonly conv = new Conv2d(2, 2, 1);
  forward(x: Tensor): Tensor {
    return add(x, this.conv.forward(x));
  }
}

const net = new Sequential({ first: new Residual(), last: new Conv2d(2, 3, 1) });

describe('graph', () => {
  it('draws a node a layer, one for an operation between layers, and where tensors go', () => {
    expect(graph(net, [1, 2, 4, 4])).toBe(`flowchart TD
  input["input<br/>[1, 2, 4, 4]"]
  n0["first.conv Conv2d<br/>[1, 2, 4, 4]"]
  n1["add<br/>[1, 2, 4, 4]"]
  n2["last Conv2d<br/>[1, 3, 4, 4]"]
  input --> n0
  input --> n1
  n0 --> n1
  n1 --> n2
`);
  });

  it('draws blocks as one node at a depth, and speaks Graphviz', () => {
    expect(graph(net, [1, 2, 4, 4], { depth: 1, format: 'dot' })).toBe(`digraph {
  node [shape=box];
  input [label="input\\n[1, 2, 4, 4]"];
  n0 [label="first Residual\\n[1, 2, 4, 4]"];
  n1 [label="last Conv2d\\n[1, 3, 4, 4]"];
  input -> n0;
  n0 -> n1;
}
`);
  });

  it('reaches every node of a large model from its input', () => {
    const text = graph(createModel('googlenet_cifar', { widthMultiplier: 0.125 }), [1, 3, 32, 32]);
    const nodes = [...text.matchAll(/^ {2}(n\d+)\["/gm)].map((m) => m[1]);
    const edges = [...text.matchAll(/^ {2}(\w+) --> (n\d+)$/gm)].map((m) => [m[1], m[2]]);
    const reached = new Set(['input']);
    for (const [from, to] of edges) if (reached.has(from)) reached.add(to);
    expect(nodes.length).toBeGreaterThan(100);
    expect(nodes.filter((node) => !reached.has(node))).toEqual([]);
  });
});
