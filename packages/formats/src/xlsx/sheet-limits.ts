/** The most rows of a sheet, its header among them. */
export const MAX_ROWS = 1_048_576;
/** The most columns of a sheet. */
export const MAX_COLUMNS = 16_384;
/** The most characters of a cell. */
export const MAX_CELL_LENGTH = 32_767;
