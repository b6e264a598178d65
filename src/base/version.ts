/** The version of this copy of the library: that of package.json, which a test compares. */
export const version = '0.1.0';
