/** Why a row was asked alone after it had been asked beside others. */
export type AloneReason =
  /** The response has no answer with its id. */
  | "missing"
  /** The response has several. */
  | "doubled"
  /** The token limit cut the response off before its answer. */
  | "cutOff"
  /** The request for all of them was refused, or failed in all its attempts. */
  | "refused"
  /** The request for all of them was more than is left of the budget. */
  | "overBudget";

/** How rows were asked several at a time, in this process; a snapshot. */
export interface GroupProgress {
  /** Requests for several rows that are done with. */
  readonly requests: number;
  /** Rows that they have answered. */
  readonly answered: number;
  /** Rows that were asked alone after that, by the reason. */
  readonly alone: Readonly<Record<AloneReason, number>>;
  /** Answers that counted for nobody, as their id is that of no row of the request. */
  readonly foreign: number;
  /** How many rows a request may be for now: fewer than asked for where that was too many; 1 where none are. */
  readonly most: number;
}

/** The progress of several ways of asking as one. */
export function sumOfGroups(parts: readonly GroupProgress[]): GroupProgress | undefined {
  const [first, ...others] = parts;
  return others.reduce<GroupProgress | undefined>((sum, part) => sum && add(sum, part), first);
}

function add(one: GroupProgress, other: GroupProgress): GroupProgress {
  return {
    requests: one.requests + other.requests,
    answered: one.answered + other.answered,
    alone: {
      missing: one.alone.missing + other.alone.missing,
      doubled: one.alone.doubled + other.alone.doubled,
      cutOff: one.alone.cutOff + other.alone.cutOff,
      refused: one.alone.refused + other.alone.refused,
      overBudget: one.alone.overBudget + other.alone.overBudget,
    },
    foreign: one.foreign + other.foreign,
    most: Math.min(one.most, other.most),
  };
}
