import type { DatabaseSync, StatementSync } from "node:sqlite";
import { isParrotError, quoteAll } from "@parallel-parrot/core";
import { invalidInput, type InputName } from "../../source/input-name.ts";
import { quoteName } from "../quote-name.ts";
import { damaged } from "./sqlite-file.ts";

/** What is read of a database. */
export interface Selection {
  /** @default the only table */
  readonly table: string | undefined;
  readonly query: string | undefined;
}

interface Table {
  readonly name: string;
  readonly isView: boolean;
  readonly isStored: boolean;
  /** Whether its rows have numbers, by which they are put in order. */
  readonly hasRowid: boolean;
}

/** What gives the rows. */
export interface Selected {
  readonly statement: StatementSync;
  /** Whether its rows lie in the file as they are: a view or a query makes as many as it likes. */
  readonly isStored: boolean;
}

/** The statement that gives the rows. @throws ParrotError `INVALID_INPUT` that says which tables there are */
export function statementOf(database: DatabaseSync, selection: Selection, name: InputName): Selected {
  const { query } = selection;
  try {
    const table = query === undefined ? findTable(database, selection.table, name) : undefined;
    const statement =
      table === undefined
        ? prepareQuery(database, query ?? "", name)
        : database.prepare(selectAll(database, table));
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    return { statement, isStored: table?.isStored === true };
  } catch (error) {
    if (isParrotError(error)) throw error;
    throw damaged(name, error, query === undefined ? undefined : "query");
  }
}

/** A query may only read: it begins as one, is the only statement, and the database is opened for reading. */
function prepareQuery(database: DatabaseSync, query: string, name: InputName): StatementSync {
  const refuse = (problem: string): never => {
    throw invalidInput(name, {}, `the query ${problem}`, { option: "query" });
  };
  if (!/^(?:select|with|values)\b/i.test(withoutComments(query)))
    refuse("has to begin with SELECT, WITH or VALUES");
  const statement = database.prepare(query);
  if (withoutComments(query.slice(statement.sourceSQL.length)) !== "") refuse("is more than one statement");
  if (statement.columns().length === 0) refuse("gives no rows");
  return statement;
}

/** What stands after the comments, blanks and semicolons at the beginning. */
function withoutComments(text: string): string {
  let rest = text;
  for (;;) {
    const next = rest.replace(/^(?:[\s;]+|--[^\n]*(?:\n|$)|\/\*[^]*?(?:\*\/|$))/, "");
    if (next === rest) return rest;
    rest = next;
  }
}

function selectAll(database: DatabaseSync, { name, hasRowid }: Table): string {
  const select = `SELECT * FROM main.${quoteName(name)}`;
  if (!hasRowid) return select;
  const taken = new Set(
    database
      .prepare("SELECT lower(name) AS name FROM pragma_table_xinfo(?)")
      .all(name)
      .map((column) => column["name"]),
  );
  const rowid = ["rowid", "_rowid_", "oid"].find((each) => !taken.has(each));
  return rowid === undefined ? select : `${select} ORDER BY ${rowid}`;
}

function findTable(database: DatabaseSync, asked: string | undefined, name: InputName): Table {
  const all = tablesOf(database);
  const tables = all.filter(({ isView }) => !isView);
  const [only, ...others] = tables.length === 0 ? all : tables;
  const names = quoteAll(all.map((table) => table.name));
  const refuse = (problem: string): never => {
    throw invalidInput(name, {}, problem, { option: "table" });
  };
  if (only === undefined) return refuse("it has no table");
  if (asked === undefined)
    return others.length === 0
      ? only
      : refuse(`it has several tables; name one in the option "table": ${names}`);
  const isAsked = (table: Table): boolean => table.name.toLowerCase() === asked.toLowerCase();
  return all.find(isAsked) ?? refuse(`it has no table "${asked}"; its tables are ${names}`);
}

function tablesOf(database: DatabaseSync): readonly Table[] {
  const rows = database
    .prepare(
      "SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual', 'view') AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name",
    )
    .all();
  return rows.map(({ name, type, wr }) => ({
    name: String(name),
    isView: type === "view",
    isStored: type === "table",
    hasRowid: type === "table" && wr === 0,
  }));
}
