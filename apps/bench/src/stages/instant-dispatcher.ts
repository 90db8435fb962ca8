import { Dispatcher } from "undici";
import { ANSWER_BODY } from "../answer.ts";

const BODY = Buffer.from(ANSWER_BODY);
const HEADERS = { "content-type": "application/json", "content-length": String(BODY.length) };

/** Nothing is ever under way, so there is nothing to hold up. */
const CONTROLLER: Dispatcher.DispatchController = {
  aborted: false,
  paused: false,
  reason: null,
  abort: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
};

/** Answers all requests of a turn of the event loop in the next one, without a network. */
export class InstantDispatcher extends Dispatcher {
  #waiting: Dispatcher.DispatchHandler[] = [];

  override dispatch(_options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (this.#waiting.push(handler) === 1) setImmediate(() => this.#answer());
    return true;
  }

  #answer(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const handler of waiting) {
      handler.onRequestStart?.(CONTROLLER, undefined);
      handler.onResponseStart?.(CONTROLLER, 200, HEADERS, "OK");
      handler.onResponseData?.(CONTROLLER, BODY);
      handler.onResponseEnd?.(CONTROLLER, {});
    }
  }
}
