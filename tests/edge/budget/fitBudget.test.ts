import { describe, expect, it } from 'vitest';
import { fitBudget } from '../../../src/edge/index.js';

describe('fitBudget', () => {
  it('measures each network at each width and size, and lists what fits, the largest first', async () => {
    const seen: string[] = [];
    const table = await fitBudget({
      names: ['cifar_net', 'resnet8'],
      widths: [0.5, 1],
      sides: [32],
      onRow: ({ name, width }) => void seen.push(`${name} ${width}`),
    });
    expect(seen).toEqual(['cifar_net 0.5', 'cifar_net 1', 'resnet8 0.5', 'resnet8 1']);
    expect(table.fitting.map(({ name, width }) => `${name} ${width}`)).toEqual([
      'resnet8 1',
      'resnet8 0.5',
      'cifar_net 1',
      'cifar_net 0.5',
    ]);
    const [row] = table.fitting;
    expect(row).toMatchObject({ macs: 12_501_632, parameters: 78_042, bytes: { float32: 312_168, float16: 156_084 } });
    expect(row.ms).toBeGreaterThan(0);
    expect(String(table)).toMatch(/^model\s+width.*\nresnet8\s+1\s+32x32\s+12\.5\s+78,042/);
  });

  it('leaves out what is too large or too slow, and says which file fits', async () => {
    const half = await fitBudget({ names: ['resnet8'], widths: [1], bytes: 200_000 });
    expect(half.fitting[0].fits).toBe('float16');
    expect((await fitBudget({ names: ['resnet8'], widths: [1], bytes: 100_000 })).rows).toEqual([]);
    const slow = await fitBudget({ names: ['resnet8'], widths: [1], ms: 1e-6 });
    expect(slow.rows[0]).toMatchObject({ ms: Infinity, fits: null });
    expect(String(slow)).toBe('Of 1 models that were tried, none fits.');
    // Images that a network cannot take are no row.
    expect((await fitBudget({ names: ['resnet8'], widths: [1], sides: [2] })).rows).toEqual([]);
    const int8 = await fitBudget({ names: ['resnet8'], widths: [1], bytes: 100_000, int8: true });
    expect(int8.fitting[0].fits).toBe('int8');
    expect(int8.fitting[0].int8?.bytes).toBeLessThan(100_000);
    await expect(fitBudget({ ms: 0 })).rejects.toThrow('fitBudget: ms is 0, but must be > 0.');
    await expect(fitBudget({ names: ['resnet9'] })).rejects.toThrow("there is no model 'resnet9'");
  });
});
