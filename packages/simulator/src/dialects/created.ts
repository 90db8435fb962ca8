/** When every answer says that it was made, in seconds since 1970: the same request has the same answer to the byte. */
export const CREATED = 1_767_225_600;
