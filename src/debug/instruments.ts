import { setInstruments } from '../kernels/family.js';

/**
 * Puts an entry `stridenet <kernel>` on the performance timeline for each kernel call from now, with the lengths and the
 * geometry as its detail: for the profilers of Node and browsers. Off, it costs nothing.
 *
 * @example
 * measureKernels(true);
 * model.predict(x);
 * measureKernels(false);
 * performance.getEntriesByType('measure').map(({ name, duration }) => `${name} ${duration} ms`);
 */
export function measureKernels(on: boolean): void {
  setInstruments({ measure: on });
}

/**
 * Prints each kernel call from now: lengths, geometry, milliseconds, and GFLOP/s where the geometry tells the work. The
 * environment variable STRIDENET_DEBUG=2 does so from the start.
 *
 * @example
 * traceKernels(true); // stridenet: linear(1280 floats, ...) 0.310 ms, 8.3 GFLOP/s
 */
export function traceKernels(on: boolean): void {
  setInstruments({ trace: on });
}

/**
 * Checks each kernel call from now: the reference kernel computes it too, in float64, and a result that differs by more
 * than rounding explains is a `StridenetError` that names the kernel, the element and the geometry. Slow: for tests, and
 * for whoever writes a kernel. The environment variable STRIDENET_VALIDATE=1 does so from the start.
 *
 * @example
 * validateKernels(true);
 */
export function validateKernels(on: boolean): void {
  setInstruments({ validate: on });
}
