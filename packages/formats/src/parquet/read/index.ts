export { notSeekable } from "./parquet-file.ts";
export { ParquetReader } from "./parquet-reader.ts";
