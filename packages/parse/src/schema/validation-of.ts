import v8 from "node:v8";
import type { StandardSchemaV1 } from "@standard-schema/spec";

type Validated = StandardSchemaV1.Result<unknown> | Promise<StandardSchemaV1.Result<unknown>>;

/**
 * How to validate by a schema, so that no rejection in it goes unhandled: that would end the process. Libraries leave
 * promises behind. zod tries without promises first, drops the one that a function gives, and begins anew; of several
 * refinements it does not wait for those behind one that rejects. Others leave a promise in the value.
 *
 * zod calls the functions of a schema twice for the first value that has one wait, and once from then on.
 */
export function validationOf(schema: StandardSchemaV1): (value: unknown) => Validated {
  const { validate, vendor } = schema["~standard"];
  let isAsync = false;
  return (value) =>
    handlingRejections(() => {
      if (isAsync && isZod(schema)) return schema.safeParseAsync(value).then(toResult);
      const result = validate(value);
      isAsync = vendor === "zod" && result instanceof Promise;
      return result;
    });
}

interface ZodSchema {
  safeParseAsync(value: unknown): Promise<SafeParsed>;
}

type SafeParsed =
  | { readonly success: true; readonly data: unknown }
  | { readonly success: false; readonly error: { readonly issues: readonly StandardSchemaV1.Issue[] } };

function isZod(schema: object): schema is ZodSchema {
  return "safeParseAsync" in schema && typeof schema.safeParseAsync === "function";
}

function toResult(parsed: SafeParsed): StandardSchemaV1.Result<unknown> {
  return parsed.success ? { value: parsed.data } : { issues: parsed.error.issues };
}

/** Runs a function, and handles the rejection of every promise that is made until it returns. */
function handlingRejections<T>(run: () => T): T {
  const made: Promise<unknown>[] = [];
  const stop = watchPromises(made);
  try {
    return run();
  } finally {
    stop?.();
    for (const promise of made) promise.catch(() => undefined);
  }
}

/** Notes each promise that is made, until it is stopped; a fifth of a microsecond. `undefined` where a runtime cannot. */
function watchPromises(made: Promise<unknown>[]): (() => void) | undefined {
  try {
    const stop: unknown = v8.promiseHooks.onInit((promise: Promise<unknown>) => void made.push(promise));
    return typeof stop === "function" ? () => void stop() : undefined;
  } catch {
    return undefined;
  }
}
