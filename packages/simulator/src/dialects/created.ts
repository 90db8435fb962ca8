/**
 * The time in every answer, in seconds since 1970. It never changes, so that the same request gets the same answer to
 * the byte.
 */
export const CREATED = 1_767_225_600;
