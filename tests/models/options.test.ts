import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../src/base/errors.js';
import { withoutInit } from '../../src/layers/withoutInit.js';
import { Airbench } from '../../src/models/airbench.js';
import { CapsNet } from '../../src/models/capsnet.js';
import { CifarResnet } from '../../src/models/cifarResnet.js';
import { type CreateModelOptions, createModel, listModels, models } from '../../src/models/index.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { optionsOf } from '../../testing/modelOptions.js';

/** A value within the range of each option, and not its default. */
const values: Required<CreateModelOptions> = {
  numClasses: 3,
  inChannels: 2,
  widthMultiplier: 1 / 32,
  dropout: 0.9,
  stochasticDepth: 0.3,
  shortcut: 'B',
  imageSize: 20,
  routings: 2,
  auxHeads: true,
  fiveByFive: true,
  auxDropout: 0.1,
  transformInput: true,
};

describe.each(listModels())('%s', (name) => {
  const build = (options: object): string =>
    withoutInit(() => {
      const model = createModel(name, { widthMultiplier: 1 / 16, ...options });
      // Some options are no layer: the number of routings, the normalization of the input.
      const fields = JSON.stringify(model, (_, value) => (value instanceof Tensor ? value.shape : value));
      for (const [, t] of model.namedTensors()) t.dispose();
      return `${model} ${fields}`;
    });

  it.each(Object.entries(values))('with %s: either changes with it or refuses it', (option, value) => {
    if (optionsOf(name).includes(option)) {
      const heads = option === 'auxDropout' ? { auxHeads: true } : {};
      // ResNet-8 has option B by default.
      const other = name === 'resnet8' && option === 'shortcut' ? 'A' : value;
      expect(build({ ...heads, [option]: other }) === build(heads)).toBe(false);
      return;
    }
    const refused = (): unknown => build({ [option]: value });
    expect(refused).toThrow(ArgumentError);
    expect(refused).toThrow(
      new RegExp(
        `^${name}: there is no option '${option}'\\.( Did you mean .*\\?)? The options of this model are ${optionsOf(name).join(', ')}\\.$`,
      ),
    );
    expect(build({ [option]: undefined }) === build({})).toBe(true);
  });

  it('refuses an option that no model has, even when it is undefined', () => {
    expect(() => models[name].build({ mistake: undefined } as object)).toThrow(
      `${name}: there is no option 'mistake'.`,
    );
  });
});

it('suggests options that this model has, not those of others', () => {
  expect(() => createModel('resnet20', { dropuot: 0.5 } as object)).toThrow(
    "resnet20: there is no option 'dropuot'. The options of this model are numClasses, inChannels, widthMultiplier, shortcut, stochasticDepth.",
  );
  expect(() => createModel('vgg16', { dropuot: 0.5 } as object)).toThrow("Did you mean 'dropout'?");
});

it('holds for classes that are made without createModel', () => {
  expect(() => new CifarResnet(20, { dropout: 0.9 } as object)).toThrow("resnet20: there is no option 'dropout'.");
  expect(() => new Airbench(91, { auxHeads: true } as object)).toThrow("airbench91: there is no option 'auxHeads'.");
  expect(() => new CapsNet({ dropout: 0.1 } as object)).toThrow("capsnet_mnist: there is no option 'dropout'.");
});

it('refuses the dropout of auxiliary heads that the model does not have', () => {
  expect(() => createModel('googlenet', { auxDropout: 0.5 })).toThrow(
    'googlenet: auxDropout is 0.5, but this model has no auxiliary heads. Pass auxHeads: true as well, or leave it out.',
  );
});

it('needs an object', () => {
  for (const name of listModels()) {
    expect(() => createModel(name, null as unknown as object)).toThrow(ArgumentError);
    expect(() => createModel(name, 10 as unknown as object)).toThrow('createModel: the options are 10, but must be');
  }
});
