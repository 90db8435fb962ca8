import { randomBytes } from "node:crypto";

const BYTES = 24;
const VALID_MS = 60_000;
/** The most that may wait to be used. */
const MOST = 100;

/**
 * Tickets that stand in the place of the token, once, and for a minute, where others could read the token itself: in the
 * address of a file that a browser saves, which stays in its list of downloads, and in the command line of a browser.
 */
export class Tickets {
  readonly #given = new Map<string, number>();

  give(): string {
    for (const [ticket, until] of this.#given)
      if (until < Date.now() || this.#given.size >= MOST) this.#given.delete(ticket);
    const ticket = randomBytes(BYTES).toString("base64url");
    this.#given.set(ticket, Date.now() + VALID_MS);
    return ticket;
  }

  /** Whether a ticket is valid; it is not any more then. */
  take(ticket: string): boolean {
    const until = this.#given.get(ticket) ?? 0;
    this.#given.delete(ticket);
    return until >= Date.now();
  }
}
