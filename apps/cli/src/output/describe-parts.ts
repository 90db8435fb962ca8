import { counted } from "@parallel-parrot/core";
import type { PartFile } from "@parallel-parrot/formats";
import type { OutputPlace } from "./output-place.ts";

/** Files whose rows are told one by one. */
const MAX_TOLD = 10;

/** Says how many rows each file of an output has that is split or one for each input, and each split of a dataset. */
export function describeParts({ kind }: OutputPlace, parts: readonly PartFile[]): readonly string[] {
  if (parts.length === 0) return [];
  if (kind === "folder" && parts.length > MAX_TOLD)
    return [`${counted(parts.length, "file")}, one for each input`];
  if (kind === "splits" || kind === "folder")
    return [parts.map(({ path, rows }) => `${path}: ${counted(rows, "row")}`).join("; ")];
  const files = Map.groupBy(parts, ({ part }) => part);
  const splits = [...files].map(([split, shards]) => {
    const rows = shards.reduce((sum, shard) => sum + shard.rows, 0);
    return `${split}: ${counted(rows, "row")} in ${counted(shards.length, "file")}`;
  });
  return [splits.join("; ")];
}
