/**
 * What the options `O` say where each row has one answer, and an empty one is a failed row. So a null can only come of a
 * row that `onContext: "skip"` leaves without an answer.
 */
export type SingleAnswer<O> = "onContext" extends keyof O
  ? "skip" extends O["onContext"]
    ? O
    : NeverEmpty<O>
  : NeverEmpty<O>;

type NeverEmpty<O> = Omit<O, "empty"> & { readonly empty: "drop" };
