import { FormatError } from '../base/errors.js';
import {
  anything,
  type Check,
  integer,
  list,
  nullable,
  numberField,
  object,
  optional,
  text,
  whole,
} from '../base/fields.js';
import { crc32 } from '../io/crc32.js';
import type { Configuration } from './space.js';

/** What a study is: the first line of its journal. */
export interface StudyRecord {
  type: 'study';
  version: number;
  name: string;
  seed: string;
  space: unknown;
  objectives: unknown;
  sampler: unknown;
  pruner: unknown;
}

/** A trial was handed out: for the first time, or again with a larger `attempt`. */
export interface TrialRecordLine {
  type: 'trial';
  key: string;
  attempt: number;
  /** When, in milliseconds since 1970. */
  at: number;
  worker?: string | undefined;
  /** Only the first time: the configuration, and the number of the draw that gave it. */
  config?: Configuration | undefined;
  draw?: number | undefined;
}

/** A trial had a value at a step; null for one that is not finite. */
export interface ReportRecord {
  type: 'report';
  key: string;
  step: number;
  value: number | null;
  at: number;
}

/** A trial ended with a value for each objective. */
export interface ResultRecord {
  type: 'result';
  key: string;
  values: number[];
  at: number;
}

/** A trial ended without one. */
export interface FailureRecord {
  type: 'failure';
  key: string;
  reason: string;
  at: number;
}

/** An attempt was given up; the trial is to be handed out again. */
export interface RequeueRecord {
  type: 'requeue';
  key: string;
  attempt: number;
  reason: string;
  at: number;
}

/** A line of a journal. */
export type JournalRecord = StudyRecord | TrialRecordLine | ReportRecord | ResultRecord | FailureRecord | RequeueRecord;

const type = anything as Check<never>;
const CHECKS: Readonly<Record<JournalRecord['type'], Check<JournalRecord>>> = {
  study: object<StudyRecord>({
    type,
    version: whole,
    name: text,
    seed: text,
    space: anything,
    objectives: anything,
    sampler: anything,
    pruner: anything,
  }),
  trial: object<TrialRecordLine>({
    type,
    key: text,
    attempt: whole,
    at: whole,
    worker: optional(text),
    config: optional(anything as Check<Configuration>),
    draw: optional(whole),
  }),
  report: object<ReportRecord>({ type, key: text, step: integer, value: nullable(numberField), at: whole }),
  result: object<ResultRecord>({ type, key: text, values: list(numberField), at: whole }),
  failure: object<FailureRecord>({ type, key: text, reason: text, at: whole }),
  requeue: object<RequeueRecord>({ type, key: text, attempt: whole, reason: text, at: whole }),
};

/** A record as a line: JSON, a tab, and the CRC-32 of the JSON, so that no damage goes unnoticed. */
export function writeRecord(record: JournalRecord): string {
  const json = JSON.stringify(record);
  return `${json}\t${checksum(json)}`;
}

/** Reads a line. Throws `FormatError` with what is wrong about it. */
export function readRecord(line: string): JournalRecord {
  const [json, sum] = line.split('\t');
  if (sum === undefined) throw new FormatError('it has no checksum.');
  if (sum !== checksum(json)) throw new FormatError(`its checksum is ${checksum(json)}, but ${sum} was written.`);
  const value = JSON.parse(json) as { type?: string | undefined };
  const check = Object.hasOwn(CHECKS, value.type ?? '') ? CHECKS[value.type as JournalRecord['type']] : undefined;
  if (check === undefined)
    throw new FormatError(`it is of the type '${value.type}', which this version does not know.`);
  return check(value, '');
}

function checksum(json: string): string {
  return crc32(new TextEncoder().encode(json)).toString(16).padStart(8, '0');
}
