/**
 * A JSON text in which single backslashes, as in `\frac`, `\d+` and `C:\temp`, are doubled: JSON takes some of them for
 * control characters and does not allow the others. Only a text that shows this fault is changed: it has an escape that
 * JSON does not know, or one for a backspace or a form feed before a letter, which nobody writes.
 */
export function restoreBackslashes(text: string): string {
  const fault = faultOf(text);
  if (fault === "none") return text;
  if (fault === "apostrophe") return text.replaceAll(ESCAPE, withoutBackslash);
  const paths = Array.from(text.matchAll(PATH), ({ index, 0: path }) => ({
    start: index,
    end: index + path.length,
  }));
  const isMatrix = /\\begin\{/.test(text);
  let next = 0;
  return text.replaceAll(ESCAPE, (escape, at: number) => {
    while ((paths[next]?.end ?? Infinity) <= at) next += 1;
    const path = paths[next];
    const isInPath = path !== undefined && path.start <= at;
    if (escape === APOSTROPHE) return "'";
    if (escape === "\\\\")
      return isInPath || (isMatrix && !isLetter(text, at + 2)) ? String.raw`\\\\` : escape;
    return isMeant(escape, text, at) && !isInPath ? escape : `\\${escape}`;
  });
}

/** Whether a JSON text may have this fault although it can be read. */
export function mayNeedBackslashes(text: string): boolean {
  return text.includes(String.raw`\b`) || text.includes(String.raw`\f`);
}

/** What other languages write for an apostrophe. */
const APOSTROPHE = String.raw`\'`;
/** One escape, or a backslash that begins none. */
const ESCAPE = /\\(?:["\\/bfnrt']|u[0-9a-fA-F]{4}|)/g;
/** A backslash and what it stands before in a path: not a line break that stood in the text itself. */
const STEP = String.raw`\\(?!u00[01])[^\s"\\]`;
/**
 * A path of Windows, by its drive or its server. `B:` and a new line before a capital letter are an answer to a
 * question rather than a drive, as are `A:` and `Q:`.
 */
const PATH = new RegExp(
  String.raw`(?:(?<![A-Za-z])[B-PR-Zb-pr-z]:(?!\\[nrt][^a-z])(?=\\\w)|(?<=[\s"'(])\\\\[A-Za-z][\w.-]{2,}(?=\\\w))${STEP}(?:[^\s"\\]|${STEP})*`,
  "g",
);
const COMMAND = /[A-Za-z]+/y;

/** Commands of LaTeX that begin like an escape for white space. */
const COMMANDS: ReadonlySet<string> = new Set(
  [
    "nabla natural ne nearrow neg neq newcommand newline newpage nexists ngeq ngtr ni nleftarrow nleq nless nmid",
    "noindent nolimits nonumber norm normalfont normalsize not notin nparallel nrightarrow nsubseteq nsupseteq nu",
    "num nwarrow raisebox rangle rbrace rbrack rceil ref relax renewcommand rfloor rgroup rho right rightarrow",
    "rightharpoonup rightleftharpoons rm root rtimes rule rvert rVert tag tan tanh tau tbinom text textbf textcolor",
    "textit textrm textsc textsf textstyle texttt textwidth tfrac therefore theta thickapprox thicksim thinspace tilde",
    "times tiny to top triangle triangleleft triangleright twoheadrightarrow",
  ].flatMap((line) => line.split(" ")),
);

function withoutBackslash(escape: string): string {
  return escape === APOSTROPHE ? "'" : escape;
}

/** What a JSON text shows about its backslashes. */
type Fault = "none" | "apostrophe" | "single backslashes";

function faultOf(text: string): Fault {
  let fault: Fault = "none";
  for (let at = text.indexOf("\\"); at !== -1; at = text.indexOf("\\", at + 2)) {
    switch (text.charAt(at + 1)) {
      case '"':
      case "\\":
      case "/":
      case "n":
      case "r":
      case "t":
        break;
      case "'":
        fault = "apostrophe";
        break;
      case "b":
      case "f":
        if (isLetter(text, at + 2)) return "single backslashes";
        break;
      default:
        if (!/^\\(?:u[0-9a-fA-F]{4}|u[0-9a-fA-F]{0,3}$|$)/.test(text.slice(at, at + 6)))
          return "single backslashes";
    }
  }
  return fault;
}

/** Whether an escape of JSON stands for what JSON says, in a text that has the fault. */
function isMeant(escape: string, text: string, at: number): boolean {
  switch (escape) {
    case "\\":
    case "\\b":
    case "\\f":
      return false;
    case "\\n":
    case "\\r":
    case "\\t":
      COMMAND.lastIndex = at + 1;
      return !COMMANDS.has(COMMAND.exec(text)?.[0] ?? "");
    default:
      return true;
  }
}

function isLetter(text: string, at: number): boolean {
  return /[A-Za-z]/.test(text.charAt(at));
}
