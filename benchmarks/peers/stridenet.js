// stridenet as its users get it: the built package, not the sources through a compiler.
import { useKernels } from '../../dist/index.js';

/** The table after `--kernels` on the command line, on one thread; plain by default, since the peers are plain JavaScript. */
export async function chooseKernels() {
  const at = process.argv.indexOf('--kernels');
  await useKernels(at < 0 ? 'plain' : process.argv[at + 1], { threads: 1 });
}
