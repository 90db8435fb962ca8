import { ParrotError } from "../errors/parrot-error.ts";
import type { Stage } from "./stage.ts";

/**
 * The same stage, with a clear error where a second stream is piped into it. The platform's own error only says that
 * some stream is locked, or closed.
 */
export function singleUse<S extends Stage<never, unknown>>(stage: S): S {
  const { writable } = stage;
  let isTaken = false;
  return Object.defineProperty(stage, "writable", {
    enumerable: true,
    configurable: true,
    get() {
      if (isTaken && isUsed(writable)) {
        throw new ParrotError(
          "INVALID_OPTION",
          "Cannot use this stage or pipeline for a second stream: it has already taken one. " +
            "Make a new one for each stream, for example by calling pipeline({ … }) again",
          { option: "stage" },
        );
      }
      isTaken = true;
      return writable;
    },
  });
}

function isUsed(writable: WritableStream): boolean {
  if (writable.locked) return true;
  const writer = writable.getWriter();
  // 0 for a stream that was closed, null for one that failed.
  const room = writer.desiredSize;
  writer.releaseLock();
  return room === null || room <= 0;
}
