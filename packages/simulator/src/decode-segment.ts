/** A segment of a path without its percent signs; as it is where they are wrong. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
