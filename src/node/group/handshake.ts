import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FrameSocket } from './frameSocket.js';

/** Of the messages between ranks; changes when they do. */
export const PROTOCOL = 1;
/** The most bytes that a peer may send before it has proved that it knows the secret. */
export const STRANGER_LIMIT = 4096;
/** The same afterwards. */
const MEMBER_LIMIT = 2 ** 24;
/** Milliseconds in which it must do so. */
const PATIENCE = 10_000;
const HELLO = 16;

/** What a rank says of itself when it joins. */
export interface Hello {
  protocol: number;
  version: string;
  rank: number;
  size: number;
  microBatches: number;
  /** Where it listens for ranks above it. */
  port: number;
  /** The machine and the process, for messages. */
  name: string;
}

/** Why a peer was turned away. A stranger learns no more than that. */
export class Refusal extends Error {
  /** With true, the peer knew the secret: it belongs to this group and was started wrongly. */
  constructor(
    message: string,
    readonly isMember: boolean,
  ) {
    super(message);
  }
}

export const SECRET_DIFFERS =
  'the secret differs. Set STRIDENET_SECRET to the same text for all ranks, or pass the same secret to createGroup';

/** Throws `Refusal` when a rank does not fit the one that it joins, or is `there` already. */
export function checkHello(own: Hello, said: Hello, there: Hello | undefined): void {
  const refuse = (what: string): never => {
    throw new Refusal(what, true);
  };
  if (said.version !== own.version) {
    refuse(
      `rank ${said.rank} runs stridenet ${said.version}, and rank ${own.rank} runs ${own.version}. Install the same version everywhere`,
    );
  }
  if (said.size !== own.size) {
    refuse(
      `rank ${said.rank} was started as one of ${said.size} ranks, and rank ${own.rank} as one of ${own.size}. Set WORLD_SIZE to the same number for all`,
    );
  }
  if (said.microBatches !== own.microBatches) {
    refuse(
      `rank ${said.rank} cuts batches into ${said.microBatches} parts, and rank ${own.rank} into ${own.microBatches}. Pass the same microBatches to createGroup`,
    );
  }
  if (!Number.isInteger(said.rank) || said.rank <= own.rank || said.rank >= own.size) {
    refuse(`a process says that it is rank ${said.rank}, which rank ${own.rank} does not expect to join it`);
  }
  if (there !== undefined) {
    refuse(`two processes say that they are rank ${said.rank}: ${there.name}, and ${said.name}`);
  }
}

/**
 * The listening side: sends a random challenge, and waits for the proof that the peer knows the secret. Nothing is said and nothing is believed
 * before. Then it proves the same of itself.
 *
 * Throws `Refusal`; `check` may throw one for what the peer says of itself.
 */
export async function acceptPeer(
  link: FrameSocket,
  secret: string,
  own: Hello,
  check: (hello: Hello) => void,
): Promise<Hello> {
  const challenge = randomBytes(32).toString('hex');
  write(link, { stridenet: PROTOCOL, challenge });
  const { hello, nonce, proof } = await read(link);
  const text = String(hello);
  if (!isProof(proof, secret, ['join', challenge, String(nonce), text])) {
    refuse(link, SECRET_DIFFERS);
    throw new Refusal('its secret differs', false);
  }
  const said = JSON.parse(text) as Hello;
  try {
    check(said);
  } catch (error) {
    if (error instanceof Refusal) refuse(link, error.message);
    throw error;
  }
  const answer = JSON.stringify(own);
  write(link, { hello: answer, proof: prove(secret, ['accept', String(nonce), challenge, answer]) });
  link.limit = MEMBER_LIMIT;
  return said;
}

/** The connecting side. Throws `Refusal` when the other turns this rank away, or cannot prove that it knows the secret. */
export async function joinPeer(link: FrameSocket, secret: string, own: Hello): Promise<Hello> {
  const { challenge, stridenet } = await read(link);
  if (typeof challenge !== 'string' || stridenet !== PROTOCOL) {
    throw new Refusal(
      stridenet === undefined
        ? 'what listens there is not a rank of stridenet'
        : `it speaks version ${stridenet} of the protocol, and this process version ${PROTOCOL}. Install the same version of stridenet everywhere`,
      true,
    );
  }
  const nonce = randomBytes(32).toString('hex');
  const hello = JSON.stringify(own);
  write(link, { hello, nonce, proof: prove(secret, ['join', challenge, nonce, hello]) });
  const answer = await read(link);
  if (answer.refused !== undefined) throw new Refusal(String(answer.refused), true);
  if (!isProof(answer.proof, secret, ['accept', nonce, challenge, String(answer.hello)])) {
    throw new Refusal(SECRET_DIFFERS, true);
  }
  link.limit = MEMBER_LIMIT;
  return JSON.parse(String(answer.hello)) as Hello;
}

type Message = Record<string, unknown>;

function write(link: FrameSocket, message: Message): void {
  link.send({ kind: HELLO, tag: 0, payload: new TextEncoder().encode(JSON.stringify(message)) });
}

function refuse(link: FrameSocket, reason: string): void {
  write(link, { refused: reason });
  void link.end();
}

/** The next message of a handshake. */
function read(link: FrameSocket): Promise<Message> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail(`it was silent for ${PATIENCE / 1000} seconds`), PATIENCE);
    const finish = (): void => {
      clearTimeout(timer);
      link.onFrame = null;
      link.onClose = null;
    };
    function fail(reason: string): void {
      finish();
      link.destroy(reason);
      reject(new Refusal(reason, false));
    }
    link.onClose = fail;
    link.onFrame = ({ kind, payload }) => {
      if (kind !== HELLO) return fail('it does not speak the protocol of stridenet');
      try {
        const message: unknown = JSON.parse(new TextDecoder().decode(payload));
        if (typeof message !== 'object' || message === null) return fail('it does not speak the protocol of stridenet');
        finish();
        resolve(message as Message);
      } catch {
        fail('it does not speak the protocol of stridenet');
      }
    };
  });
}

/** What only those who know the secret can say about these words. */
export function prove(secret: string, words: readonly string[]): string {
  return createHmac('sha256', secret).update(JSON.stringify(words)).digest('hex');
}

export function isProof(proof: unknown, secret: string, words: readonly string[]): boolean {
  const expected = Buffer.from(prove(secret, words));
  const given = Buffer.from(String(proof));
  return given.length === expected.length && timingSafeEqual(given, expected);
}
