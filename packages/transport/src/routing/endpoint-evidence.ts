/** Failures by which a member's must outnumber its answers. */
const MAX_EXCESS = 8;
/** Connections in a row that must fail. */
const MAX_UNREACHED = 3;
/** How often one that has answered nothing may refuse what another answers. */
const MAX_OUTDONE = 3;

/** What rows' requests have shown of one member of a pool: whether it is enough to hold it back. */
export class MemberEvidence {
  answered = 0;
  /** A walk that goes up for each failure and down for each answer, and never below zero. */
  #excess = 0;
  #unreached = 0;

  answeredOne(): void {
    this.answered += 1;
    this.#excess = Math.max(0, this.#excess - 1);
  }

  /** It has said something, whatever it was. */
  alive(): void {
    this.#unreached = 0;
  }

  failed(outcome: "failed" | "unreached"): boolean {
    this.#excess += 1;
    this.#unreached = outcome === "unreached" ? this.#unreached + 1 : 0;
    return this.#excess >= MAX_EXCESS || this.#unreached >= MAX_UNREACHED;
  }

  /** Another has answered what this one refused. */
  outdone(): boolean {
    this.#excess += 1;
    return this.#excess >= (this.answered === 0 ? MAX_OUTDONE : MAX_EXCESS);
  }

  forget(): void {
    this.#excess = 0;
    this.#unreached = 0;
  }
}
