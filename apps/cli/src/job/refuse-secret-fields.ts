import { isRecord, ParrotError } from "@parallel-parrot/core";

/** Names of fields that hold a credential of somebody. */
const SECRET_NAME =
  /secret|passw(?:or)?d$|(?:^|[-_])api[-_]?key$|^(?:authorization|credentials?|(?:access|auth|bearer)[-_]?token)$/i;

/**
 * Refuses a text in a field whose name speaks of a secret: the fields of a body are in the journal and in the commands
 * that are shown. An object of such a name may be a part of a schema.
 *
 * @throws ParrotError `INVALID_OPTION` that names the field and not its value
 */
export function refuseSecretFields(value: unknown, path = ""): void {
  if (Array.isArray(value)) {
    for (const [index, each] of value.entries()) refuseSecretFields(each, `${path}.${index}`);
  } else if (isRecord(value)) {
    for (const [name, inner] of Object.entries(value)) {
      const here = path === "" ? name : `${path}.${name}`;
      if (typeof inner === "string" && inner !== "" && SECRET_NAME.test(name)) throw secretField(here);
      refuseSecretFields(inner, here);
    }
  }
}

function secretField(path: string): ParrotError {
  return new ParrotError(
    "INVALID_OPTION",
    `Cannot send the field ${path}: fields of the body are kept in the journal and shown, so none may be a secret. Send it as a header from the environment (--header 'x-key: $NAME') or from a file (--header 'x-key: @FILE')`,
    { option: "--param" },
  );
}
