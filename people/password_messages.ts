/**
 * What threads that hash passwords are asked, and what they answer. Types only.
 *
 * @module
 */

/** What a thread is to hash. */
export interface HashQuestion {
  readonly password: string;
  readonly salt: Uint8Array;
  /** Length of the hash. */
  readonly bytes: number;
  readonly options: {
    readonly N: number;
    readonly r: number;
    readonly p: number;
    readonly maxmem: number;
  };
}

/** What it answers. */
export type HashAnswer = { readonly key: Uint8Array } | { readonly problem: string };
