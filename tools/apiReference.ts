import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Application, Converter, ReflectionKind } from 'typedoc';
import { entrySources } from '../testing/docstrings.js';

// npm run docs: writes the API reference, a page for each entry and each name, to api/. Open api/index.html in a browser.

const root = resolve(import.meta.dirname, '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string;
  exports: Record<string, unknown>;
};
const entries = entrySources(manifest);

const app = await Application.bootstrap({
  name: `stridenet ${manifest.version}`,
  entryPoints: entries.map(([, file]) => join(root, file)),
  tsconfig: join(root, 'tsconfig.json'),
  readme: join(root, 'README.md'),
  // Types that only declarations mention, and links of the README to sources.
  validation: { notExported: false, invalidLink: true, invalidPath: false, notDocumented: false },
  excludeInternal: true,
  excludePrivate: true,
  excludeProtected: true,
  excludeExternals: true,
  disableSources: true,
  sort: ['kind', 'alphabetical'],
  treatWarningsAsErrors: true,
});
/** A page is called what programs import, not the path of its source. */
app.converter.on(Converter.EVENT_CREATE_DECLARATION, (_context, reflection) => {
  if (!reflection.kindOf(ReflectionKind.Module)) return;
  const source = reflection.name === 'index' ? 'src/index.ts' : `src/${reflection.name}/index.ts`;
  reflection.name = entries.find(([, file]) => file === source)?.[0] ?? reflection.name;
});

const project = await app.convert();
if (project === undefined) throw new Error('TypeDoc could not read the sources.');
app.validate(project);
await app.generateDocs(project, join(root, 'api'));
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;
