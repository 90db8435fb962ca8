import { flatMapStream, mapStream, type Item, type Row, type Stage } from "@parallel-parrot/core";
import { sampleStream, takeStream } from "@parallel-parrot/tidy";
import { groupSize } from "../compare/compared-models.ts";
import { requireInputColumns } from "../input/input-columns.ts";
import type { SelectionOptions } from "../flags/options.ts";
import { RowFilter } from "./row-filter.ts";

/** Whether rows are left out. */
export function leavesOut({ where, skipEmpty = [], sample, offset = 0, limit }: SelectionOptions): boolean {
  return (
    where !== undefined || skipEmpty.length > 0 || sample !== undefined || offset > 0 || limit !== undefined
  );
}

/**
 * Makes sure that the input has the columns that options of the selection name.
 *
 * @throws ParrotError `MISSING_COLUMN`
 */
export function requireSelected(
  input: string,
  columns: readonly string[] | undefined,
  options: SelectionOptions,
): void {
  if (columns === undefined) return;
  const kept = (options.columns ?? []).map((column) => ["--columns", column] as const);
  requireInputColumns(input, columns, [...new RowFilter(options).needs(columns), ...kept]);
}

/** Gathers the items that are of one group, which has so many numbers one after the other. */
function groupStream(size: number): Stage<Item, readonly Item[]> {
  let group: Item[] = [];
  return flatMapStream(
    (item: Item) => {
      const [first] = group;
      if (first === undefined || Math.floor(first.index / size) === Math.floor(item.index / size)) {
        group.push(item);
        return [];
      }
      const whole = group;
      group = [item];
      return [whole];
    },
    { last: () => (group.length === 0 ? [] : [group]) },
  );
}

type OnRead = (row: Row, index: number) => void;

/** The rows of an input that are asked. It is for one reading. */
export class Selection {
  readonly #options: SelectionOptions;
  readonly #filter: RowFilter;
  /** The numbers of the rows that were given on and that nobody has asked for yet, by their positions. */
  readonly #indices = new Map<number, number>();
  /** Rows that were read. */
  read = 0;
  /** Rows that were given on. */
  asked = 0;

  constructor(options: SelectionOptions) {
    this.#options = options;
    this.#filter = new RowFilter(options);
  }

  get incomparable(): number {
    return this.#filter.incomparable;
  }

  /** The rows that are asked. @param onRead is given each row that is read, from number 0 on, before it is selected */
  rowsOf(source: ReadableStream<Row>, onRead: OnRead = () => undefined): ReadableStream<Row> {
    const { sample, sampleSeed = 1, offset = 0, limit } = this.#options;
    const items = source.pipeThrough(flatMapStream((row: Row) => this.#filtered(row, onRead)));
    const draw = <T>(all: ReadableStream<T>): ReadableStream<T> => {
      const drawn =
        sample === undefined ? all : all.pipeThrough(sampleStream<T>({ size: sample, seed: sampleSeed }));
      return drawn.pipeThrough(takeStream<T>({ offset, ...(limit === undefined ? {} : { limit }) }));
    };
    const size = groupSize(this.#options);
    const taken =
      size === 1
        ? draw(items)
        : draw(items.pipeThrough(groupStream(size))).pipeThrough(
            flatMapStream((group: readonly Item[]) => group),
          );
    return taken.pipeThrough(mapStream((item: Item) => this.#give(item)));
  }

  /** The number that a row has in the input, by its position among those that are asked. It is told once. */
  readonly rowIndex = (position: number): number => {
    const index = this.#indices.get(position) ?? position;
    this.#indices.delete(position);
    return index;
  };

  #filtered(row: Row, onRead: OnRead): readonly Item[] {
    const index = this.read;
    onRead(row, index);
    this.read += 1;
    return this.#filter.takes(row, index) ? [{ index, row }] : [];
  }

  #give({ index, row }: Item): Row {
    this.#indices.set(this.asked, index);
    this.asked += 1;
    return row;
  }
}
