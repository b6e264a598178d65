// The public names of stridenet/images: photographs as bytes. A part of its own, so that the core does not carry decoders.
export { type DecodeImageOptions, decodeImage } from './decodeImage.js';
export type { DecodedImage, ImageFormat, RgbImage } from './image.js';
export { type EncodePngOptions, encodePng } from './png/encodePng.js';
export type { Box } from './resize/box.js';
export { type CropWindow, centerCrop, cropImage } from './resize/crop.js';
export type { ResizeFilter } from './resize/filters.js';
export { type ResizeImageOptions, resizeImage } from './resize/resizeImage.js';
export type { ColorMode } from './toColors.js';
