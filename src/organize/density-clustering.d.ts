declare module 'density-clustering' {
  const clustering: {
    readonly DBSCAN: new () => {
      run<T>(points: readonly T[], reach: number, minimum: number, distance: (a: T, b: T) => number): number[][];
    };
  };
  export default clustering;
}
