import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Papa from 'papaparse';
import { DataError } from '../../base/errors.js';
import { messageOf } from '../files.js';
import { type LabelTable, labelsFromJson, labelsFromRows } from './labelTable.js';

/** The files of labels that are found by themselves in a folder without folders of classes. */
const USUAL = ['labels.csv', 'labels.json', 'labels.tsv', 'metadata.csv', 'metadata.jsonl'];

/** The file of labels of a folder: the one that is named, in the folder or elsewhere, or one with a usual name; undefined where there is none. */
export function findLabelsFile(dir: string, named: string | undefined): string | undefined {
  if (named === undefined) return USUAL.map((name) => join(dir, name)).find((path) => existsSync(path));
  const found = [join(dir, named), named].find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new DataError(`imageFolder: there is no file of labels ${named}, neither in ${dir} nor from here.`);
}

/** Reads labels from CSV, TSV, JSON or JSON Lines. Throws `DataError` with the path. */
export function readLabelsFile(path: string): LabelTable {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new DataError(`reading ${path} failed: ${messageOf(cause)}`, { cause });
  }
  if (/\.jsonl$/i.test(path))
    return labelsFromJson(
      text
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => parseJson(line, path)),
      path,
    );
  if (/\.json$/i.test(path)) return labelsFromJson(parseJson(text, path), path);
  const { data, errors } = Papa.parse<string[]>(text.replace(/^\uFEFF/, ''), {
    delimiter: delimiterOf(text, path),
    skipEmptyLines: 'greedy',
  });
  const wrong = errors.find(({ type }) => type === 'Quotes');
  if (wrong !== undefined)
    throw new DataError(`${path}: row ${(wrong.row ?? 0) + 1} is damaged: ${messageOf(wrong.message)}`);
  return labelsFromRows(data, path);
}

function delimiterOf(text: string, path: string): string {
  if (/\.tsv$/i.test(path)) return '\t';
  const first = text.split('\n', 1)[0];
  return first.includes(';') && !first.includes(',') ? ';' : ',';
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DataError(`${path} is not JSON: ${messageOf(cause)}`, { cause });
  }
}
