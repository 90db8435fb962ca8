import { isParrotError } from "@parallel-parrot/core";
import type { Provider, ProviderAnswer } from "@parallel-parrot/providers";
import type { KeyText } from "./read-key-text.ts";

/** A key is renewed so long before its end, or a tenth of its life before it if that is shorter. */
const AHEAD_MS = 5 * 60_000;
/** A key is renewed after this time if nothing tells how long it holds: most tokens hold for an hour. */
const UNKNOWN_LIFE_MS = 30 * 60_000;

/** What a {@linkcode renewingProvider} is made of. */
export interface RenewingProviderOptions {
  /** Makes the provider with a key. */
  readonly create: (apiKey: string) => Provider;
  /** Gets a key. */
  readonly getKey: () => Promise<KeyText>;
}

/**
 * A provider that gets its key anew before the key expires, and when the server refuses a key that it took before. A
 * key that was never taken is wrong, and not merely old: it is not asked for again.
 */
export async function renewingProvider(options: RenewingProviderOptions): Promise<Provider> {
  const key = new RenewedKey(options);
  await key.renew();
  const provider = key.current;
  return {
    ...provider,
    authorize: (request) => (key.isDue ? key.authorizeAnew(request) : key.current.authorize(request)),
    readResponse(response, amendments) {
      const answer = key.current.readResponse(response, amendments);
      key.note(answer);
      return answer;
    },
  };
}

class RenewedKey {
  readonly #options: RenewingProviderOptions;
  #current: Provider | undefined;
  #renewAt = 0;
  /** Whether the server has taken the key. */
  #wasTaken = false;
  #renewal: Promise<void> | undefined;

  constructor(options: RenewingProviderOptions) {
    this.#options = options;
  }

  /** The provider with the newest key. */
  get current(): Provider {
    if (this.#current === undefined) throw new Error("No key was asked for yet");
    return this.#current;
  }

  get isDue(): boolean {
    return Date.now() >= this.#renewAt;
  }

  /** Gets a new key. Whoever comes meanwhile waits for the same one. */
  renew(): Promise<void> {
    this.#renewal ??= this.#getKey().finally(() => (this.#renewal = undefined));
    return this.#renewal;
  }

  async authorizeAnew(
    request: Parameters<Provider["authorize"]>[0],
  ): Promise<Awaited<ReturnType<Provider["authorize"]>>> {
    try {
      await this.renew();
    } catch (error) {
      // In mid-run, a program that fails is a fault that may pass, as that of any server. A ParrotError would end the run.
      throw isParrotError(error) ? new Error(error.message) : error;
    }
    return this.current.authorize(request);
  }

  /** Learns from an answer whether the key was taken. Answers to its predecessor tell nothing of it. */
  note(answer: ProviderAnswer): void {
    const isRefused = !answer.ok && answer.rejection.code === "AUTHENTICATION";
    if (!isRefused) this.#wasTaken = true;
    else if (this.#wasTaken) this.#renewAt = 0;
  }

  async #getKey(): Promise<void> {
    const { key, expiresAt } = await this.#options.getKey();
    const now = Date.now();
    const lifeMs = expiresAt === undefined ? UNKNOWN_LIFE_MS : expiresAt - now;
    this.#current = this.#options.create(key);
    this.#wasTaken = false;
    this.#renewAt = expiresAt === undefined ? now + lifeMs : expiresAt - Math.min(AHEAD_MS, lifeMs / 10);
  }
}
