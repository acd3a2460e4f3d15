/**
 * What is said to the thread of a check in the background, and what it answers. Types only.
 *
 * @module
 */

/** The question to the thread. */
export interface BackgroundQuestion {
  readonly dir: string;
}

/** Its answer. */
export type BackgroundAnswer = { readonly problems: string[] } | { readonly failure: string };
