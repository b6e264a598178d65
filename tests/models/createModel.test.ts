import { describe, expect, expectTypeOf, test } from 'vitest';
import type { ArgumentError } from '../../src/base/errors.js';
import type { Module } from '../../src/layers/module.js';
import type { CifarResnet } from '../../src/models/cifarResnet.js';
import { GoogLeNet } from '../../src/models/googlenet.js';
import { createModel, type ModelName, type ModelOf, models, type OptionsOf } from '../../src/models/index.js';

/** The error's message; fails where there is none. */
function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as ArgumentError).message;
  }
  throw new Error('nothing was refused');
}

describe('createModel', () => {
  test('gives the class of the model, so that its own members are at hand', () => {
    const net = createModel('googlenet', { auxHeads: false, widthMultiplier: 1 / 8, numClasses: 3 });
    expectTypeOf(net).toEqualTypeOf<GoogLeNet>();
    expect(net).toBeInstanceOf(GoogLeNet);
    expectTypeOf<ModelOf<'resnet20'>>().toEqualTypeOf<CifarResnet>();
  });

  test('refuses an option of another family, in types and when it runs', () => {
    expectTypeOf<OptionsOf<'resnet20'>>().toHaveProperty('shortcut');
    expectTypeOf<OptionsOf<'resnet18'>>().not.toHaveProperty('shortcut');
    // @ts-expect-error: ResNets for ImageNet have no choice of shortcut.
    expect(refusal(() => createModel('resnet18', { shortcut: 'B' }))).toMatch(/there is no option 'shortcut'/);
    // @ts-expect-error: a word where a number must be.
    expect(refusal(() => createModel('cifar_net', { numClasses: 'ten' }))).toMatch(/numClasses/);
  });

  test('refuses a name that it does not know, in types and when it runs', () => {
    // @ts-expect-error: a slip of the pen.
    expect(refusal(() => createModel('resnet21'))).toMatch(/there is no model 'resnet21'\. Did you mean/);
  });

  test('takes a name that is known only when the program runs', () => {
    const name: string = 'cifar_net';
    expectTypeOf(createModel(name, { numClasses: 3 })).toEqualTypeOf<Module>();
    const known = Object.keys(models)[0] as ModelName;
    expectTypeOf(createModel(known, { numClasses: 3 })).toExtend<Module>();
  });
});
