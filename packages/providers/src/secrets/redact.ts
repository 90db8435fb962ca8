import { stripVTControlCharacters } from "node:util";
import { terminalLine } from "@parallel-parrot/core";
import { MARK, secretOf } from "./secret.ts";

const MAX_MESSAGE = 500;

/**
 * A server's message made fit to be shown: the key taken out, in whatever form servers echo it, control characters
 * and marks that turn the direction of text stripped (the message ends on terminals), and shortened.
 */
export function redact(message: string, secret: string): string {
  let text = stripVTControlCharacters(message);
  text = secretOf(secret)?.removeFrom(text) ?? text;
  text = text
    .replaceAll(/\b(?:sk|pk|rk|gsk|xai)-[\w*.-]{3,}/gi, MARK)
    // Not `x-api-key` and the like: a key has digits, or stars where a server has masked it.
    .replaceAll(/\b(?:key|api)-(?=[\w.-]*[\d*])[\w*.-]{3,}/gi, MARK)
    .replaceAll(/(key provided: )\S+/gi, `$1${MARK}`);
  text = terminalLine(text).trim();
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text;
}
