import { hash } from "node:crypto";
import { invalid } from "../../journal-error.ts";
import type { Origin, RunOrigin } from "../../origin.ts";

const LEAST_SECRET_BYTES = 32;
/** Of SHA-256. */
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const ADOPTED = Buffer.from("adopted ");

/** Seals digests with a secret that stays with its owner: HMAC-SHA256. Without a secret there are no seals. */
export class Seals {
  readonly #hmac: Hmac | undefined;

  /** @throws ParrotError `INVALID_OPTION` where the secret is too short */
  constructor(secret?: Uint8Array) {
    if (secret !== undefined && !(secret instanceof Uint8Array && secret.length >= LEAST_SECRET_BYTES))
      throw invalid(
        "secret",
        `Cannot use the option secret: expected at least ${LEAST_SECRET_BYTES} random bytes as a Uint8Array`,
      );
    this.#hmac = secret === undefined ? undefined : new Hmac(secret);
  }

  get hasSecret(): boolean {
    return this.#hmac !== undefined;
  }

  seal(digest: Uint8Array): Uint8Array | null {
    return this.#hmac?.of(digest) ?? null;
  }

  /** The seal of a run that somebody else has made. It says only that the run's sums are what they were. */
  sealAdopted(digest: Uint8Array): Uint8Array | null {
    return this.seal(adopted(digest));
  }

  /**
   * @param digest of what is stored
   * @param checks the SHA-256 and the seal that are stored with it; null in a journal of version 1
   */
  originOf(digest: Uint8Array, [sha256, seal]: Checks): Origin {
    if (this.#hmac !== undefined && areEqual(this.#hmac.of(digest), seal)) return "own";
    if (sha256 !== null && !areEqual(digest, sha256)) return "damaged";
    return this.#hmac === undefined ? "own" : "foreign";
  }

  /** The same for a run. */
  originOfRun(digest: Uint8Array, checks: Checks): RunOrigin {
    const origin = this.originOf(digest, checks);
    const isAdopted = origin !== "own" && areEqual(this.sealAdopted(digest), checks[1]);
    return isAdopted ? "adopted" : origin;
  }
}

/** What is stored with a record to check it by. */
export type Checks = readonly [sha256: unknown, seal: unknown];

function adopted(digest: Uint8Array): Uint8Array {
  return hash("sha256", Buffer.concat([ADOPTED, digest]), "buffer");
}

function areEqual(one: Uint8Array | null, other: unknown): boolean {
  return one !== null && other instanceof Uint8Array && Buffer.compare(one, other) === 0;
}

/** HMAC (RFC 2104) for messages of one digest, made of two hashes: that of Node.js takes five times as long to set up. */
class Hmac {
  readonly #inner: Uint8Array;
  readonly #outer: Uint8Array;

  constructor(secret: Uint8Array) {
    const key = secret.length > BLOCK_BYTES ? hash("sha256", secret, "buffer") : secret;
    this.#inner = padded(key, 0x36);
    this.#outer = padded(key, 0x5c);
  }

  of(digest: Uint8Array): Uint8Array {
    this.#inner.set(digest, BLOCK_BYTES);
    this.#outer.set(hash("sha256", this.#inner, "buffer"), BLOCK_BYTES);
    return hash("sha256", this.#outer, "buffer");
  }
}

/** The key as the first block of a message, and room for a digest. */
function padded(key: Uint8Array, pad: number): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES + DIGEST_BYTES).fill(pad, 0, BLOCK_BYTES);
  for (const [index, byte] of key.entries()) block[index] = byte ^ pad;
  return block;
}
