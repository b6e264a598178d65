import type { QuantizedModel, QuantizeOptions, RangeMethod } from '../../src/edge/index.js';
import { writeFileAtomic } from '../../src/node/index.js';
import type { Terminal } from '../terminal.js';

/** The flags of `stridenet quantize`. */
export interface QuantizeSettings {
  photos?: string | undefined;
  labels?: string | undefined;
  model?: string | undefined;
  bits: number;
  ranges: string;
  perTensor?: boolean | undefined;
  equalize?: boolean | undefined;
  biasCorrection?: boolean | undefined;
  calibration: number;
  limit: number;
  maxDrop: number;
  input?: string | undefined;
  mean?: string | undefined;
  std?: string | undefined;
  html?: string | undefined;
  json?: boolean | undefined;
  data?: string | undefined;
}

/** The options of `quantize` that flags name. */
export function quantizeOptions(settings: QuantizeSettings): Omit<QuantizeOptions, 'inputShape' | 'calibration'> {
  const { perTensor, ranges, equalize, biasCorrection, maxDrop } = settings;
  const bits = settings.bits as 7 | 8;
  return {
    ...{ weightBits: bits, activationBits: bits, perChannel: !perTensor, ranges: ranges as RangeMethod },
    ...{ equalize, biasCorrection, maxDrop: maxDrop / 100 },
  };
}

/** Prints what quantization cost, and writes it as a page where --html asks for one. */
export async function printReport(
  { report }: QuantizedModel,
  written: string,
  { html, json }: QuantizeSettings,
  terminal: Terminal,
): Promise<void> {
  if (html !== undefined) await writeFileAtomic(html, report?.toHtml() ?? '');
  if (json) terminal.json(report);
  else terminal.print(`${report}\n\n${written} is written`);
}
