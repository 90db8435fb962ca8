import { cellText, stringifyJson } from "@parallel-parrot/core";
import type { SQLInputValue } from "node:sqlite";
import type { ColumnType } from "../../columns/column-type.ts";
import { toStored } from "../../columns/stored-value.ts";
import type { CellChanges } from "../../sink/cell-changes.ts";

/** Makes of a cell the value that is stored. @throws TypeError where the column's type has no such value */
export type ToValue = (cell: unknown, changes: CellChanges) => SQLInputValue;

/** As many digits of a decimal as a number holds whatever they are. */
const SAFE_DIGITS = 15;

/**
 * What a column is declared as. SQLite makes numbers of the texts of a column with a number's type: what no number
 * holds is text.
 */
export function declarationOf(type: ColumnType): string {
  switch (type.type) {
    case "boolean":
    case "date":
    case "time":
    case "timestamp":
      return type.type.toUpperCase();
    case "integer":
      return type.bits === 64 && !type.signed ? "TEXT" : "INTEGER";
    case "float":
      return "REAL";
    case "decimal":
      return type.precision > SAFE_DIGITS ? "TEXT" : `DECIMAL(${type.precision}, ${type.scale})`;
    case "bytes":
      return "BLOB";
    case "text":
    case "uuid":
    case "json":
    case "list":
    case "map":
    case "struct":
    default:
      return "TEXT";
  }
}

/** What makes stored values of the cells of a column. */
export function toValue(type: ColumnType): ToValue {
  const make = valueMaker(type);
  return (cell, changes) => (cell === null || cell === undefined ? null : make(cell, changes));
}

function valueMaker(type: ColumnType): ToValue {
  // It refuses a cell that the type does not hold exactly.
  const require = toStored(type);
  const asText: ToValue = (cell) => {
    require(cell);
    return cellText(cell) ?? null;
  };
  switch (type.type) {
    case "boolean":
      return (cell) => (require(cell) === true ? 1n : 0n);
    case "integer":
      return declarationOf(type) === "TEXT" ? asText : (cell) => BigInt(String(require(cell)));
    case "float":
      return (cell, changes) => {
        const number = Number(require(cell));
        // SQLite has no such value, and stores null.
        if (Number.isNaN(number)) changes.nulledValues += 1;
        return number;
      };
    case "decimal":
      return declarationOf(type) === "TEXT"
        ? asText
        : (cell) => {
            require(cell);
            return Number(cellText(cell));
          };
    case "bytes":
      return (cell) => {
        require(cell);
        return cell instanceof Uint8Array ? cell : null;
      };
    case "json":
    case "list":
    case "map":
    case "struct":
      return (cell) => {
        require(cell);
        return stringifyJson(cell) ?? null;
      };
    case "text":
    case "uuid":
    case "date":
    case "time":
    case "timestamp":
    default:
      return asText;
  }
}
