interface NodeProcess {
  getBuiltinModule?: ((name: string) => unknown) | undefined;
}

/**
 * A module of Node, reached without an import that a bundler for browsers would trip over; undefined in browsers, and
 * in Node before 20.16.
 */
export function nodeModule<T>(name: string): T | undefined {
  const { process } = globalThis as { process?: NodeProcess | undefined };
  return process?.getBuiltinModule?.(name) as T | undefined;
}
