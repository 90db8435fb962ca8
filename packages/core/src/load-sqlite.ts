import type * as Sqlite from "node:sqlite";

let loaded: typeof Sqlite | undefined;

/** The SQLite of Node.js, without the warning that Node.js 22 prints when its module is first used. */
export function loadSqlite(): typeof Sqlite {
  loaded ??= quietly(() => process.getBuiltinModule("node:sqlite"));
  return loaded;
}

/** Runs a function without the warning that SQLite is experimental; other warnings are shown. */
function quietly<T>(load: () => T): T {
  const emitWarning = process.emitWarning.bind(process);
  const original = Object.getOwnPropertyDescriptor(process, "emitWarning");
  process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
    if (!String(warning).includes("SQLite")) Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    return load();
  } finally {
    if (original === undefined) Reflect.deleteProperty(process, "emitWarning");
    else Object.defineProperty(process, "emitWarning", original);
  }
}
