/** Texts that need no quotes in any shell; zsh looks for a program behind a `=` at the start of a word. */
const PLAIN = /^(?!=)[\w./:@%+,=-]+$/;
/** Characters that a terminal obeys, or that change the direction of text. */
const CONTROL = String.raw`\p{Cc}\p{Cf}\p{Zl}\p{Zp}`;
/**
 * Characters that end a quoted text in some shell: PowerShell takes curly quotes for straight ones, fish escapes with
 * `\`.
 */
const QUOTES = String.raw`'\u2018-\u201B\\`;
const UNQUOTABLE = new RegExp(`[${CONTROL}${QUOTES}]`, "gu");

/** The same on Windows, where cmd and PowerShell agree on little: `%` is a variable and `'` no quote in cmd. */
const WINDOWS_PLAIN = /^[\w./:@+=\\-]+$/;
const WINDOWS_QUOTABLE = /^[\w ./:@+,=\\-]*[\w ./:@+,=-]$/;
const WINDOWS_UNQUOTABLE = /[^\w ./:@+,=-]/gu;

/**
 * A word as a shell takes it, whatever is in it; safe to show on a terminal. What not every shell quotes alike is
 * escaped as bash, zsh and ksh read it: another shell gets another text of it, and never an end of the quotes.
 */
export function shellWord(text: string): string {
  if (process.platform === "win32") return windowsWord(text);
  if (PLAIN.test(text)) return text;
  return text.search(UNQUOTABLE) === -1 ? `'${text}'` : escaped(text, UNQUOTABLE);
}

/** {@linkcode shellWord} on Windows. */
export function windowsWord(text: string): string {
  if (WINDOWS_PLAIN.test(text)) return text;
  return WINDOWS_QUOTABLE.test(text) ? `"${text}"` : escaped(text, WINDOWS_UNQUOTABLE);
}

function escaped(text: string, unquotable: RegExp): string {
  return `$'${text.replaceAll(unquotable, escapeOf)}'`;
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === "\n") return String.raw`\n`;
  if (character === "\t") return String.raw`\t`;
  // Exactly three digits: some shells read all digits that follow.
  if (code < 0x80) return `\\${code.toString(8).padStart(3, "0")}`;
  return String.raw`\U${code.toString(16).padStart(8, "0")}`;
}
