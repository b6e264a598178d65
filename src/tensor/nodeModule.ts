export { nodeModule } from '../wasm/worker.js';
