import { isParrotError, messageOf } from "@parallel-parrot/core";
import type { Amendment, Provider, ProviderAnswer, ProviderResponse } from "@parallel-parrot/providers";

/**
 * Reads a response, stored or new. A provider that throws over one, as none should, fails the row whose response
 * it is: the response is paid for, and other rows have others.
 */
export function readResponse(
  provider: Provider,
  response: ProviderResponse,
  amendments: ReadonlySet<Amendment>,
): ProviderAnswer {
  try {
    return provider.readResponse(response, amendments);
  } catch (error) {
    if (isParrotError(error)) throw error;
    const message = `The provider ${provider.name} cannot read the response: ${messageOf(error)}`;
    return { ok: false, rejection: { verdict: "fail", code: "STAGE_FAILED", message } };
  }
}
