import { areEqual, isNothing, numberOf, orderOf } from "./compare.ts";
import { plain, type Notes, type Term } from "./term.ts";

/** The operators of two values, by their signs. */
export const OPERATORS: ReadonlyMap<string, (left: Term, right: Term) => Term> = new Map([
  ["==", equal],
  ["===", equal],
  ["!=", unequal],
  ["!==", unequal],
  ["<", ordered((order) => order < 0)],
  ["<=", ordered((order) => order <= 0)],
  [">", ordered((order) => order > 0)],
  [">=", ordered((order) => order >= 0)],
  ["in", isIn],
  ["+", calculated((one, other) => one + other)],
  ["-", calculated((one, other) => one - other)],
  ["*", calculated((one, other) => one * other)],
  ["/", calculated((one, other) => one / other)],
  ["%", calculated((one, other) => one % other)],
]);

/** The number of a value with the other sign. */
export function negated(term: Term): Term {
  return (row, notes) => calculate(0, term(row, notes), notes, (zero, number) => zero - number);
}

function equal(left: Term, right: Term): Term {
  return (row, notes) => areEqual(left(row, notes), right(row, notes));
}

function unequal(left: Term, right: Term): Term {
  return (row, notes) => !areEqual(left(row, notes), right(row, notes));
}

function ordered(isMeant: (order: number) => boolean): (left: Term, right: Term) => Term {
  return (left, right) => (row, notes) => {
    const order = orderOf(left(row, notes), right(row, notes));
    if (order === undefined) notes.isOdd = true;
    return typeof order === "number" && isMeant(order);
  };
}

function isIn(left: Term, right: Term): Term {
  return (row, notes) => {
    const [value, list] = [left(row, notes), right(row, notes)];
    if (Array.isArray(list)) return list.some((element: unknown) => areEqual(plain(element), value));
    if (!isNothing(list)) notes.isOdd = true;
    return false;
  };
}

type Calculation = (one: number, other: number) => number;

function calculated(calculation: Calculation): (left: Term, right: Term) => Term {
  return (left, right) => (row, notes) => calculate(left(row, notes), right(row, notes), notes, calculation);
}

/** Calculates with doubles; null where one of the two is null or empty, or no number. */
function calculate(one: unknown, other: unknown, notes: Notes, calculation: Calculation): unknown {
  if (isNothing(one) || isNothing(other)) return null;
  const [first, second] = [numberOf(one), numberOf(other)];
  if (first !== undefined && second !== undefined) return plain(calculation(Number(first), Number(second)));
  notes.isOdd = true;
  return null;
}
