type Vega = Pick<typeof import('vega'), 'parse' | 'View'> & Pick<typeof import('vega-lite'), 'compile'>;

let loaded: Promise<Vega | null> | undefined;

/** What charts need of Vega, which takes a second to load; null, with a remark, where it is not installed. */
export function loadVega(): Promise<Vega | null> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Vega | null> {
  try {
    const [{ parse, View }, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
    return { parse, View, compile };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    process.stderr.write(
      'The charts are left out, because Vega is not installed. To get them: npm install vega vega-lite\n',
    );
    return null;
  }
}
