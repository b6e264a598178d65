import { createRequire } from 'node:module';

/** The version of the package, without loading the library. */
export function version(): string {
  return (createRequire(import.meta.url)('../package.json') as { version: string }).version;
}
