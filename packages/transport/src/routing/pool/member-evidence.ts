import { FailureWalk, MAX_UNREACHED } from "../failure-walk.ts";

/** How many more failures than answers a member must have. */
const MAX_EXCESS = 8;
/** How often a member that has answered nothing may refuse what another answers. */
const MAX_OUTDONE = 3;

/** What the requests of rows have shown of one member of a pool. */
export class MemberEvidence {
  answered = 0;
  readonly #walk = new FailureWalk();
  #unreached = 0;

  answeredOne(): void {
    this.answered += 1;
    this.#walk.answered();
  }

  /** The member has said something that shows that it works. */
  alive(): void {
    this.#unreached = 0;
  }

  /** A request has failed. Returns whether that is enough to hold the member back. */
  failed(outcome: "failed" | "unreached"): boolean {
    this.#walk.failed();
    this.#unreached = outcome === "unreached" ? this.#unreached + 1 : 0;
    return this.#walk.height >= MAX_EXCESS || this.#unreached >= MAX_UNREACHED;
  }

  /** Another member has answered what this one refused. Returns whether that is enough to hold it back. */
  outdone(): boolean {
    this.#walk.failed();
    return this.#walk.height >= (this.answered === 0 ? MAX_OUTDONE : MAX_EXCESS);
  }

  forget(): void {
    this.#walk.forget();
    this.#unreached = 0;
  }
}
