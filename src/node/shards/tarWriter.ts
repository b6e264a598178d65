const BLOCK = 512;
const NAME = 100;

/** A regular file as it stands in a tar archive, header first; equal files give equal bytes, since it has no time and no owner. */
export function tarMember(path: string, content: Uint8Array): Uint8Array[] {
  const name = new TextEncoder().encode(path);
  const isLong = name.length > NAME;
  return [
    ...(isLong ? longName(name) : []),
    header(isLong ? name.subarray(0, NAME) : name, content.length, '0'),
    ...padded(content),
  ];
}

/** What ends an archive. */
export const TAR_END: Uint8Array = new Uint8Array(2 * BLOCK);

/**
 * A name of any length, in an extended header.
 *
 * Source: POSIX.1-2001, pax interchange format: `LENGTH path=NAME\n`, where the length counts itself.
 */
function longName(name: Uint8Array): Uint8Array[] {
  const rest = ' path='.length + name.length + 1;
  let length = rest;
  while (length !== rest + String(length).length) length = rest + String(length).length;
  const record = Uint8Array.from([
    ...new TextEncoder().encode(`${length} path=`),
    ...name,
    ...new TextEncoder().encode('\n'),
  ]);
  return [header(new TextEncoder().encode('pax'), record.length, 'x'), ...padded(record)];
}

function header(name: Uint8Array, size: number, type: string): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (text: string, at: number): void => block.set(new TextEncoder().encode(text), at);
  block.set(name, 0);
  put('0000644\0', 100);
  put('0000000\0', 108);
  put('0000000\0', 116);
  put(`${size.toString(8).padStart(11, '0')}\0`, 124);
  put('00000000000\0', 136);
  put('        ', 148);
  put(type, 156);
  put('ustar\u000000', 257);
  const sum = block.reduce((a, b) => a + b, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function padded(content: Uint8Array): Uint8Array[] {
  const rest = (BLOCK - (content.length % BLOCK)) % BLOCK;
  return rest === 0 ? [content] : [content, new Uint8Array(rest)];
}
