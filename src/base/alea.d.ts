/** The one generator of the package seedrandom that is used; the others, and Node's crypto, need not be loaded. */
declare module 'seedrandom/lib/alea.js' {
  import type seedrandom from 'seedrandom';

  const alea: typeof seedrandom.alea;
  export default alea;
}
