import { asError } from "@parallel-parrot/core";
import type { Socket } from "node:net";
import type { Route } from "./proxy/proxy-of.ts";
import { openSocket, type OpenSocketOptions } from "./open-socket.ts";

/** Options of {@linkcode Connector}. */
export interface ConnectorOptions {
  readonly connect: OpenSocketOptions["connect"];
  readonly route: Route;
  readonly connectTimeoutMs: number;
}

/** What a {@linkcode Connector} tells its pool. */
export interface ConnectorEvents {
  connected(socket: Socket): void;
  /** An attempt failed. Attempts that were stopped are not reported. */
  connectFailed(error: Error): void;
}

/** Makes the connections to one origin. */
export class Connector {
  readonly #origin: URL;
  readonly #options: ConnectorOptions;
  readonly #events: ConnectorEvents;
  readonly #attempts = new Set<AbortController>();
  /** The TLS session of the last connection, which the next one resumes. */
  #session: Buffer | undefined;

  constructor(origin: URL, options: ConnectorOptions, events: ConnectorEvents) {
    this.#origin = origin;
    this.#options = options;
    this.#events = events;
  }

  /** Attempts in progress. */
  get size(): number {
    return this.#attempts.size;
  }

  /** Begins an attempt. */
  open(): void {
    const attempt = new AbortController();
    this.#attempts.add(attempt);
    void this.#attempt(attempt);
  }

  /** Gives up all attempts. */
  stop(): void {
    for (const attempt of this.#attempts) attempt.abort();
    this.#attempts.clear();
  }

  async #attempt(attempt: AbortController): Promise<void> {
    const { signal } = attempt;
    const { connect, route, connectTimeoutMs: timeoutMs } = this.#options;
    const onSession = (session: Buffer): void => void (this.#session = session);
    let socket: Socket;
    try {
      const options = { connect, route, timeoutMs, session: this.#session, onSession, signal };
      socket = await openSocket(this.#origin, options);
    } catch (error) {
      this.#attempts.delete(attempt);
      const reason = asError(error);
      if (!signal.aborted) this.#events.connectFailed(reason);
      return;
    }
    this.#attempts.delete(attempt);
    if (signal.aborted) socket.destroy();
    else this.#events.connected(socket);
  }
}
