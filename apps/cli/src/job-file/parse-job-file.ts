import { nearestNames, ParrotError, quote } from "@parallel-parrot/core";
import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from "yaml";

/** What a job file gives to one key, and where it is. */
export interface JobEntry {
  readonly key: string;
  /** As plain data. */
  readonly value: unknown;
  /** The entries of the value, where that is itself keys with values; `undefined` for a list or a plain value. */
  readonly entries: () => readonly JobEntry[];
  /** Those of each element of a list. */
  readonly elements: () => readonly (readonly JobEntry[])[];
  /** An error at the place of the key. */
  readonly keyError: (why: string) => ParrotError;
  /** An error at the place of the value. */
  readonly error: (why: string) => ParrotError;
  /** An error where the value has this text; `undefined` where it does not. */
  readonly errorAtText: (text: string, why: string) => ParrotError | undefined;
}

/** More than a prompt, a schema and some options ever are. */
const MAX_BYTES = 2 ** 20;

/**
 * Reads YAML, or JSON, which is YAML too, into keys and values that know their places. Aliases and tags of its own are refused: a
 * job file says what it says where it says it.
 *
 * @throws ParrotError `INVALID_OPTION` with the line and the column
 */
export function parseJobFile(file: string, text: string): readonly JobEntry[] {
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw new ParrotError("INVALID_OPTION", `${file} is larger than 1 MiB, and no job file`, { file });
  const lines = new LineCounter();
  const at = (offset: number, why: string): ParrotError => {
    const { line, col } = lines.linePos(offset);
    return new ParrotError("INVALID_OPTION", `Cannot use ${file}, line ${line}, column ${col}: ${why}`, {
      file,
    });
  };
  // The parser compares each key with all others of its map: 80,000 keys take it over 40 seconds.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw at(problem.pos[0], wordsOf(problem.message));
  visit(document, {
    Alias(_key, node) {
      throw at(node.range?.[0] ?? 0, "write the value here again, without an alias");
    },
    Map(_key, { items }) {
      const names = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (names.has(key.value))
          throw at(key.range?.[0] ?? 0, `the key ${String(key.value)} is there twice`);
        names.add(key.value);
      }
    },
  });
  if (!isMap(document.contents)) throw at(0, "expected keys with values, such as command: text");
  return entriesOf(document.contents, { document, at, text });
}

/** The parser goes down by calling itself, and says so. */
function wordsOf(problem: string): string {
  return problem.startsWith("Maximum call stack size") ? "it is nested too deeply" : problem;
}

/** What a node is read with. */
interface Reading {
  readonly document: Document;
  readonly at: (offset: number, why: string) => ParrotError;
  readonly text: string;
}

function entriesOf(map: YAMLMap, reading: Reading): readonly JobEntry[] {
  return map.items.map((pair) => entryOf(pair as Pair<Node, Node | null>, reading));
}

function entryOf({ key, value }: Pair<Node, Node | null>, reading: Reading): JobEntry {
  const { document, at, text } = reading;
  const start = key.range?.[0] ?? 0;
  if (!isScalar(key) || typeof key.value !== "string") throw at(start, "a key is a word, such as model");
  const error = (why: string): ParrotError => at(value?.range?.[0] ?? start, why);
  return {
    key: key.value,
    value: value?.toJS(document) ?? null,
    keyError: (why) => at(start, why),
    error,
    errorAtText(wanted, why) {
      const [from, to] = value?.range ?? [start, start];
      const place = text.slice(from, to).indexOf(wanted);
      return place === -1 ? undefined : at(from + place, why);
    },
    entries() {
      if (!isMap(value)) throw error("expected keys with values");
      return entriesOf(value, reading);
    },
    elements() {
      if (!isSeq<Node>(value)) throw error("expected a list");
      return value.items.map((each) => {
        if (!isMap(each)) throw at(each.range?.[0] ?? start, "expected keys with values");
        return entriesOf(each, reading);
      });
    },
  };
}

/** An error for a key that does not exist, with the nearest that do. */
export function noSuchKey({ key, keyError }: JobEntry, known: readonly string[], of: string): ParrotError {
  const near = nearestNames(key, known);
  const hint = near.length > 0 ? `did you mean ${near.join(" or ")}?` : `the keys are ${known.join(", ")}`;
  return keyError(`${of} has no key ${quote(key)}; ${hint}`);
}
