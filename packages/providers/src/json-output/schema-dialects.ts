import type { SchemaDialect } from "./fit-schema.ts";
import { BOUNDS } from "./schema-bounds.ts";

const STRUCTURE = ["$defs", "$ref", "anyOf", "const"];

/** Strict mode with every bound and format, for servers of which it is not known what they enforce. */
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

/** The JSON Schema that OpenAI's strict mode supports. Source: OpenAI, "Structured outputs", supported schemas. */
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

/** The JSON Schema that every API with structured output supports, for models of unknown vendors. */
export const PORTABLE_SCHEMAS: SchemaDialect = {
  ...OPENAI_SCHEMAS,
  keywords: new Set([...STRUCTURE, "format"]),
  takesRecursion: false,
};
