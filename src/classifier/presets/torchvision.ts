import type { Preset } from './preset.js';

/** Name, file, short side, crop and filter, where they are not 256, 224 and bilinear. The end of a file's name begins its sha256. */
const rows: readonly (readonly [name: string, file: string, shortSide?: number, size?: number, filter?: 'bicubic'])[] =
  [
    ['alexnet', 'alexnet-owt-7be5be79.pth'],
    ['vgg11', 'vgg11-8a719046.pth'],
    ['vgg11_bn', 'vgg11_bn-6002323d.pth'],
    ['vgg13', 'vgg13-19584684.pth'],
    ['vgg13_bn', 'vgg13_bn-abd245e5.pth'],
    ['vgg16', 'vgg16-397923af.pth'],
    ['vgg16_bn', 'vgg16_bn-6c64b313.pth'],
    ['vgg19', 'vgg19-dcbb9e9d.pth'],
    ['vgg19_bn', 'vgg19_bn-c79401a0.pth'],
    ['googlenet', 'googlenet-1378be20.pth'],
    ['inception_v3', 'inception_v3_google-0cc3c7bd.pth', 342, 299],
    ['resnet18', 'resnet18-f37072fd.pth'],
    ['resnet34', 'resnet34-b627a593.pth'],
    ['resnet50', 'resnet50-0676ba61.pth'],
    ['resnet50.v2', 'resnet50-11ad3fa6.pth', 232, 224],
    ['resnet101', 'resnet101-63fe2227.pth'],
    ['resnet101.v2', 'resnet101-cd907fc2.pth', 232, 224],
    ['resnet152', 'resnet152-394f9c45.pth'],
    ['resnet152.v2', 'resnet152-f82ba261.pth', 232, 224],
    ['resnext50_32x4d', 'resnext50_32x4d-7cdf4587.pth'],
    ['resnext50_32x4d.v2', 'resnext50_32x4d-1a0047aa.pth', 232, 224],
    ['wide_resnet50_2', 'wide_resnet50_2-95faca4d.pth'],
    ['wide_resnet50_2.v2', 'wide_resnet50_2-9ba9bcbe.pth', 232, 224],
    ['squeezenet1_0', 'squeezenet1_0-b66bff10.pth'],
    ['squeezenet1_1', 'squeezenet1_1-b8a52dc0.pth'],
    ['mobilenet_v2', 'mobilenet_v2-b0353104.pth'],
    ['mobilenet_v2.v2', 'mobilenet_v2-7ebf99e0.pth', 232, 224],
    ['mobilenet_v3_small', 'mobilenet_v3_small-047dcff4.pth'],
    ['mobilenet_v3_large', 'mobilenet_v3_large-8738ca79.pth'],
    ['mobilenet_v3_large.v2', 'mobilenet_v3_large-5c1a4163.pth', 232, 224],
    ['densenet121', 'densenet121-a639ec97.pth'],
    ['densenet161', 'densenet161-8d451a50.pth'],
    ['densenet169', 'densenet169-b2777c0a.pth'],
    ['densenet201', 'densenet201-c1103571.pth'],
    ['efficientnet_b0', 'efficientnet_b0_rwightman-3dd342df.pth', 256, 224, 'bicubic'],
  ];

/** Networks that scale their input again, from this normalization to that of their first training. */
const RESCALING = ['googlenet', 'inception_v3'];

/** The weights of torchvision. Source: torchvision 0.14, `torchvision.models.*_Weights`. */
export const torchvision: readonly Preset[] = rows.map(([name, file, shortSide = 256, size = 224, filter]) => {
  const model = name.replace('.v2', '');
  return {
    name: `torchvision/${name}`,
    architecture: { name: model, options: RESCALING.includes(model) ? { transformInput: true } : {} },
    preprocessing: {
      size,
      shortSide,
      ...(filter && { filter }),
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
    },
    classes: 'imagenet',
    weights: {
      file,
      url: `https://download.pytorch.org/models/${file}`,
      sha256: /-([0-9a-f]{8})\.pth$/.exec(file)?.[1],
    },
  };
});
