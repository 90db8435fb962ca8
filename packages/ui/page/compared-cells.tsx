import type { JSX } from "preact";
import type { RowDetail } from "../src/wire.ts";
import { DiffText } from "./diff-text.tsx";
import { count } from "./format.ts";
import { visible } from "./visible.ts";

/** The outputs of a row beside those of the row that it is compared with. */
export function ComparedCells({
  row,
  other,
}: {
  readonly row: RowDetail;
  readonly other: RowDetail;
}): JSX.Element {
  const [here, there] = [cellsOf(row), cellsOf(other)];
  const names = [...new Set([...there.keys(), ...here.keys()])];
  const isOne = here.size === 1 && there.size === 1;
  const pairs = isOne
    ? [[[...here.keys()][0] ?? "", [...there.values()][0] ?? "", [...here.values()][0] ?? ""] as const]
    : names.map((name) => [name, there.get(name) ?? "", here.get(name) ?? ""] as const);
  return (
    <section class="part">
      <h3>
        Beside row {count(other.line.number)} of the other
        {other.failure === undefined ? "" : `, which failed with ${other.failure.code}`}
      </h3>
      <dl class="cells">
        {pairs.map(([name, before, after]) => (
          <div key={name}>
            <dt>{visible(name)}</dt>
            <dd>
              <pre class="text short">
                <DiffText before={before} after={after} />
              </pre>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** The texts of outputs by column, those of several one below the other. */
function cellsOf({ outputs }: RowDetail): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const [name, { text }] of outputs.flat(2)) {
    const before = texts.get(name);
    texts.set(name, before === undefined ? text : `${before}\n${text}`);
  }
  return texts;
}
