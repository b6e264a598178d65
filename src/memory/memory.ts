import { rememberMemory } from '../base/copies.js';
import { dryMemory } from './dryRun.js';
import { Heap, type HeapOptions } from './heap.js';

/** What kernels compute on: Float32Array always, but Float64Array inside a gradient check. */
export type Floats = Float32Array | Float64Array;

let theHeap: Heap | undefined;
let sharing: boolean | undefined;
let elementBytes: 4 | 8 = 4;
let workspacePointer = 0;
let workspaceBytes = 0;
let latestBuffer: ArrayBufferLike | undefined;

/** The heap of this thread, made at its first use. */
export function heap(): Heap {
  theHeap ??= new Heap({ shared: sharing });
  return theHeap;
}

/**
 * Asks for a heap that is not shared, which code for one thread can run on; false when it comes too late, since the heap has been
 * made and is shared.
 */
export function requestPlainHeap(): boolean {
  sharing = false;
  return theHeap === undefined || !theHeap.shared;
}

/** A view of `length` floats at byte offset `pointer`, in the precision of the moment. */
export function floatsAt(pointer: number, length: number, of = heap()): Floats {
  const buffer = of.memory.buffer;
  if (buffer !== latestBuffer) {
    rememberMemory(buffer);
    latestBuffer = buffer;
  }
  return elementBytes === 4 ? new Float32Array(buffer, pointer, length) : new Float64Array(buffer, pointer, length);
}

/** Bytes of one element: 4, or 8 inside `inFloat64`. */
export function bytesPerElement(): 4 | 8 {
  return elementBytes;
}

/**
 * Scratch floats for one kernel call, not cleared. There is one workspace; it grows to the largest request and is used
 * again by the next call, so ask for it before reading any `tensor.data` and do not keep it.
 */
export function workspace(length: number, who: string): Floats {
  const dry = dryMemory();
  if (dry !== null) return dry.workspace(length);
  const bytes = length * elementBytes;
  // Turned around, so that NaN goes to the heap, which refuses it.
  if (!(bytes <= workspaceBytes)) {
    if (workspaceBytes > 0) heap().release(workspacePointer, workspaceBytes);
    workspaceBytes = 0;
    workspacePointer = heap().allocate(bytes, who);
    workspaceBytes = bytes;
  }
  return floatsAt(length > 0 ? workspacePointer : 0, length);
}

/** Whether `view` is (part of) the workspace, whose numbers mean nothing to anybody but the kernel that got it. */
export function isWorkspace(view: Floats): boolean {
  return view.length === 0 || (workspaceBytes > 0 && view.byteOffset === workspacePointer);
}

/** How the memory of all tensors is used, in bytes. */
export interface MemoryInfo {
  /** Bytes held now: by tensors, parameters, the workspace, filters that `predict` keeps prepared, and some kilobytes by compiled kernels. */
  liveBytes: number;
  /** The most that `liveBytes` has been since the start, or since `resetPeak()`. */
  peakBytes: number;
  /** The part of `liveBytes` that is the kernels' scratch space. */
  workspaceBytes: number;
  /** Bytes that the heap has grown to. */
  heapBytes: number;
}

/** How much of the tensor heap is in use, in bytes. */
export function memoryInfo(): MemoryInfo {
  const { liveBytes, peakBytes, heapBytes } = heap();
  return { liveBytes, peakBytes, workspaceBytes, heapBytes };
}

/** Starts the measurement of `memoryInfo().peakBytes` anew from what is live now. */
export function resetPeak(): void {
  heap().peakBytes = heap().liveBytes;
}

/**
 * Runs `fn` with tensors of doubles: what gradient checks need. Only tensors made inside may be used inside, and none
 * of them outside. The reference and plain kernels work on both; SIMD kernels do not.
 */
export function inFloat64<T>(fn: () => T): T {
  elementBytes = 8;
  try {
    return fn();
  } finally {
    elementBytes = 4;
  }
}

/** Runs `fn`, which may make tensors of at most `bytes` more than are live now. Past that `OutOfMemoryError` is thrown. */
export function withMemoryLimit<T>(bytes: number, fn: () => T): T {
  const of = heap();
  const outer = of.ceiling;
  of.ceiling = Math.min(outer, of.liveBytes + bytes);
  try {
    return fn();
  } finally {
    of.ceiling = outer;
  }
}

/** For tests: runs `fn` on a heap of its own, for instance a plain one that detaches its views when it grows. */
export function withHeap<T>(options: HeapOptions, fn: (heap: Heap) => T): T {
  const saved = [theHeap, workspacePointer, workspaceBytes] as const;
  theHeap = new Heap(options);
  workspaceBytes = 0;
  try {
    return fn(theHeap);
  } finally {
    [theHeap, workspacePointer, workspaceBytes] = saved;
  }
}
