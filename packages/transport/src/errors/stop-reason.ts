import { isParrotError, ParrotError } from "@parallel-parrot/core";
import type { Provider } from "@parallel-parrot/providers";
import { JournalFault } from "./journal-fault.ts";
import { RejectionError } from "./rejection-error.ts";

/** Why an error ends the run; `undefined` where it is nothing that was foreseen. */
export function stopReasonOf(error: unknown, provider: Provider): Error | undefined {
  if (isParrotError(error)) return error;
  if (error instanceof JournalFault) return error.thrown;
  if (!(error instanceof RejectionError) || error.rejection.verdict !== "stop") return undefined;
  const { code, message } = error.rejection;
  return new ParrotError(
    code,
    `${HEADLINES[code] ?? "The run was stopped"} (${provider.name}, model ${provider.model}): ${message}`,
    { cause: error },
  );
}

const HEADLINES: Partial<Record<ParrotError["code"], string>> = {
  AUTHENTICATION: "The server refused the API key",
  PERMISSION: "The API key may not do this",
  NO_CREDIT: "The account has no credit left",
  MODEL_NOT_FOUND: "The server does not know the model",
  NOT_THE_API: "The base URL does not lead to the API",
  REDIRECTED: "The base URL leads elsewhere",
  UNREACHABLE: "The server cannot be reached",
  WAIT_TOO_LONG: "The server throttles for longer than maxWaitMs allows",
};
