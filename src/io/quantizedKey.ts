/** The key under which safetensors files carry the operations of a network in integers. */
export const QUANTIZED_KEY = 'stridenet.quantized';
