import { createHmac, timingSafeEqual } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { counted, isRecord, messageOf } from "@parallel-parrot/core";
import type { KeptLabels, LabelList, RowLabel } from "@parallel-parrot/ui";
import { nearName } from "../journal/journal-place.ts";
import { userSecret, type UserSecret } from "../journal/user-secret.ts";

/** The largest file that is read: some hundred thousand labels. */
const MOST_BYTES = 100_000_000;

/**
 * The labels of a journal's answers, in a file beside it: a line for each time that one was given. Each is signed as answers
 * in the journal are, so that nobody who sends a folder says in the user's name what is good.
 */
export class LabelFile implements KeptLabels {
  readonly #path: string;
  readonly #name: string;
  #secret: Promise<UserSecret> | undefined;
  #known: { readonly list: LabelList; readonly stamp: string } | undefined;

  /** @param journal the path of the journal */
  constructor(journal: string) {
    this.#path = `${journal}.labels.jsonl`;
    this.#name = nearName(this.#path);
  }

  async list(): Promise<LabelList> {
    const file = await this.#open(constants.O_RDONLY);
    if (file === undefined) return this.#remember(NONE, "");
    try {
      const status = await file.stat();
      const stamp = `${status.ino} ${status.size} ${status.mtimeMs}`;
      if (this.#known?.stamp === stamp) return this.#known.list;
      requireReadable(status, this.#name);
      return this.#remember(this.#listOf(await file.readFile("utf8"), await this.#userSecret()), stamp);
    } finally {
      await file.close();
    }
  }

  async keep(answer: string, label: RowLabel): Promise<void> {
    const { secret } = await this.#userSecret();
    const kept = { answer, at: Date.now(), ...label };
    const line = `${JSON.stringify({ ...kept, signature: signatureOf(kept, secret) })}\n`;
    const file = await this.#open(constants.O_RDWR | constants.O_APPEND | constants.O_CREAT);
    if (file === undefined) throw new Error(`There is no folder for ${this.#name} any more`);
    try {
      const status = await file.stat();
      requireReadable(status, this.#name);
      // In one call, so that the lines of two pages do not mix.
      await file.writeFile(`${await beforeNext(file, status)}${line}`);
    } finally {
      await file.close();
    }
  }

  /** Opens the file, which may be neither a link nor a pipe; `undefined` where there is none. */
  async #open(flags: number): Promise<FileHandle | undefined> {
    // Windows has neither of them.
    const careful = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    try {
      return await open(this.#path, flags | careful, 0o600);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      const problem = isLink(error) ? "it is a link, or no file" : messageOf(error);
      throw new Error(`Cannot use the labels in ${this.#name}: ${problem}`, { cause: error });
    }
  }

  #userSecret(): Promise<UserSecret> {
    this.#secret ??= userSecret();
    return this.#secret;
  }

  #remember(list: LabelList, stamp: string): LabelList {
    if (this.#known?.stamp !== stamp) this.#known = { list, stamp };
    return this.#known.list;
  }

  #listOf(text: string, { secret, problem }: UserSecret): LabelList {
    const latest = new Map<string, KeptLabel>();
    let others = 0;
    for (const line of text.split("\n")) {
      if (line === "") continue;
      const label = labelIn(line, secret);
      if (label === undefined) others += 1;
      else if (label.at >= (latest.get(label.answer)?.at ?? 0)) latest.set(label.answer, label);
    }
    const labels = new Map<string, RowLabel>();
    for (const [answer, { verdict, note }] of latest)
      if (verdict !== undefined || note !== undefined)
        labels.set(answer, {
          ...(verdict === undefined ? {} : { verdict }),
          ...(note === undefined ? {} : { note }),
        });
    const notes = [
      ...(others === 0
        ? []
        : [
            `${counted(others, "line")} of ${this.#name} ${others === 1 ? "is" : "are"} not signed by you or damaged, and left out`,
          ]),
      ...(problem === undefined
        ? []
        : [`There is no place for your signature (${problem}): labels are lost when this page ends`]),
    ];
    return { labels, ...(notes.length === 0 ? {} : { note: notes.join(". ") }) };
  }
}

const NONE: LabelList = { labels: new Map() };

interface KeptLabel extends RowLabel {
  readonly answer: string;
  readonly at: number;
}

function isLink(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ELOOP" || error.code === "ENXIO");
}

/** @throws Error where reading the file might not end, or it is somebody else's to change */
function requireReadable(status: Stats, name: string): void {
  const user = process.getuid?.();
  const problem = !status.isFile()
    ? "it is not a file"
    : status.nlink > 1
      ? "it has another name as well"
      : status.size > MOST_BYTES
        ? `it has more than ${MOST_BYTES} bytes`
        : user !== undefined && status.uid !== user
          ? "it belongs to another user"
          : undefined;
  if (problem !== undefined) throw new Error(`Cannot use the labels in ${name}: ${problem}`);
}

/** What ends a line that was left without its end, as by a full disk: a label behind it would be lost with it. */
async function beforeNext(file: FileHandle, { size }: Stats): Promise<string> {
  if (size === 0) return "";
  const { buffer } = await file.read({ buffer: Buffer.alloc(1), position: size - 1 });
  return buffer.toString() === "\n" ? "" : "\n";
}

/** The label in a line; `undefined` where this user has not signed it. */
function labelIn(line: string, secret: Uint8Array): KeptLabel | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { answer, at, verdict, note, signature } = value;
  if (typeof answer !== "string" || typeof at !== "number" || typeof signature !== "string") return undefined;
  if (verdict !== undefined && verdict !== "good" && verdict !== "bad") return undefined;
  if (note !== undefined && typeof note !== "string") return undefined;
  const label: KeptLabel = {
    answer,
    at,
    ...(verdict === undefined ? {} : { verdict }),
    ...(note === undefined ? {} : { note }),
  };
  const [given, right] = [Buffer.from(signature, "hex"), Buffer.from(signatureOf(label, secret), "hex")];
  return given.length === right.length && timingSafeEqual(given, right) ? label : undefined;
}

function signatureOf({ answer, at, verdict, note }: KeptLabel, secret: Uint8Array): string {
  // The first part keeps signatures of other things from being taken for one of a label.
  const signed = JSON.stringify(["label", answer, at, verdict ?? null, note ?? null]);
  return createHmac("sha256", secret).update(signed).digest("hex");
}
