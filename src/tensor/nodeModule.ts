export { nodeModule } from './kernels/wasm/worker.js';
