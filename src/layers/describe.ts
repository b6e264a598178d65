/** `kernelSize=3, stride=[1, 2]`: the options that are set and differ from `defaults`, as shown by layers. */
export function describeOptions(options: object, defaults: object = {}): string {
  const usual = new Map(Object.entries(defaults));
  return Object.entries(options)
    .filter(([name, value]) => value !== undefined && value !== usual.get(name))
    .map(([name, value]) => `${name}=${show(value)}`)
    .join(', ');
}

function show(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}
