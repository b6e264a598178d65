import type { ConstantRule } from './channelGroups.js';

/** The zeros of a shortcut that pads: they are made anew in each forward, as many as its fields say. */
export const isPadding: ConstantRule = (graph, node) => graph.calls[node.call]?.type === 'PadShortcut';
