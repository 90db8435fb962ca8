import { hash } from "node:crypto";

/** What makes two requests the same. */
export interface KeyedRequest {
  /** Name of the provider. */
  readonly provider: string;
  /** Origin and endpoint, without credentials. */
  readonly url: string;
  readonly model: string;
  readonly body: string;
  /** Which of several equal requests of one row it is. */
  readonly replicate: number;
  /** How many earlier rows of the run asked the same. @default 0 */
  readonly occurrence?: number;
  /** One line that identifies the prompt from which this one was cut. @default it was not cut */
  readonly cutFrom?: string;
  /** Whether the row is asked with others in one request, which is another question to the model. @default false */
  readonly isGrouped?: boolean;
}

/**
 * The key of a request: SHA-256 of what it asks and whom, in base64url. Credentials have no part in it, so a
 * new key finds what the old one paid for.
 */
export function requestKey({ provider, url, model, body, ...request }: KeyedRequest): string {
  const { replicate, occurrence = 0, cutFrom, isGrouped = false } = request;
  // The first of equal rows has the key that it has alone.
  const equal = occurrence === 0 ? `${replicate}` : `${replicate} ${occurrence}`;
  const cut = cutFrom === undefined ? equal : `${equal} of ${cutFrom}`;
  const which = isGrouped ? `${cut} beside others` : cut;
  // None of the parts before the body has a line break.
  return hash("sha256", `${provider}\n${url}\n${model}\n${which}\n${body}`, "base64url");
}
