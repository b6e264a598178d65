/** Whether an example should only show that it runs: `STRIDENET_TINY=1` or `--tiny`. */
export const tiny = process.env.STRIDENET_TINY === '1' || process.argv.includes('--tiny');
