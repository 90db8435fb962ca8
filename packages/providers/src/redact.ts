import { stripVTControlCharacters } from "node:util";

const MAX_MESSAGE = 500;

/**
 * A server's message made fit to be shown: the key taken out, also in the masked form servers echo it in,
 * control characters stripped (the message ends on terminals), and shortened.
 */
export function redact(message: string, secret: string): string {
  let text = stripVTControlCharacters(message);
  if (secret !== "") {
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64")]) {
      text = text.replaceAll(form, "[key]");
    }
  }
  text = text
    .replaceAll(/\b(?:sk|pk|rk|gsk|xai)-[\w*.-]{3,}/gi, "[key]")
    // Not `x-api-key` and the like: a key has digits, or stars where a server has masked it.
    .replaceAll(/\b(?:key|api)-(?=[\w.-]*[\d*])[\w*.-]{3,}/gi, "[key]")
    .replaceAll(/(key provided: )\S+/gi, "$1[key]")
    .replaceAll(/[\p{Cc}\u202A-\u202E\u2066-\u2069]+/gu, " ")
    .trim();
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text;
}
