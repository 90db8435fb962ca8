import type { SchemaDialect } from "./fit-schema.ts";
import { BOUNDS } from "./schema-bounds.ts";

const STRUCTURE = ["$defs", "$ref", "anyOf", "const"];

/**
 * Schemas in the form of strict mode, with every bound and format: for servers of which it is not known what they
 * enforce.
 */
export const STRICT_SCHEMAS: SchemaDialect = {
  keywords: new Set([...STRUCTURE, ...BOUNDS]),
  closesObjects: true,
  takesRecursion: true,
  requiresAll: true,
};

const FORMATS = new Set([
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "uuid",
]);

/** What OpenAI's strict mode understands. Source: OpenAI, "Structured outputs", supported schemas. */
export const OPENAI_SCHEMAS: SchemaDialect = {
  ...STRICT_SCHEMAS,
  keywords: new Set([
    ...STRUCTURE,
    "format",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
  ]),
  formats: FORMATS,
};

/** What every API with structured output understands: for a model of which it is not known whose it is. */
export const PORTABLE_SCHEMAS: SchemaDialect = {
  ...OPENAI_SCHEMAS,
  keywords: new Set([...STRUCTURE, "format"]),
  takesRecursion: false,
};
