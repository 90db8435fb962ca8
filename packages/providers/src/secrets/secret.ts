/** What stands in the place of a secret. */
export const MARK = "[key]";

/** A shorter one is found as a word of its own only: it would be found inside other words. */
const LEAST_INSIDE = 8;
/** A shorter one may be somebody's word, by what it is made of. */
const LEAST_DISTINCT = { lettersAndDigits: 12, several: 16, lettersAlone: 24 };
/** Servers show so much of the beginning of a key, with stars behind it. */
const SHOWN_PREFIX = 4;

/**
 * A key that must be shown nowhere, and the forms in which a server may echo it: as it is and in any case, with
 * escapes of JSON, of URLs or of HTML, in hexadecimal, in base64 alone or with something before it (`Bearer KEY`),
 * and masked, as in `sk-a****`.
 */
export class Secret {
  readonly #pattern: RegExp;
  /** Whether nothing but the key itself looks like it. */
  readonly #isDistinct: boolean;
  /** What an answer with the key in it has in it, most likely. */
  readonly #forms: readonly string[];

  /** @param value not empty */
  constructor(value: string) {
    const base64 = base64Forms(value);
    const hex = Buffer.from(value).toString("hex");
    const anyForm = Array.from(value, characterForms).join("");
    const whole = value.length < LEAST_INSIDE ? `(?<![\\w-])${anyForm}(?![\\w-])` : anyForm;
    const inside = value.length < LEAST_INSIDE ? [] : [...base64.map(base64Pattern), hex];
    // What was removed before is found first, and stays.
    const all = [literal(MARK), ...inside, whole, ...maskedPattern(value)];
    this.#pattern = new RegExp(all.join("|"), "gi");
    this.#isDistinct = value.length >= LEAST_DISTINCT[alphabetOf(value)];
    this.#forms = [value, encodeURIComponent(value), hex, ...base64];
  }

  /** A text that is shown to people, without the key. */
  removeFrom(text: string): string {
    return text.replace(this.#pattern, MARK);
  }

  /**
   * The body of an answer without the key. What may be a word of the answer stays, as does a masked form: an answer
   * must not be altered for a likeness. Quick where there is nothing to be found.
   */
  removeFromAnswer(body: string): string {
    if (!this.#isDistinct) return body;
    const isThere = this.#forms.some((form) => body.includes(form)) || ESCAPED_ASCII.test(body);
    return isThere ? body.replace(this.#pattern, (found) => (isMasked(found) ? found : MARK)) : body;
  }
}

/** Hardly any JSON escapes a printable character of ASCII that way, but `<`, `>` and `&`. */
const ESCAPED_ASCII = /\\u00(?:2[^26]|3[^CcEe]|[4-7])/;

function alphabetOf(value: string): keyof typeof LEAST_DISTINCT {
  if (/\d/.test(value) && /[a-z]/i.test(value)) return "lettersAndDigits";
  return /^\p{L}*$/u.test(value) ? "lettersAlone" : "several";
}

function isMasked(text: string): boolean {
  return /[*•…]/.test(text);
}

function characterForms(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  const escapes = [
    // JSON inside JSON has its backslashes twice or more. All repetitions are bounded, for linear time.
    String.raw`\\{1,8}u${hex.padStart(4, "0")}`,
    `&#0{0,6}${code};`,
    `&#x0{0,6}${hex};`,
    ...(code < 0x80 ? [`%${hex.padStart(2, "0")}`] : []),
  ];
  return `(?:${[literal(character), ...escapes].join("|")})`;
}

/** Any number of characters of the key that stand before its mask. */
function maskedPattern(value: string): readonly string[] {
  if (value.length < LEAST_INSIDE) return [];
  return [String.raw`(?<![\w-])${literal(value.slice(0, SHOWN_PREFIX))}[\w-]{0,64}[*•…][\w*•…-]*`];
}

/** The characters of base64 that the value alone decides, behind 0, 1 or 2 bytes of something else. */
function base64Forms(value: string): readonly string[] {
  return [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]);
    const first = Math.ceil((before * 8) / 6);
    const last = Math.floor((bytes.length * 8) / 6);
    return bytes.toString("base64").slice(first, last);
  });
}

/** Also in the alphabet for URLs. */
function base64Pattern(text: string): string {
  return text.replaceAll("+", String.raw`[+\-]`).replaceAll("/", "[/_]");
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

/** Kept for so many keys: a run has one, a pool a few. */
const MAX_KNOWN = 64;
const known = new Map<string, Secret>();

/** The secret with this value; none for an empty one. */
export function secretOf(value: string): Secret | undefined {
  if (value === "") return undefined;
  const secret = known.get(value) ?? new Secret(value);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(value, secret);
  return secret;
}
