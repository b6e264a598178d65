import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withoutInit } from '../../src/layers/withoutInit.js';
import { createModel, listModels } from '../../src/models/index.js';
import { exportOnnx, exportOnnxExternal } from '../../src/onnx/index.js';

/** A Python that has the package onnx, whose checker knows the specification. */
const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', 'import onnx.checker']).status === 0,
);

/** Checks each file, with the shapes that its nodes make; external data is looked for beside it. */
const script = `
import sys, onnx
for path in sys.argv[1:]:
    onnx.checker.check_model(path)
    onnx.checker.check_model(onnx.load(path), full_check=True)
    print('ok', flush=True)
`;

test.skipIf(python === undefined)(
  'onnx.checker accepts every model, in operator sets 13 and 17, and with weights in another file (skipped without Python’s onnx)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'stridenet-checker-'));
    try {
      const files: string[] = [];
      const write = (name: string, bytes: Uint8Array): string => {
        const file = join(folder, name);
        writeFileSync(file, bytes);
        return file;
      };
      for (const [i, name] of listModels().entries()) {
        const channels = name === 'capsnet_mnist' ? 1 : 3;
        const size = /inception/.test(name) ? 80 : /alexnet/.test(name) ? 70 : channels === 1 ? 28 : 32;
        const model = withoutInit(() => createModel(name, { widthMultiplier: 1 / 16 }));
        const opset = i % 2 === 0 ? 13 : 17;
        files.push(write(`${name}.onnx`, exportOnnx(model, [1, channels, size, size], { opset })));
        for (const [, t] of model.namedTensors()) t.dispose();
      }
      const { model: graph, data } = exportOnnxExternal(createModel('resnet20'), [1, 3, 32, 32], {
        location: 'weights.bin',
      });
      write('weights.bin', Buffer.concat([...data()]));
      files.push(write('external.onnx', graph));
      const { stdout, stderr, status } = spawnSync(python as string, ['-c', script, ...files], { encoding: 'utf8' });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toBe('ok\n'.repeat(files.length));
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
