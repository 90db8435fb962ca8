import type { Completed, Prompted, Row } from "@parallel-parrot/core";
import { attemptsOf, type Bill } from "./bill.ts";
import type { Answer } from "./exchange.ts";

/** A row with its answer, and what its bill says of it. */
export function completedItem<R extends Row>(
  { index, row, prompt, warnings }: Prompted<R>,
  { choices, model }: Answer,
  bill: Bill,
): Completed<R> {
  return {
    index,
    row,
    prompt,
    ...(warnings !== undefined && { warnings }),
    completion: { choices, model, usage: bill.usage, attempts: attemptsOf(bill) },
  };
}
