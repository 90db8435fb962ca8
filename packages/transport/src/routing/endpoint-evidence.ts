import { FailureWalk, MAX_UNREACHED } from "./failure-walk.ts";

/** Failures by which a member's must outnumber its answers. */
const MAX_EXCESS = 8;
/** How often one that has answered nothing may refuse what another answers. */
const MAX_OUTDONE = 3;

/** What rows' requests have shown of one member of a pool: whether it is enough to hold it back. */
export class EndpointEvidence {
  answered = 0;
  readonly #walk = new FailureWalk();
  #unreached = 0;

  answeredOne(): void {
    this.answered += 1;
    this.#walk.answered();
  }

  /** It has said something, whatever it was. */
  alive(): void {
    this.#unreached = 0;
  }

  /** Whether this failure is enough to hold it back. */
  failed(outcome: "failed" | "unreached"): boolean {
    this.#walk.failed();
    this.#unreached = outcome === "unreached" ? this.#unreached + 1 : 0;
    return this.#walk.height >= MAX_EXCESS || this.#unreached >= MAX_UNREACHED;
  }

  /** Another has answered what this one refused: whether that is enough to hold it back. */
  outdone(): boolean {
    this.#walk.failed();
    return this.#walk.height >= (this.answered === 0 ? MAX_OUTDONE : MAX_EXCESS);
  }

  forget(): void {
    this.#walk.forget();
    this.#unreached = 0;
  }
}
