import { isParrotError, ParrotError } from "@parallel-parrot/core";
import type { Provider } from "@parallel-parrot/providers";
import { JournalFault } from "./journal-fault.ts";
import { policyOf } from "./error-policy.ts";
import { isStop } from "./verdict.ts";

/** The error that the run stops with because of this one; `undefined` for a fault that concerns one row only. */
export function stopReasonOf(error: unknown, provider: Provider): Error | undefined {
  if (isParrotError(error)) return error;
  if (error instanceof JournalFault) return error.thrown;
  if (!isStop(error)) return undefined;
  const { code, message } = error.rejection;
  const { headline = "The run was stopped", option } = policyOf(code);
  return new ParrotError(code, `${headline} (${provider.name}, model ${provider.model}): ${message}`, {
    cause: error,
    ...(option === undefined ? {} : { option }),
  });
}
