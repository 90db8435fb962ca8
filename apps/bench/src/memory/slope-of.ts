/**
 * Bytes that a row adds: the slope of a least-squares line through samples taken at even intervals while `rows` rows
 * went through, without those of the first `warmUpRows`. `undefined` where too few samples are left.
 */
export function slopeOf(samples: readonly number[], rows: number, warmUpRows: number): number | undefined {
  const points = samples
    .map((bytes, position) => ({ row: ((position + 1) / samples.length) * rows, bytes }))
    .filter(({ row }) => row > warmUpRows);
  if (points.length < 20) return undefined;
  const meanRow = points.reduce((sum, { row }) => sum + row, 0) / points.length;
  const meanBytes = points.reduce((sum, { bytes }) => sum + bytes, 0) / points.length;
  const covariance = points.reduce((sum, { row, bytes }) => sum + (row - meanRow) * (bytes - meanBytes), 0);
  const variance = points.reduce((sum, { row }) => sum + (row - meanRow) ** 2, 0);
  return covariance / variance;
}
