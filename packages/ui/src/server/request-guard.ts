import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { HttpRefusal } from "./http-refusal.ts";
import { Tickets } from "./tickets.ts";

/** Lets requests pass that this machine's user makes from the page itself, and no others. */
export class RequestGuard {
  readonly #hosts: ReadonlySet<string>;
  readonly #token: string;
  readonly tickets: Tickets = new Tickets();

  /** @param token what a request for data has to carry */
  constructor(port: number, token: string) {
    this.#hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
    this.#token = token;
  }

  /**
   * Refuses what comes by another name than this machine's own, as after DNS rebinding, or from another page.
   *
   * @throws HttpRefusal
   */
  requireOwnPage({ headers }: Pick<IncomingMessage, "headers">): void {
    if (headers.host === undefined || !this.#hosts.has(headers.host))
      throw new HttpRefusal(421, "This address is served by its own name alone");
    const { origin } = headers;
    const site = headers["sec-fetch-site"];
    const isOther = origin !== undefined && !this.#isOwnOrigin(origin);
    if (isOther || (site !== undefined && site !== "same-origin" && site !== "none"))
      throw new HttpRefusal(403, "Another page may not ask here");
  }

  /** Refuses a request without the token. @throws HttpRefusal */
  requireToken({ headers }: Pick<IncomingMessage, "headers">): void {
    const [, given = ""] = /^Bearer (\S+)$/.exec(headers.authorization ?? "") ?? [];
    if (!timingSafeEqual(digestOf(given), digestOf(this.#token)))
      throw new HttpRefusal(401, "Open the address that parrot ui has printed: it has the key to this page");
  }

  /** The token, for the ticket in an address that opens the page once. @throws HttpRefusal */
  keyFor(ticket: unknown): string {
    if (typeof ticket === "string" && this.tickets.take(ticket)) return this.#token;
    throw new HttpRefusal(
      401,
      "This address opens the page once, within a minute: open the one that parrot ui has printed",
    );
  }

  /** Refuses a request that has neither the token nor, for an export, a ticket. @throws HttpRefusal */
  requireTokenOrTicket(request: Pick<IncomingMessage, "headers">, { pathname, searchParams }: URL): void {
    const ticket = pathname.endsWith("/export") ? searchParams.get("ticket") : null;
    if (ticket === null) this.requireToken(request);
    else if (!this.tickets.take(ticket))
      throw new HttpRefusal(401, "This file was asked for before; ask for it again in the page");
  }

  #isOwnOrigin(origin: string): boolean {
    return origin.startsWith("http://") && this.#hosts.has(origin.slice("http://".length));
  }
}

/** Of one length whatever was given, as the comparison in constant time needs. */
function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
