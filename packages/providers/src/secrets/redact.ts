import { stripVTControlCharacters } from "node:util";
import { terminalLine } from "@parallel-parrot/core";
import { MARK, secretOf } from "./secret.ts";

const MAX_MESSAGE = 500;

/**
 * Makes a server's message fit to be shown. The key is taken out in whatever form a server repeats it. Control
 * characters and marks that change the direction of text are removed, because the message may appear on a terminal.
 * Long messages are shortened.
 */
export function redact(message: string, secret: string): string {
  let text = stripVTControlCharacters(message);
  text = secretOf(secret)?.removeFrom(text) ?? text;
  text = text
    .replaceAll(/\b(?:sk|pk|rk|gsk|xai)-[\w*.-]{3,}/gi, MARK)
    // A key has digits, or stars if the server masked it; `x-api-key` and the like have neither and stay.
    .replaceAll(/\b(?:key|api)-(?=[\w.-]*[\d*])[\w*.-]{3,}/gi, MARK)
    .replaceAll(/(key provided: )\S+/gi, `$1${MARK}`);
  text = terminalLine(text).trim();
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text;
}
