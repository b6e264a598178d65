import type { PreprocessingOptions } from '../preprocessing.js';
import type { Preset } from './preset.js';

/** x / 127.5 - 1. */
const TF: Omit<PreprocessingOptions, 'size'> = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
/** Blue, green, red, each minus its mean in bytes. */
const CAFFE: Omit<PreprocessingOptions, 'size'> = {
  colorOrder: 'BGR',
  mean: [103.939 / 255, 116.779 / 255, 123.68 / 255],
  std: [1 / 255, 1 / 255, 1 / 255],
};
const TORCH: Omit<PreprocessingOptions, 'size'> = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** MobileNet v1 of TensorFlow.js, by its width. */
const mobilenets: readonly Preset[] = ['0.25', '0.50', '0.75', '1.0'].map((width) => ({
  name: `tfjs/mobilenet_v1_${width}_224`,
  architecture: null,
  preprocessing: { size: 224, shortSide: 256, ...TF },
  classes: 'imagenet',
  weights: {
    file: 'model.json',
    url: `https://storage.googleapis.com/tfjs-models/tfjs/mobilenet_v1_${width}_224/model.json`,
    license: 'Apache-2.0',
  },
}));

/** What `preprocess_input` of each Keras application does. Source: Keras, `keras.applications.imagenet_utils`. */
const applications: readonly [name: string, size: number, mode: Omit<PreprocessingOptions, 'size'>][] = [
  ['vgg16', 224, CAFFE],
  ['vgg19', 224, CAFFE],
  ['resnet50', 224, CAFFE],
  ['resnet101', 224, CAFFE],
  ['resnet152', 224, CAFFE],
  ['resnet50_v2', 224, TF],
  ['inception_v3', 299, TF],
  ['inception_resnet_v2', 299, TF],
  ['xception', 299, TF],
  ['mobilenet', 224, TF],
  ['mobilenet_v2', 224, TF],
  ['densenet121', 224, TORCH],
  ['densenet169', 224, TORCH],
  ['densenet201', 224, TORCH],
  ['nasnet_mobile', 224, TF],
];

/** Keras applications, converted to TensorFlow.js layers models. */
const keras: readonly Preset[] = applications.map(([name, size, mode]) => ({
  name: `keras/${name}`,
  architecture: null,
  preprocessing: { size, fit: 'stretch', ...mode },
  classes: 'imagenet',
  weights: { file: 'model.json' },
}));

/** Networks of Caffe, converted to ONNX: 256 x 256 pixels, of which the center counts. */
const caffe: readonly Preset[] = [
  ['alexnet', 227],
  ['caffenet', 227],
  ['googlenet', 224],
].map(([name, size]) => ({
  name: `caffe/${name}`,
  architecture: null,
  preprocessing: { ...CAFFE, size: size as number, shortSide: 256, mean: [104 / 255, 117 / 255, 123 / 255] },
  classes: 'imagenet',
  weights: { file: `${name}.onnx` },
}));

/** nsfwjs: what is safe to show. Its pixels count from 0 to 1. */
const nsfwjs: readonly Preset[] = [
  ['mobilenet_v2', 224],
  ['inception_v3', 299],
].map(([name, size]) => ({
  name: `nsfwjs/${name}`,
  architecture: null,
  preprocessing: { size: size as number, fit: 'stretch' },
  classes: ['Drawing', 'Hentai', 'Neutral', 'Porn', 'Sexy'],
  weights: { file: 'model.json', license: 'MIT' },
}));

export const tensorflow: readonly Preset[] = [...mobilenets, ...keras, ...caffe, ...nsfwjs];
