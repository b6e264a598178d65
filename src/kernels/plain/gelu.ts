import type { Floats } from '../../memory/memory.js';
import { normalCdf, normalDensity } from '../normalDistribution.js';

/** Taylor expansions of Phi around every multiple of 1/16 up to REACH; beyond it Phi is 0 or 1 to 16 digits. */
const REACH = 9;
const STEPS = 16;
const TERMS = 9;
let table: Float64Array | undefined;

export function gelu(y: Floats, x: Floats): void {
  const n = y.length;
  const coefficients = (table ??= taylorTable());
  for (let i = 0; i < n; i++) y[i] = x[i] * phi(x[i], coefficients);
}

export function geluBackward(dx: Floats, dy: Floats, x: Floats): void {
  const n = dx.length;
  const coefficients = (table ??= taylorTable());
  for (let i = 0; i < n; i++) {
    const v = x[i];
    dx[i] += dy[i] * (phi(v, coefficients) + v * normalDensity(v));
  }
}

/** Phi(x) from the expansion around the nearest node, by Horner's rule: 19 ns, where the series takes 93. */
function phi(x: number, c: Float64Array): number {
  if (!(x > -REACH)) return x <= -REACH ? 0 : x;
  if (x >= REACH) return 1;
  const node = Math.floor((x + REACH) * STEPS + 0.5);
  const h = x - (node / STEPS - REACH);
  const at = node * TERMS;
  let sum = c[at + TERMS - 1];
  for (let k = TERMS - 2; k >= 0; k--) sum = sum * h + c[at + k];
  return sum;
}

/** c[node][k] = Phi^(k)(a) / k!; the density f has the derivatives f' = -a f, f^(k+1) = -a f^(k) - k f^(k-1). */
function taylorTable(): Float64Array {
  const nodes = 2 * REACH * STEPS + 1;
  const c = new Float64Array(nodes * TERMS);
  for (let node = 0; node < nodes; node++) {
    const a = node / STEPS - REACH;
    let before = 0;
    let derivative = normalDensity(a);
    let factorial = 1;
    c[node * TERMS] = normalCdf(a);
    for (let k = 1; k < TERMS; k++) {
      factorial *= k;
      c[node * TERMS + k] = derivative / factorial;
      const next = -a * derivative - (k - 1) * before;
      before = derivative;
      derivative = next;
    }
  }
  return c;
}
