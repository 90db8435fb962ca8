/** What follows the name of a journal in that of the file in which a run tells how far it is. */
export const LIVE_SUFFIX = "-live";
