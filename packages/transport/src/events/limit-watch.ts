import type { LimitState, Limiter } from "@parallel-parrot/limiter";
import type { Provider } from "@parallel-parrot/providers";
import type { EventPublisher } from "./event-publisher.ts";

/** Tells when the limits of one endpoint change, and when fewer requests are sent to it than before. */
export class LimitWatch {
  readonly #events: EventPublisher;
  readonly #provider: Provider;
  readonly #limiter: Limiter;
  #limits: string;
  #concurrency: number;
  #perMinute: number | undefined;

  constructor(events: EventPublisher, provider: Provider, limiter: Limiter) {
    this.#events = events;
    this.#provider = provider;
    this.#limiter = limiter;
    this.#limits = textOf(limiter.limits);
    this.#concurrency = limiter.concurrency;
    this.#perMinute = limiter.discoveredPerMinute;
  }

  /** Looks at the limiter after something that may have changed it. */
  look(): void {
    const { name: provider, model } = this.#provider;
    if (this.#events.wants("limit")) {
      const { limits } = this.#limiter;
      const text = textOf(limits);
      if (text !== this.#limits) this.#events.publish("limit", { provider, model, limits });
      this.#limits = text;
    }
    if (!this.#events.wants("cut")) return;
    const { concurrency, discoveredPerMinute: perMinute } = this.#limiter;
    const [concurrencyBefore, perMinuteBefore] = [this.#concurrency, this.#perMinute];
    this.#concurrency = concurrency;
    this.#perMinute = perMinute;
    const isFirst = perMinute !== undefined && perMinuteBefore === undefined;
    if (concurrency >= concurrencyBefore && !isFirst && (perMinute ?? 0) >= (perMinuteBefore ?? 0)) return;
    this.#events.publish("cut", {
      provider,
      model,
      concurrency,
      concurrencyBefore,
      perMinute,
      perMinuteBefore,
    });
  }
}

/** The limits without how much of each is in use. */
function textOf(limits: readonly LimitState[]): string {
  return JSON.stringify(limits.map(({ dimension, windowMs, limit }) => [dimension, windowMs, limit]));
}
