import { parseJson } from "../json-fields.ts";

/** Replaces a secret in a text. */
export const MARK = "[key]";

/** A shorter key is only found as a whole word, because it might be part of other words. */
const LEAST_INSIDE = 8;
/** A shorter key, depending on its characters, may also be an ordinary word of an answer. */
const LEAST_DISTINCT = { lettersAndDigits: 12, several: 16, lettersAlone: 24 };
/** Servers that mask a key show so many characters of its beginning, followed by stars. */
const SHOWN_PREFIX = 4;

/**
 * A key that must not be shown, and the forms in which a server may repeat it: unchanged or in another case, in
 * hexadecimal, in base64 alone or with something before it (`Bearer KEY`), each of these with escapes of JSON, of URLs
 * or of HTML, and masked, as in `sk-a****`.
 */
export class Secret {
  readonly #pattern: RegExp;
  /** Whether only the key itself can look like it. */
  readonly #isDistinct: boolean;
  /** The forms that are most likely in an answer. */
  readonly #forms: readonly string[];

  /** @param value not empty */
  constructor(value: string) {
    const base64 = base64Forms(value);
    const hex = Buffer.from(value).toString("hex");
    const anyForm = escapable(value);
    const whole = value.length < LEAST_INSIDE ? `(?<![\\w-])${anyForm}(?![\\w-])` : anyForm;
    const inside = value.length < LEAST_INSIDE ? [] : [...base64, hex].map(escapable);
    // The mark of an earlier removal is matched first, so that it stays.
    const all = [literal(MARK), ...inside, whole, ...maskedPattern(value)];
    this.#pattern = new RegExp(all.join("|"), "gi");
    this.#isDistinct = value.length >= LEAST_DISTINCT[alphabetOf(value)];
    const cases = [value, value.toLowerCase(), value.toUpperCase()];
    this.#forms = [...cases, encodeURIComponent(value), hex, hex.toUpperCase(), ...base64];
  }

  /** Takes the key out of a text that is shown to people. */
  removeFrom(text: string): string {
    return text.replace(this.#pattern, MARK);
  }

  /**
   * Takes the key out of the body of an error. A key that may be an ordinary word (`null`, `error`, `1`) is taken out
   * of the texts in the JSON alone: the error has to be understood, and its form would be gone with the word.
   */
  removeFromError(body: string): string {
    const cleaned = this.removeFrom(body);
    if (cleaned === body || this.#isDistinct) return cleaned;
    const texts = parseJson(body);
    if (texts === undefined) return cleaned;
    try {
      return JSON.stringify(texts, (_name, value: unknown) =>
        typeof value === "string" ? this.removeFrom(value) : value,
      );
    } catch {
      // An error that is nested too deeply to be written cannot be read by anybody either.
      return cleaned;
    }
  }

  /**
   * Takes the key out of the body of an answer. Text that may be an ordinary word or a masked form stays, because an
   * answer must not be altered on a mere suspicion. Bodies without the key are recognized quickly.
   */
  removeFromAnswer(body: string): string {
    if (!this.#isDistinct) return body;
    const isThere = this.#forms.some((form) => body.includes(form)) || ESCAPED.test(body);
    return isThere ? body.replace(this.#pattern, (found) => (isMasked(found) ? found : MARK)) : body;
  }
}

/**
 * Printable ASCII characters with an escape of JSON, of HTML or of URLs. Few answers have them; JSON has those of `<`,
 * `>` and `&` more often.
 */
const ESCAPED = /\\u00(?:2[^26]|3[^CcEe]|[4-7])|&#\w{2}|%[3-7][\da-f]/i;

function alphabetOf(value: string): keyof typeof LEAST_DISTINCT {
  if (/\d/.test(value) && /[a-z]/i.test(value)) return "lettersAndDigits";
  return /^\p{L}*$/u.test(value) ? "lettersAlone" : "several";
}

function isMasked(text: string): boolean {
  return /[*•…]/.test(text);
}

/** Matches a text, whichever of its characters are escaped. */
function escapable(text: string): string {
  return Array.from(text, characterForms).join("");
}

function characterForms(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  const escapes = [
    // In JSON within JSON backslashes are doubled. All repetitions are bounded, so that matching takes linear time.
    String.raw`\\{1,8}u${hex.padStart(4, "0")}`,
    `&#0{0,6}${code};`,
    `&#x0{0,6}${hex};`,
    ...(code < 0x80 ? [`%${hex.padStart(2, "0")}`] : []),
  ];
  return `(?:${[literal(character), ...escapes].join("|")})`;
}

/** Matches a masked key, whatever the number of characters before the mask. */
function maskedPattern(value: string): readonly string[] {
  if (value.length < LEAST_INSIDE) return [];
  return [String.raw`(?<![\w-])${literal(value.slice(0, SHOWN_PREFIX))}[\w-]{0,64}[*•…][\w*•…-]*`];
}

/** The base64 characters that depend only on the value, for 0, 1 or 2 other bytes before it; in both alphabets. */
function base64Forms(value: string): readonly string[] {
  const forms = [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]);
    const first = Math.ceil((before * 8) / 6);
    const last = Math.floor((bytes.length * 8) / 6);
    return (["base64", "base64url"] as const).map((alphabet) => bytes.toString(alphabet).slice(first, last));
  });
  return [...new Set(forms)];
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

/** Patterns are kept for so many keys: a run has one, a pool a few. */
const MAX_KNOWN = 64;
const known = new Map<string, Secret>();

/** The secret with this value; `undefined` for an empty value. */
export function secretOf(value: string): Secret | undefined {
  if (value === "") return undefined;
  const secret = known.get(value) ?? new Secret(value);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(value, secret);
  return secret;
}

/** The part of a header that is secret: its value, without the scheme of `Bearer KEY` and the like. */
export function secretOfHeader(name: string, value: string): string {
  const isAuthorization = name.toLowerCase() === "authorization";
  return isAuthorization || /^\w+ \S+$/.test(value) ? value.slice(value.indexOf(" ") + 1) : value;
}
