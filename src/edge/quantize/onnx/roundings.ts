import { ArgumentError } from '../../../base/errors.js';
import type { Graph } from '../../../graph/graph.js';
import type { GraphNode } from '../../../graph/node.js';
import { NewValues } from '../../../graph/passes/pass.js';
import { removeDead } from '../../../graph/passes/removeDead.js';
import type { Quantization } from '../integers/integerNetwork.js';
import type { Constants } from './constants.js';

/** What a pair of QuantizeLinear and DequantizeLinear becomes: numbers that bytes can stand for. */
export const ROUNDING = 'rounding';

/** A table that a byte is looked up in; the result is a byte too. */
export const BYTE_TABLE = 'byteTable';

/**
 * Turns pairs of QuantizeLinear and DequantizeLinear into roundings, and tables of bytes between them into lookups. What decodes weights stays as it
 * is.
 *
 * Throws `ArgumentError` for numbers that 8 bits can't hold: of 16 bits, or with a scale for each channel of an activation.
 */
export function findRoundings(graph: Graph, constants: Constants): Graph {
  const added = new NewValues(graph);
  const known = new Map<string, number>();
  const nodes = graph.nodes.flatMap((node): GraphNode[] => {
    const decoded = decodes(node, constants);
    if (decoded === null) return [node];
    const [output] = node.outputs as [number];
    const make = (input: number, to: Quantization, into: number): GraphNode[] => {
      const key = [input, to.scale, to.zero, to.low].join();
      const same = known.get(key);
      known.set(key, same ?? into);
      const { call } = node;
      if (same !== undefined) return [{ ...plain(call), op: 'view', inputs: [same], outputs: [into], isView: true }];
      return [{ ...plain(call), op: ROUNDING, attributes: { ...to }, inputs: [input], outputs: [into] }];
    };
    const maker = constants.uses.maker(decoded.bytes);
    if (maker?.op === 'quantizeLinear') {
      const { input, to } = encodes(maker, constants);
      expectSame(to, { ...to, ...shifted(decoded.scale, decoded.zero, maker) });
      return make(input, to, output);
    }
    const lookup = maker?.op === 'tableLookup' ? tableOf(maker, constants) : null;
    if (lookup === null) {
      throw new ArgumentError(
        'importQuantizedOnnx: the file has whole numbers that neither QuantizeLinear nor a table of bytes made. importOnnx computes them with floats.',
      );
    }
    const shape = graph.shapeOf(output);
    const [byte, found] = [added.add(shape), added.add(shape)];
    const first = make(lookup.input, lookup.from, byte);
    const table = { ...plain(node.call), op: BYTE_TABLE, attributes: { table: lookup.table } };
    const low = lookup.table.every((v) => v >= 0) ? 0 : -128;
    const to = { scale: precise(decoded.scale), zero: decoded.zero, low };
    return [...first, { ...table, inputs: [byte], outputs: [found] }, ...make(found, to, output)];
  });
  return removeDead(graph.with({ nodes, values: added.values }));
}

function plain(call: number): Omit<GraphNode, 'op' | 'inputs' | 'outputs'> {
  return { attributes: {}, roles: {}, call, isView: false, kernels: [] };
}

/** What DequantizeLinear reads, where it isn't weights: scale * (bytes - zero). */
function decodes(node: GraphNode, constants: Constants): { bytes: number; scale: number; zero: number } | null {
  if (node.op !== 'mul' || node.inputs.length !== 2 || constants.has(node.outputs[0])) return null;
  const [centered, by] = node.inputs as [number, number];
  const maker = constants.uses.maker(centered);
  const isShifted = maker?.op === 'sub' && constants.has(maker.inputs[1]);
  const bytes = isShifted ? (maker.inputs[0] as number) : centered;
  if (!/^(quantizeLinear|tableLookup)$/.test(constants.uses.maker(bytes)?.op ?? '') || !constants.has(by)) return null;
  const scale = one(constants, by);
  return { bytes, scale, zero: isShifted ? one(constants, maker.inputs[1] as number) : 0 };
}

/** What QuantizeLinear reads and how it rounds. A Max before it that leaves out the lower half of the bytes makes them 7 bits wide. */
function encodes(node: GraphNode, constants: Constants): { input: number; to: Quantization } {
  const [input, by, zero] = node.inputs as [number, number, number | undefined];
  const { scale, zero: shift } = shifted(one(constants, by), zero === undefined ? 0 : one(constants, zero), node);
  const maker = constants.uses.maker(input);
  const least = maker?.op === 'maximum' ? constants.number(maker.inputs[1]) : null;
  const isNarrow = least !== null && Math.round(least / scale) + shift === 0;
  const source = isNarrow ? (maker?.inputs[0] as number) : input;
  return { input: source, to: { scale, zero: shift, low: isNarrow ? 0 : -128 } };
}

/** A scale and a zero point for bytes from -128 to 127. */
function shifted(scale: number, zero: number, { attributes }: GraphNode): { scale: number; zero: number } {
  const { least, most } = attributes as { least: number; most: number };
  if (most - least !== 255) {
    throw new ArgumentError(
      `importQuantizedOnnx: the file quantizes activations to whole numbers from ${least} to ${most}, but integer kernels take 8 bits. Quantize with 8-bit activations, or use importOnnx, which computes with floats.`,
    );
  }
  return { scale: precise(scale), zero: zero - 128 - least };
}

function one(constants: Constants, value: number): number {
  const found = constants.number(value);
  if (found !== null) return found;
  throw new ArgumentError(
    `importQuantizedOnnx: the file has ${constants.tensor(value).size} scales or zero points for one activation, but integer kernels take one. Quantize activations per tensor, or use importOnnx, which computes with floats.`,
  );
}

/** Scales have the digits that files of this library keep. */
function precise(scale: number): number {
  return Number(scale.toPrecision(9));
}

function expectSame(a: Quantization, b: Quantization): void {
  if (a.scale === b.scale && a.zero === b.zero) return;
  throw new ArgumentError(
    `importQuantizedOnnx: a QuantizeLinear with scale ${a.scale} and zero point ${a.zero} is read by a DequantizeLinear with scale ${b.scale} and zero point ${b.zero}. Integer kernels need the same on both sides; importOnnx computes with floats.`,
  );
}

/** Gather(table, Cast(bytes) + 128), as this library writes activations. */
function tableOf(
  node: GraphNode,
  constants: Constants,
): { input: number; from: Quantization; table: Int8Array } | null {
  const values = node.attributes.table as Float32Array;
  let at = constants.uses.maker(node.inputs[0] as number);
  let offset = 0;
  if (at?.op === 'add' && constants.number(at.inputs[1]) !== null) {
    offset = constants.number(at.inputs[1]) as number;
    at = constants.uses.maker(at.inputs[0] as number);
  }
  if (at?.op === 'truncate' || at?.op === 'identity') at = constants.uses.maker(at.inputs[0] as number);
  if (at?.op !== 'quantizeLinear' || values.length !== 256) return null;
  const { least } = at.attributes as { least: number };
  if (offset !== -least || !values.every((v) => Number.isInteger(v) && v >= -128 && v < 128)) return null;
  const { input, to } = encodes(at, constants);
  return { input, from: to, table: Int8Array.from(values, (_, i) => values[(i + 128) & 255] as number) };
}
