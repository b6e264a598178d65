// The public names of stridenet/onnx: ONNX files, in and out. A part of its own, so that the core carries no protobuf.
export type { ByteSource } from '../io/byteSource.js';
export { type ExportOnnxOptions, type ExternalDataOptions, exportOnnx, exportOnnxExternal } from './exportOnnx.js';
export { type ImportOnnxOptions, importOnnx, readOnnxMetadata } from './importOnnx.js';
export type { OnnxModule } from './onnxModule.js';
export type { ReadExternal } from './tensorValues.js';
