import { hasTooManyValues, isParrotError, MAX_JSON_VALUES, messageOf } from "@parallel-parrot/core";
import type { Amendment, Provider, ProviderAnswer, ProviderResponse } from "@parallel-parrot/providers";

/**
 * Reads a response, stored or new. A provider should never throw here. If one does, only the row of this response
 * fails: the response is paid for, and other rows have other responses.
 */
export function readResponse(
  provider: Provider,
  response: ProviderResponse,
  amendments: ReadonlySet<Amendment>,
): ProviderAnswer {
  if (hasTooManyValues(response.body, true)) {
    const message = `The response has more than ${MAX_JSON_VALUES} values: it is not read, as that would take too much memory`;
    return { ok: false, rejection: { verdict: "fail", code: "RESPONSE_TOO_LARGE", message } };
  }
  try {
    return provider.readResponse(response, amendments);
  } catch (error) {
    if (isParrotError(error)) throw error;
    const message = `The provider ${provider.name} cannot read the response: ${messageOf(error)}`;
    return { ok: false, rejection: { verdict: "fail", code: "STAGE_FAILED", message } };
  }
}
