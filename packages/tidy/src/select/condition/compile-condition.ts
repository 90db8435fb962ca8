import { rowName } from "@parallel-parrot/core";
import type {
  ArrayExpression,
  BinaryExpression,
  CallExpression,
  Literal,
  LogicalExpression,
  UnaryExpression,
} from "acorn";
import { booleanOf, isNothing, numberOf } from "./compare.ts";
import type { Condition, NamedColumn } from "./condition.ts";
import { FUNCTIONS } from "./functions.ts";
import { negated, OPERATORS } from "./operators.ts";
import { invalidCondition, parseCondition } from "./parse-condition.ts";
import { cellAt, pathOf, type Node } from "./path.ts";
import type { Notes, Term } from "./term.ts";

/** A chain of so many operators is a list that `in` should have; deeper ones could end the stack. */
const MAX_DEPTH = 500;

/**
 * Compiles a condition once, for many rows. It can name columns, compare, calculate and call a few functions; nothing
 * else is reached from it. No code is made of it.
 *
 * @throws ParrotError `INVALID_OPTION` that says what cannot be read
 */
export function compileCondition(text: string): Condition {
  const compiler = new Compiler(text);
  const term = compiler.compile(parseCondition(text), 0);
  return {
    columns: [...compiler.columns.values()],
    test(row, index) {
      const notes: Notes = { index, isOdd: false };
      const isTrue = compiler.truthOf(term(row, notes), notes);
      return { isTrue, isOdd: notes.isOdd };
    },
  };
}

class Compiler {
  readonly columns = new Map<string, NamedColumn>();
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  compile(node: Node, depth: number): Term {
    if (depth > MAX_DEPTH)
      throw this.#invalid(
        `it has more than ${MAX_DEPTH} operators in one another; for many values write column in ["one", "two"]`,
      );
    const path = pathOf(node);
    if (path !== undefined) return this.#column(path);
    if (node.type === "Literal") return this.#literal(node);
    if (node.type === "ArrayExpression") return this.#list(node, depth + 1);
    if (node.type === "LogicalExpression") return this.#logical(node, depth + 1);
    if (node.type === "BinaryExpression") return this.#binary(node, depth + 1);
    if (node.type === "UnaryExpression") return this.#unary(node, depth + 1);
    if (node.type === "CallExpression") return this.#call(node, depth + 1);
    if (node.type === "AssignmentExpression") throw this.#invalid("= sets a value; write == for equal");
    throw this.#unknown(node);
  }

  /** The value of a condition as true or false. */
  truthOf(value: unknown, { index }: Notes): boolean {
    if (isNothing(value)) return false;
    const truth = booleanOf(value);
    if (truth !== undefined) return truth;
    throw this.#invalid(
      `a part of it that should be true or false is neither${index === undefined ? "" : ` in ${rowName(index)}`}; compare it, as in name == "Ada"`,
    );
  }

  #column([root = "", ...path]: readonly string[]): Term {
    const name = [root, ...path].join(".");
    this.columns.set(name, { name, root });
    return cellAt(root, path);
  }

  #literal({ value, raw = "", regex }: Literal): Term {
    if (regex !== undefined || typeof value === "bigint")
      throw this.#invalid(`${raw} is neither a text nor a number`);
    if (typeof value !== "number") return () => value;
    // Otherwise 010 would be 8, and 0x10 would be 16.
    const number = numberOf(raw);
    if (number === undefined || /^0\d/.test(raw))
      throw this.#invalid(`${raw} is not a number as tables have them; as a text it is "${raw}"`);
    return () => number;
  }

  #list({ elements }: ArrayExpression, depth: number): Term {
    const terms = elements.map((element) => (element === null ? () => null : this.compile(element, depth)));
    return (row, notes) => terms.map((term) => term(row, notes));
  }

  #logical(node: LogicalExpression, depth: number): Term {
    const [left, right] = [this.compile(node.left, depth), this.compile(node.right, depth)];
    if (node.operator === "&&")
      return (row, notes) => this.truthOf(left(row, notes), notes) && this.truthOf(right(row, notes), notes);
    if (node.operator === "||")
      return (row, notes) => this.truthOf(left(row, notes), notes) || this.truthOf(right(row, notes), notes);
    throw this.#unknown(node);
  }

  #binary(node: BinaryExpression, depth: number): Term {
    const operator = OPERATORS.get(node.operator);
    if (operator === undefined) throw this.#unknown(node);
    return operator(this.compile(node.left, depth), this.compile(node.right, depth));
  }

  #unary(node: UnaryExpression, depth: number): Term {
    const argument = this.compile(node.argument, depth);
    if (node.operator === "!") return (row, notes) => !this.truthOf(argument(row, notes), notes);
    if (node.operator === "-") return negated(argument);
    throw this.#unknown(node);
  }

  #call({ callee, arguments: given }: CallExpression, depth: number): Term {
    const [name = "", ...rest] = pathOf(callee) ?? [];
    const known = rest.length === 0 ? FUNCTIONS.get(name) : undefined;
    if (known === undefined)
      throw this.#invalid(
        `there is no function ${this.#text.slice(callee.start, callee.end)}; the functions are ${[...FUNCTIONS.keys()].join(", ")}`,
      );
    if (given.length !== known.takes.length)
      throw this.#invalid(`expected ${name}(${known.takes.join(", ")})`);
    const terms = given.map((argument) => this.compile(argument, depth));
    return (row, notes) => known.call(...terms.map((term) => term(row, notes)));
  }

  #unknown({ start, end }: Node): Error {
    return this.#invalid(
      `${this.#text.slice(start, end)} is not of the language of conditions, which compares columns by == != < <= > >= and in, calculates by + - * / %, and joins by && || !`,
    );
  }

  #invalid(why: string): Error {
    return invalidCondition(this.#text, why);
  }
}
