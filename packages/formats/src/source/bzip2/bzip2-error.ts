/** What is wrong with data that should be bzip2. */
export class Bzip2Error extends Error {
  override readonly name = "Bzip2Error";
}
