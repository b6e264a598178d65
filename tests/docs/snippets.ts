import { readdirSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

/** A document whose TypeScript snippets, in order, make up one program. */
export interface Page {
  /** Its path in the repository. */
  path: string;
  /** README or docs/training as a file name. */
  name: string;
  text: string;
  /** The program, importing 'stridenet'. */
  source: string;
  /** The same, importing this repository's sources. */
  program: string;
  /** What the comments behind `console.log(...);` say is printed, in order. */
  prints: string[];
}

const paths = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', ...listed('docs')].sort();

/** Every document of the repository. */
export const pages: readonly Page[] = paths.map((path) => {
  const text = readFileSync(resolve(root, path), 'utf8');
  const snippets = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1]);
  const source = snippets.join('\n');
  return {
    path,
    name: basename(path, '.md'),
    text,
    source,
    program: source.replace(
      / from 'stridenet(?:\/([\w/]+))?'/g,
      (_, entry) => ` from '${root}/src/${folderOf(entry)}index.js'`,
    ),
    prints: [...source.matchAll(/^ *console\.log\(.*\); \/\/ (.*)$/gm)].map((match) => match[1]),
  };
});

/** The folder that an entry's names are gathered in. */
function folderOf(entry: string | undefined): string {
  if (entry === undefined) return '';
  return entry === 'transforms' ? 'data/transforms/' : `${entry}/`;
}

function listed(folder: string): string[] {
  return readdirSync(resolve(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `${folder}/${file}`);
}
