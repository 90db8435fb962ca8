import type { EncodingName } from "gpt-tokenizer/mapping";

/** Counts the tokens of a text. */
export type TokenCounter = (text: string) => number;

/** What the encodings never cut: a piece of thousands of letters, signs or spaces would take quadratic time. */
const LONG_RUN =
  /(?<![\p{L}\p{M}])[\p{L}\p{M}]{512}|(?<![^\s\p{L}\p{N}])[^\s\p{L}\p{N}]{512}|(?<!\s)\s{512}/u;

/**
 * A counter for a model's encoding, `o200k_base` where the model is not known. The tables are loaded when they
 * are first asked for. Exact, but for text with a run of over 512 letters, signs or spaces: that may come out
 * about one token in 512 characters too high.
 */
export async function loadTokenCounter(model = ""): Promise<TokenCounter> {
  const [{ DEFAULT_ENCODING, modelToEncodingMap }, { resolveEncodingAsync }, { GptEncoding }] =
    await Promise.all([
      import("gpt-tokenizer/mapping"),
      import("gpt-tokenizer/resolveEncodingAsync"),
      import("gpt-tokenizer/GptEncoding"),
    ]);
  const encodings = new Map<string, EncodingName>(Object.entries(modelToEncodingMap));
  // A fine-tuned model is called ft:BASE:owner::id.
  const encoding = encodings.get(model.replace(/^ft:([^:]+)(?::.*)?$/s, "$1")) ?? DEFAULT_ENCODING;
  const ranks = await resolveEncodingAsync(encoding);
  const encoder = GptEncoding.getEncodingApi(encoding, () => ranks);
  // Text that looks like a special token is text here.
  const options = { disallowedSpecial: new Set<string>() };
  return (text) => {
    const pieces = LONG_RUN.test(text) ? (text.match(/[^]{1,512}/gu) ?? []) : [text];
    return pieces.reduce((sum, piece) => sum + encoder.countTokens(piece, options), 0);
  };
}
