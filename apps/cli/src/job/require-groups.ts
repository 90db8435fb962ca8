import { ParrotError } from "@parallel-parrot/core";
import type { GenerateOptions } from "../flags/options.ts";

/** @throws ParrotError `INVALID_OPTION` where several rows cannot be asked at a time with the other options */
export function requireGroupOptions(options: GenerateOptions): void {
  const { rowsPerRequest, n, batch, thoughts, stop, imageColumn } = options;
  if (rowsPerRequest === 1) return;
  if (rowsPerRequest === 0 || rowsPerRequest > 1000)
    throw unusable(`Cannot put ${rowsPerRequest} rows into a request: give --rows-per-request 1 to 1000`);
  if (n > 1)
    throw unusable(
      "--n asks for several answers to a row, and --rows-per-request for one to each of several rows: leave one of them out",
    );
  if (batch)
    throw unusable("--batch makes a request of each row: leave it out, or leave --rows-per-request out");
  if (thoughts !== undefined)
    throw unusable(
      "With --rows-per-request a model thinks of several rows at once, so that no row has thoughts of its own: leave --thoughts out",
    );
  if (stop !== undefined && stop.length > 0)
    throw unusable(
      "--stop would end the answers of all rows of a request with that of one: leave it out, or leave --rows-per-request out",
    );
  if (imageColumn.length > 0)
    throw unusable("Rows with images are asked one by one: leave --rows-per-request out");
}

function unusable(message: string): ParrotError {
  return new ParrotError("INVALID_OPTION", message, { option: "--rows-per-request" });
}
