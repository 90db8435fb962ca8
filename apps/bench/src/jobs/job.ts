/** One slice of work: a JSON Lines file of rows, to be asked about and written with the answers' objects. */
export interface JobTask {
  readonly input: string;
  readonly output: string;
  readonly baseUrl: string;
  /** Requests in flight at once. @default each job's own, where it has one */
  readonly concurrency?: number;
  /** For the pipeline: the order of its output. @default the pipeline's own */
  readonly order?: "input" | "completion";
  /** For the pipeline: a limit to be told. @default none */
  readonly requestsPerMinute?: number;
  /** For the pipeline: looks at the resident memory as often as this. @default never */
  readonly sampleEveryMs?: number;
  /** For the parts with a journal: where answers are kept and found. @default nowhere */
  readonly journal?: string;
  /** For the rebuild part: rows of the input. */
  readonly rows?: number;
}

/** A way of doing a {@linkcode JobTask}. What it makes once (agents, clients) it keeps from slice to slice. */
export type Job = (task: JobTask) => Promise<void>;

/** An input row. */
export interface InputRow {
  readonly id: number;
  readonly text: string;
}

/** The prompt that every job sends. */
export function promptOf({ text }: InputRow): string {
  return `${PROMPT}${text}`;
}

export const PROMPT = "Write question and answer pairs about this text, as JSON: ";

/** What a completion's content holds. */
interface AnswerContent {
  readonly items: readonly { readonly question: string; readonly answer: string }[];
}

/** The output lines of one row. */
export function toLines(row: InputRow, content: string): string {
  const { items }: AnswerContent = JSON.parse(content);
  let lines = "";
  for (const item of items) lines += `${JSON.stringify({ ...row, ...item })}\n`;
  return lines;
}
