import { crc32 } from '../src/io/crc32.js';

interface Options {
  method?: number;
  flags?: number;
  zip64?: boolean;
  comment?: string;
  /** All entries point to the first one's bytes. */
  overlap?: boolean;
}

/** An archive put together by hand, field by field. */
export function zipOf(files: [string, Uint8Array][], options: Options = {}): Uint8Array {
  const { method = 0, flags = 0, zip64 = false, comment = '', overlap = false } = options;
  const out: number[] = [];
  const put = (value: number | bigint, bytes: number): void => {
    for (let i = 0, v = BigInt(value); i < bytes; i++, v >>= 8n) out.push(Number(v & 255n));
  };
  const puts = (bytes: Iterable<number>): void => {
    for (const b of bytes) out.push(b);
  };
  const text = (s: string): Uint8Array => new TextEncoder().encode(s);
  const headers = files.map(([name, content]) => {
    const at = out.length;
    put(0x04034b50, 4);
    puts([20, 0, flags, 0, method, 0, 0, 0, 0, 0]);
    put(crc32(content), 4);
    put(content.length, 4);
    put(content.length, 4);
    put(text(name).length, 2);
    put(3, 2);
    puts(text(name));
    puts([9, 9, 9]);
    puts(content);
    return at;
  });
  const start = out.length;
  files.forEach(([name, content], i) => {
    const header = headers[overlap ? 0 : i];
    put(0x02014b50, 4);
    puts([20, 0, 20, 0, flags, 0, method, 0, 0, 0, 0, 0]);
    put(crc32(content), 4);
    put(zip64 ? 0xffffffff : content.length, 4);
    put(zip64 ? 0xffffffff : content.length, 4);
    put(text(name).length, 2);
    put(zip64 ? 28 : 0, 2);
    puts(new Uint8Array(10));
    put(zip64 ? 0xffffffff : header, 4);
    puts(text(name));
    if (zip64) {
      put(1, 2);
      put(24, 2);
      put(content.length, 8);
      put(content.length, 8);
      put(header, 8);
    }
  });
  const size = out.length - start;
  if (zip64) {
    const end = out.length;
    put(0x06064b50, 4);
    put(44, 8);
    puts(new Uint8Array(12));
    put(files.length, 8);
    put(files.length, 8);
    put(size, 8);
    put(start, 8);
    put(0x07064b50, 4);
    put(0, 4);
    put(end, 8);
    put(1, 4);
  }
  put(0x06054b50, 4);
  put(0, 4);
  put(zip64 ? 0xffff : files.length, 2);
  put(zip64 ? 0xffff : files.length, 2);
  put(zip64 ? 0xffffffff : size, 4);
  put(zip64 ? 0xffffffff : start, 4);
  put(comment.length, 2);
  puts(text(comment));
  return Uint8Array.from(out);
}
