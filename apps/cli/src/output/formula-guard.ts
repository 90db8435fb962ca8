import { escapeFormula, traitsOf, type Format } from "@parallel-parrot/formats";

/**
 * Escapes the cells of answers that a spreadsheet would run as formulas, if a spreadsheet may open the output, and counts
 * them. It works on answers before they are joined with their rows, so that cells of the input stay as they are.
 */
export class FormulaGuard {
  readonly #isOn: boolean;
  #count = 0;

  constructor(format: Format, { escapeFormulas }: { readonly escapeFormulas: boolean }) {
    this.#isOn = escapeFormulas && traitsOf(format).runsFormulas;
  }

  /** Cells that were escaped. */
  get count(): number {
    return this.#count;
  }

  /** What escapes a cell; `undefined` where nothing is to be escaped. */
  get mapCell(): ((cell: unknown) => unknown) | undefined {
    return this.#isOn ? (cell) => this.cell(cell) : undefined;
  }

  /** The cell, escaped where it needs to be. */
  cell(cell: unknown): unknown {
    if (!this.#isOn || typeof cell !== "string") return cell;
    const escaped = escapeFormula(cell);
    if (escaped !== cell) this.#count += 1;
    return escaped;
  }
}
