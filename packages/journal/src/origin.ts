/**
 * Who made a record or a run, as far as its checks tell. With a secret: whoever has the secret (`own`), somebody
 * else or a version that did not sign (`foreign`). Without one, all that is undamaged is `own`. What does not fit
 * its own SHA-256 is `damaged`: nobody has made it as it is.
 */
export type Origin = "own" | "foreign" | "damaged";

/** A run may also be `adopted`: another one made it, whose answers its owner has taken over. */
export type RunOrigin = Origin | "adopted";
