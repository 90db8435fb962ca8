/** How many times in a row a server must not be reached before it is taken for gone. */
export const MAX_UNREACHED = 3;

/** Weighs failures against answers: up for each failure, down for each answer, and never below zero. */
export class FailureWalk {
  #height = 0;

  /** How many failures there are more than answers. */
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
