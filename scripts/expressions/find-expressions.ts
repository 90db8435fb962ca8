import { globSync, readFileSync } from "node:fs";
import {
  parseSync,
  Visitor,
  type CallExpression,
  type NewExpression,
  type Node,
  type TemplateLiteral,
} from "oxc-parser";

/** A regular expression of ours. */
export interface Expression {
  /** `file:line`. */
  readonly place: string;
  readonly source: string;
  readonly flags: string;
}

/** What stands for a part of an expression that is not in its file. */
const ANY_WORD = "word";

/** All regular expressions of what is published: literals, and those that are made of parts. */
export function findExpressions(): readonly Expression[] {
  return globSync(["packages/*/src/**/*.ts", "apps/cli/src/**/*.ts"])
    .filter((path) => !path.endsWith(".test.ts"))
    .toSorted()
    .flatMap(expressionsOf);
}

function expressionsOf(path: string): readonly Expression[] {
  const text = readFileSync(path, "utf8");
  const expressions: Expression[] = [];
  const parts = new Map<string, string>();
  const add = (source: string, flags: string, start: number): void => {
    const line = text.slice(0, start).split("\n").length;
    expressions.push({ place: `${path}:${line}`, source, flags });
  };
  const addMade = ({ callee, arguments: [pattern, flags], start }: NewExpression | CallExpression) => {
    if (callee.type !== "Identifier" || callee.name !== "RegExp" || pattern === undefined) return;
    add(textOf(pattern, parts), flags === undefined ? "" : textOf(flags, parts), start);
  };
  new Visitor({
    VariableDeclarator: ({ id, init }) => {
      if (id.type === "Identifier" && init !== null) parts.set(id.name, textOf(init, parts));
    },
    Literal: (node) => {
      if ("regex" in node) add(node.regex.pattern, node.regex.flags, node.start);
    },
    NewExpression: addMade,
    CallExpression: addMade,
  }).visit(parseSync(path, text).program);
  return expressions;
}

/** The text that an expression of the code stands for, as far as the file tells it. */
function textOf(node: Node, parts: ReadonlyMap<string, string>): string {
  if (node.type === "Literal") return "regex" in node ? node.regex.pattern : String(node.value);
  if (node.type === "Identifier") return parts.get(node.name) ?? ANY_WORD;
  if (
    node.type === "MemberExpression" &&
    node.property.type === "Identifier" &&
    node.property.name === "source"
  )
    return textOf(node.object, parts);
  if (node.type === "TaggedTemplateExpression") return templateText(node.quasi, true, parts);
  if (node.type === "TemplateLiteral") return templateText(node, false, parts);
  return ANY_WORD;
}

function templateText(
  { quasis, expressions }: TemplateLiteral,
  isRaw: boolean,
  parts: ReadonlyMap<string, string>,
): string {
  return quasis
    .map(({ value }, index) => {
      const expression = expressions[index];
      const text = isRaw ? value.raw : (value.cooked ?? value.raw);
      return expression === undefined ? text : text + textOf(expression, parts);
    })
    .join("");
}
