import type { CellChanges } from "../sink/cell-changes.ts";
import type { RowSink, SinkOptions } from "../sink/row-sink.ts";
import type { OnUnwritable } from "../sink/unwritable-row.ts";
import { Lane, type RoutedRow } from "./lane.ts";
import { NamingGate, type BeforeNaming } from "./naming-gate.ts";
import { openParts, type PartFile, type Part, type Parts } from "./parts-sink.ts";

/** A part that is one file. */
export interface NamedPart {
  readonly part: string;
  readonly path: string;
}

/** How the files of parts are opened. */
export interface NamedPartsOptions<P extends NamedPart> {
  readonly onUnwritable: OnUnwritable | undefined;
  readonly beforeNaming: BeforeNaming | undefined;
  /** Opens the sink of a part with these hooks. */
  readonly open: (
    part: P,
    hooks: Required<Pick<SinkOptions, "onUnwritable" | "beforeNaming">>,
  ) => Promise<RowSink>;
}

/** Opens parts that are one file each. Where one cannot be opened, none is. */
export async function openNamedParts<P extends NamedPart>(
  parts: readonly P[],
  options: NamedPartsOptions<P>,
): Promise<Parts> {
  const names = parts.map(({ path }) => path);
  const gate = new NamingGate(names, options.beforeNaming);
  const files: FilePart[] = [];
  try {
    for (const part of parts) files.push(await FilePart.open(part, gate, options));
  } catch (error) {
    for (const file of files) await file.abort(error);
    throw error;
  }
  return openParts(new Map(files.map((file) => [file.written.part, file])), {
    async finish() {
      const ends = await Promise.allSettled(files.map((file) => file.end()));
      const failed = ends.find((end) => end.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      return files.map(({ written }) => written);
    },
  });
}

/** A part that is one file, which gets its name with the files of the other parts. */
class FilePart implements Part {
  readonly #named: NamedPart;
  readonly #lane: Lane;
  readonly #gate: NamingGate;
  /** Whether the file is at the gate, or has failed before. */
  readonly #isCounted: () => boolean;

  private constructor(named: NamedPart, lane: Lane, gate: NamingGate, isCounted: () => boolean) {
    this.#named = named;
    this.#lane = lane;
    this.#gate = gate;
    this.#isCounted = isCounted;
  }

  static async open<P extends NamedPart>(
    part: P,
    gate: NamingGate,
    { open, onUnwritable }: NamedPartsOptions<P>,
  ): Promise<FilePart> {
    let isCounted = false;
    const beforeNaming = (path: string): Promise<void> => {
      isCounted = true;
      return gate.arrive(path, part.path);
    };
    const lane = await Lane.open((hooks) => open(part, { ...hooks, beforeNaming }), onUnwritable);
    return new FilePart(part, lane, gate, () => isCounted);
  }

  get changes(): Readonly<CellChanges> {
    return this.#lane.sink.changes;
  }

  get written(): PartFile {
    const { part, path } = this.#named;
    return { path, part, rows: this.#lane.rows };
  }

  write(rows: readonly RoutedRow[]): Promise<void> {
    return this.#lane.write(rows);
  }

  async end(): Promise<void> {
    try {
      await this.#lane.end();
    } catch (error) {
      this.#gate.fail(error);
      throw error;
    }
    // A pipe gets no name, so nothing was called before it had one.
    if (!this.#isCounted()) this.#gate.pass();
  }

  abort(reason: unknown): Promise<void> {
    return this.#lane.abort(reason);
  }
}
