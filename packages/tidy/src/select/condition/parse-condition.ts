import { ParrotError, quote } from "@parallel-parrot/core";
import { parseExpressionAt, type Expression } from "acorn";

/** Longer than anything that a person writes, and than a list of thousands of values. */
const MAX_LENGTH = 100_000;

/**
 * Reads a condition as an expression in the syntax of JavaScript. Only its form is read: what it may do is decided where
 * it is compiled.
 *
 * @throws ParrotError `INVALID_OPTION` that says where it cannot be read
 */
export function parseCondition(text: string): Expression {
  if (text.length > MAX_LENGTH) throw invalidCondition(text, `it has more than ${MAX_LENGTH} characters`);
  if (text.trim() === "") throw invalidCondition(text, "it is empty");
  const expression = parseAt(text);
  const end = expression.end + (/^\s*/.exec(text.slice(expression.end))?.[0].length ?? 0);
  if (end < text.length) throw unexpected(text, end);
  return expression;
}

/** The error of a condition that cannot be used. */
export function invalidCondition(text: string, why: string): ParrotError {
  return new ParrotError("INVALID_OPTION", `Cannot use the condition ${quote(text)}: ${why}`, {
    option: "condition",
  });
}

function parseAt(text: string): Expression {
  try {
    return parseExpressionAt(text, 0, { ecmaVersion: 2024, allowReserved: true });
  } catch (error) {
    if (error instanceof SyntaxError && "pos" in error && typeof error.pos === "number")
      throw unexpected(text, error.pos);
    throw error;
  }
}

/** What people who know another language write, and what it is called here. */
const HINTS: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [/^<>/, "write != for not equal"],
  [/^(?:and|or|not)\b/i, "write && for and, || for or, ! for not"],
  [/^(?:like|between|is)\b/i, 'compare with == and <, or use a function such as contains(column, "part")'],
  [/^=(?!=)/, "write == for equal"],
];

/** Words of JavaScript, which stand for no column. */
const RESERVED =
  /\b(?:break|case|catch|class|const|continue|default|delete|do|else|enum|export|extends|finally|for|function|if|import|new|return|super|switch|this|throw|try|typeof|var|void|while|with)\b/;

const SYNTAX =
  'columns are names, or stand in backticks, texts stand in quotes: `first name` == "Ada" && age >= 18';

/** Longer than any word of JavaScript or of a hint. */
const MAX_WORD = 20;

function unexpected(text: string, at: number): ParrotError {
  const [before, rest] = [text.slice(0, at), text.slice(at)];
  const place = rest === "" ? "it ends too early" : `it cannot be read from ${quote(rest)} on`;
  // Of a word without an end only the end is read: to look for its beginning from each of its letters takes minutes.
  const lastWord = /(?<!\w)\w+$/.exec(before.trimEnd().slice(-MAX_WORD))?.[0] ?? "";
  // The sign or word before the place may be what is wrong: <> and not are read in part.
  const spots = [rest, `${before.slice(-1)}${rest}`, lastWord];
  const hint = HINTS.find(([pattern]) => spots.some((spot) => pattern.test(spot)))?.[1];
  const reserved = RESERVED.exec(`${lastWord} ${/^\w+/.exec(rest)?.[0] ?? ""}`)?.[0];
  const backticks =
    reserved === undefined ? undefined : `a column ${reserved} stands in backticks: \`${reserved}\``;
  return invalidCondition(text, `${place}; ${backticks ?? hint ?? SYNTAX}`);
}
