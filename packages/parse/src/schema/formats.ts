import { isIPv4, isIPv6 } from "node:net";

const DATE = /^\d{4}-\d\d-\d\d$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i;
const EMAIL = /^[^\s@]+@[^\s@]+$/;
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

function isDate(text: string): boolean {
  if (!DATE.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  // February 30 would become March 1.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function isDateTime(text: string): boolean {
  return isDate(text.slice(0, 10)) && /^[T ]$/i.test(text.charAt(10)) && TIME.test(text.slice(11));
}

/** The formats of JSON Schema that are checked. Others are taken as notes to the model. */
export const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDate,
  time: (text) => TIME.test(text),
  "date-time": isDateTime,
  email: (text) => EMAIL.test(text),
  uri: (text) => URL.canParse(text),
  uuid: (text) => UUID.test(text),
  ipv4: isIPv4,
  ipv6: isIPv6,
};
