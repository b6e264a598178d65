/* What charts need of Vega, in a file of its own: it takes a second to load. */

export { parse, View } from 'vega';
export { compile } from 'vega-lite';
