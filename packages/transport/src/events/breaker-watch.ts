import type { Provider } from "@parallel-parrot/providers";
import type { EventPublisher } from "./event-publisher.ts";

/** Tells when requests to one endpoint are held back, as it is taken to be away, and when they go again. */
export class BreakerWatch {
  readonly #events: EventPublisher;
  readonly #provider: Provider;
  #isOpen = false;

  constructor(events: EventPublisher, provider: Provider) {
    this.#events = events;
    this.#provider = provider;
  }

  /** @param message the last failure */
  tell(isOpen: boolean, message?: string): void {
    if (isOpen === this.#isOpen) return;
    this.#isOpen = isOpen;
    if (!this.#events.wants("breaker")) return;
    const provider = this.#provider;
    const { name, model } = provider;
    this.#events.publish("breaker", {
      state: isOpen ? "open" : "closed",
      provider: name,
      model,
      baseUrl: provider.send === undefined ? provider.baseUrl : undefined,
      message: isOpen ? message : undefined,
    });
  }
}
