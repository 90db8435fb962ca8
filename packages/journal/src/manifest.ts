/** What a run was asked to do, as data that JSON can hold: shown by tools and used to start it again. Never holds a secret. */
export type Manifest = { readonly [name: string]: unknown };
