export { DatabaseError } from "./database/database-error.ts";
export { postgresLimit } from "./limit/postgres-limit.ts";
export { prepareDatabase } from "./database/prepare-database.ts";
export type { DatabaseErrorCode } from "./database/database-error.ts";
export type { DatabaseOptions } from "./database/database-address.ts";
export type { PostgresLimit, PostgresLimitOptions } from "./limit/postgres-limit.ts";
export type { PrepareOptions } from "./database/prepare-database.ts";
