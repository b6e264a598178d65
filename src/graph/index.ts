// The public names of stridenet/graph: models as data, and plans compiled from them.

export { CaptureError } from '../base/errors.js';
export { capture } from './capture.js';
export { CompiledModel, type CompileOptions, compile, type PlanMemory } from './compile.js';
export type { Drawing } from './draw.js';
export { Graph, type GraphJson } from './graph.js';
export type { GraphNode, GraphValue, KernelArgument, KernelCall, ModuleCall, ValueKind } from './node.js';
export type { Profile, ProfileRow } from './profile.js';
