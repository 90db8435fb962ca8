import type { FailureCode } from "@parallel-parrot/core";

/** Why one row has no prompt. `promptStream` turns it into a failed item. */
export class RenderError extends Error {
  override readonly name: string = "RenderError";
  readonly code: Extract<FailureCode, "MISSING_VALUE" | "TEMPLATE_FAILED">;

  constructor(code: RenderError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
