/** What instruments need to know of one kernel besides its contract. */
export interface KernelTrait<F> {
  /** It only answers a question, such as how much workspace a pass needs: there is nothing to time or to check. */
  query?: true | undefined;
  /** Its result is private to its table, so the reference cannot check it. */
  unchecked?: true | undefined;
  /**
   * Positions of arguments by which the kernel decides (which element is the largest, on which side of a kink x lies). Changing them ever so
   * little may change the answer by much, so the tolerance of a check leaves them alone.
   */
  deciding?: readonly number[] | undefined;
  /** Multiplications and additions of one call, counted as the textbook does it; absent for kernels that are bound by memory. */
  flops?: (F extends (...args: infer A) => unknown ? (...args: A) => number : never) | undefined;
}

/** The traits of a family of kernels, by name; those that are left out have none. */
export type KernelTraits<K> = { readonly [N in keyof K]?: KernelTrait<K[N]> };
