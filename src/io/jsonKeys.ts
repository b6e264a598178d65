/**
 * The first key that stands twice in one object of a text that `JSON.parse` accepts (and of which it would drop one). Takes time in
 * proportion to the text, however long its strings are and however deep it is nested.
 */
export function duplicateKey(json: string): string | undefined {
  /** The keys of each open object; null for an open array. */
  const open: (Set<string> | null)[] = [];
  let text = '';
  for (let at = 0; at < json.length; at++) {
    const found = json[at];
    if (found === '"') {
      const end = endOfString(json, at);
      text = json.slice(at, end + 1);
      at = end;
    } else if (found === '{') open.push(new Set());
    else if (found === '[') open.push(null);
    else if (found === '}' || found === ']') open.pop();
    else if (found === ':') {
      const keys = open[open.length - 1];
      const key = JSON.parse(text) as string;
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return undefined;
}

/** Where the string that begins at `start` has its closing quote: the first that no odd number of backslashes escapes. */
function endOfString(json: string, start: number): number {
  let end = start;
  for (;;) {
    end = json.indexOf('"', end + 1);
    let slashes = end - 1;
    while (json[slashes] === '\\') slashes--;
    if ((end - 1 - slashes) % 2 === 0) return end;
  }
}
