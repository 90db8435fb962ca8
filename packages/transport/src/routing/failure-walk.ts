/** How often in a row a server must not be reached, to be taken for gone. */
export const MAX_UNREACHED = 3;

/** Weighs failures against answers: it goes up for each failure and down for each answer, and never below zero. */
export class FailureWalk {
  #height = 0;

  /** Failures by which they outnumber the answers. */
  get height(): number {
    return this.#height;
  }

  failed(): void {
    this.#height += 1;
  }

  answered(): void {
    if (this.#height > 0) this.#height -= 1;
  }

  forget(): void {
    this.#height = 0;
  }
}
