/** What a transport tells the group about. */
export interface TransportListener {
  /** A frame has come, in the order in which `from` sent it. The payload may be reused once `release` of the transport has it. */
  frame(from: number, frame: Frame): void;
  /** Nothing more will come from this rank; `reason` completes the sentence "rank 2 ...". */
  gone(from: number, reason: string): void;
  /**
   * Where the payload of a frame that begins to arrive is to go, piece by piece; null for a frame that is to be handed over whole. A transport
   * that has whole frames need not ask.
   */
  sink?: ((from: number, head: FrameHead) => ((piece: Uint8Array) => void) | null) | undefined;
}

/** A frame whose payload is still to come. */
export interface FrameHead {
  kind: number;
  tag: number;
  /** Bytes of the payload. */
  length: number;
}

/** One message between two ranks. */
export interface Frame {
  kind: number;
  /** Tells frames of different collectives apart. */
  tag: number;
  payload: Uint8Array;
}

/**
 * Moves frames between the ranks of a group. Four functions are all that a group needs from a network: TCP sockets and NATS both
 * implement them.
 */
export interface Transport {
  readonly rank: number;
  /** The number of ranks. */
  readonly size: number;
  /** The largest payload of a frame, in bytes. */
  readonly mostBytes: number;
  /** Sends a frame. Frames to one rank arrive in order. The payload must not change before `flush` resolves, or before the answer to it has come. */
  send(to: number, frame: Frame): void;
  /** Names who gets frames from now on; those that came earlier are handed over first. */
  listen(listener: TransportListener): void;
  /** Where a rank runs, for messages: `host-b, process 4711`. */
  describe(rank: number): string;
  /** Sends what is under way and closes the connections. */
  close(): Promise<void>;
  /** Resolves when the payloads that were sent to a rank may change; without it, they may as soon as `send` returns. */
  flush?: ((to: number) => Promise<void>) | undefined;
  /** Takes back the payload of a frame that has been used. */
  release?: ((payload: Uint8Array) => void) | undefined;
  /** With true, open connections keep the process alive; with false, they do not. */
  hold?: ((alive: boolean) => void) | undefined;
}
