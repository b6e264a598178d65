import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { transform } from 'esbuild';

/**
 * Minifies the chunk of Vega, which only the command draws charts with: it is as large as the rest of the package. Its source map goes,
 * and the licences of the packages in it join those of the others.
 */
export async function packCharts(folder: string): Promise<void> {
  const names = readdirSync(folder).filter((name) => /^vega-\w+\.js$/.test(name));
  if (names.length === 0) throw new Error(`packCharts: there is no chunk of Vega in ${folder}.`);
  for (const name of names) {
    const file = join(folder, name);
    const { sources } = JSON.parse(readFileSync(`${file}.map`, 'utf8')) as { sources: string[] };
    const text = readFileSync(file, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
    const { code } = await transform(text, { minify: true, lineLimit: 1000, legalComments: 'none', target: 'es2022' });
    writeFileSync(file, code);
    rmSync(`${file}.map`);
    appendFileSync(join(folder, 'bundled-licences.txt'), licencesOf(sources.map((source) => resolve(folder, source))));
  }
}

/** The licences of the packages that the sources are from. */
function licencesOf(sources: readonly string[]): string {
  const homes = new Map<string, string>();
  for (const source of sources) {
    const found = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source);
    if (found !== null) homes.set(found[1], dirname(`${found[0]}x`));
  }
  return [...homes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, home]) => `\n\n${name}\n${'-'.repeat(name.length)}\n${licenceIn(home)}\n`)
    .join('');
}

function licenceIn(home: string): string {
  const file = readdirSync(home).find((name) => /^licen[cs]e/i.test(name));
  if (file !== undefined) return readFileSync(join(home, file), 'utf8').trim();
  const { license, author } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  return `${license}${author === undefined ? '' : `, ${typeof author === 'string' ? author : author.name}`}`;
}
