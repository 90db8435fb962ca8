import {
  aColumn,
  cellIdentity,
  checkArgument,
  checkOptions,
  comparableText,
  counted,
  anOutput,
  ParrotError,
  required,
  setCell,
  texts,
  type ChoiceReading,
  type Combined,
  type OptionChecks,
  type Output,
  type Row,
} from "@parallel-parrot/core";
import { whenRead } from "./row-reader.ts";

/** Options of {@linkcode vote}. */
export interface VoteOptions<Column extends string = string, Share extends string = string> {
  /** Columns of the answer that have to be the same, such as a label without its reason. @default all columns */
  readonly by?: readonly Column[];
  /** Column for the share of the choices that said what comes out. @default "vote_share" */
  readonly share?: Share;
}

/** An answer with the share of the choices that gave it. */
export type Voted<T extends Row, Share extends string> = {
  [K in keyof (T & Record<Share, unknown>)]: K extends Share ? number : T[K];
};

/**
 * One answer of several choices (`n`): what most of them say, as the first of these has written it, and the share of
 * them that said it. Of as many on each side the earlier choice comes out, with the warning `TIED`. A choice that cannot
 * be used has no vote. Texts are the same whatever their case, white space, quotes around them and full stop.
 *
 * @example
 * ```ts
 * import { objectOf, vote } from "@parallel-parrot/parse";
 *
 * // Output<{ label: string; reason: string; vote_share: number }>
 * const output = vote(objectOf(["label", "reason"]), { by: ["label"] });
 * ```
 *
 * @throws ParrotError `INVALID_OPTION`
 */
export function vote<T extends Row, const Share extends string = "vote_share">(
  output: Output<T>,
  options: VoteOptions<keyof T & string, Share> = {},
): Output<Voted<T, NoInfer<Share>>> {
  checkArgument("vote", "output", output, required(anOutput, "text(…), objectOf(…) or listOf(…)"));
  checkOptions("vote", options, VOTE_OPTIONS);
  const { columns, aboutAnswer = {} } = output;
  const { by, share = "vote_share" } = options;
  requireColumns(columns, by, share);
  const isCompared = (column: string): boolean =>
    by === undefined
      ? column !== share && !Object.hasOwn(aboutAnswer, column)
      : by.some((name) => name === column);
  const voted: Output = {
    shape: output.shape,
    columns: [...columns, share],
    aboutAnswer: { ...aboutAnswer, [share]: "number" },
    read: (choice) => whenRead(output.read(choice), (reading) => alone(reading, share)),
    combine: (choices) => elect(choices, isCompared, share),
  };
  // Each output has got the share, and lost nothing.
  return voted as Output<Voted<T, NoInfer<Share>>>;
}

const VOTE_OPTIONS: OptionChecks<VoteOptions> = { by: texts, share: aColumn };

/** The reading of a choice as if there were no other. */
function alone(reading: ChoiceReading<Row>, share: string): ChoiceReading<Row> {
  if (reading.ok) return { ...reading, outputs: withShare(reading.outputs, share, 1) };
  const { partial, ...bad } = reading;
  return partial === undefined
    ? bad
    : { ...bad, partial: { ...partial, outputs: withShare(partial.outputs, share, 1) } };
}

function withShare(outputs: readonly Row[], share: string, value: number): readonly Row[] {
  return outputs.map((row) => {
    const voted = { ...row };
    setCell(voted, share, value);
    return voted;
  });
}

interface Candidate {
  readonly choice: number;
  readonly outputs: readonly Row[];
  votes: number;
}

/** The outputs of the first choice that says what most say. */
function elect(
  choices: readonly (readonly Row[] | undefined)[],
  isCompared: (column: string) => boolean,
  share: string,
): Combined<Row> {
  const candidates = new Map<string, Candidate>();
  let voters = 0;
  for (const [choice, outputs] of choices.entries()) {
    if (outputs === undefined) continue;
    voters += 1;
    const ballot = JSON.stringify(outputs.map((row) => ballotOf(row, isCompared)));
    const candidate = candidates.get(ballot);
    if (candidate === undefined) candidates.set(ballot, { choice, outputs, votes: 1 });
    else candidate.votes += 1;
  }
  const most = Math.max(...Array.from(candidates.values(), ({ votes }) => votes));
  const [first, ...tied] = [...candidates.values()].filter(({ votes }) => votes === most);
  const outputs = choices.map((_, choice) =>
    first?.choice === choice ? withShare(first.outputs, share, most / voters) : [],
  );
  if (tied.length === 0) return { outputs, warnings: [] };
  const message = `${counted(tied.length + 1, "answer")} had ${counted(most, "vote")} of ${voters} each; the earliest is used`;
  return { outputs, warnings: [{ code: "TIED", message }] };
}

/** What a row says in the columns that count. A column that is missing is as one with null. */
function ballotOf(row: Row, isCompared: (column: string) => boolean): string {
  const said = Object.entries(row).filter(
    ([column, cell]) => isCompared(column) && (cell ?? undefined) !== undefined,
  );
  return JSON.stringify(
    said.map(([column, cell]) => `${JSON.stringify(column)}: ${comparable(cell)}`).toSorted(),
  );
}

function comparable(cell: unknown): string {
  return cellIdentity(typeof cell === "string" ? comparableText(cell) : cell);
}

function requireColumns(known: readonly string[], by: readonly string[] | undefined, share: string): void {
  if (by?.length === 0) throw refused("by", "the list of columns is empty");
  const unknown = known.length === 0 ? undefined : by?.find((column) => !known.includes(column));
  if (unknown !== undefined)
    throw refused("by", `the answer has no column ${JSON.stringify(unknown)}; it has ${known.join(", ")}`);
  if (known.includes(share))
    throw refused("share", `the answer already has a column ${JSON.stringify(share)}; name another`);
}

function refused(option: "by" | "share", why: string): ParrotError {
  return new ParrotError("INVALID_OPTION", `Cannot take a vote: ${why}`, { option: `vote.${option}` });
}
