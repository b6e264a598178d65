import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Puts each name of a bundle's last statement, `export { ... }`, on a line of its own: hundreds on one are nothing to read or to compare. */
export function wrapExports(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.js'),
  )) {
    const file = join(folder, name);
    const text = readFileSync(file, 'utf8');
    const wrapped = text.replace(/^export \{ (.*) \};(?=\n(?:\/\/.*\n?)*$)/m, (_, names: string) => {
      return `export {\n  ${names.replaceAll(', ', ',\n  ')},\n};`;
    });
    if (wrapped !== text) writeFileSync(file, wrapped);
  }
}
