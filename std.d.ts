/**
 * Types of the parts of `@std` in use: its npm build, `deno-std`, comes without any. Each module is
 * declared under its name in the import map; what is not declared here cannot be imported.
 *
 * @module
 */

declare module "@std/assert" {
  /** A class, abstract ones included. */
  // deno-lint-ignore no-explicit-any -- a constructor's parameters can be bounded in no other way
  type Class<T> = abstract new (...parameters: any[]) => T;

  export class AssertionError extends Error {}
  export function equal(left: unknown, right: unknown): boolean;
  export function fail(message?: string): never;
  export function unreachable(message?: string): never;
  export function assert(condition: unknown, message?: string): asserts condition;
  export function assertFalse(condition: unknown, message?: string): void;
  export function assertExists<T>(value: T, message?: string): asserts value is NonNullable<T>;
  export function assertEquals<T>(actual: T, expected: T, message?: string): void;
  export function assertNotEquals<T>(actual: T, expected: T, message?: string): void;
  export function assertStrictEquals<T>(
    actual: unknown,
    expected: T,
    message?: string,
  ): asserts actual is T;
  export function assertNotStrictEquals<T>(actual: T, expected: T, message?: string): void;
  export function assertObjectMatch(actual: object, expected: object, message?: string): void;
  export function assertArrayIncludes<T>(
    actual: ArrayLike<T>,
    expected: ArrayLike<T>,
    message?: string,
  ): void;
  export function assertStringIncludes(actual: string, expected: string, message?: string): void;
  export function assertMatch(actual: string, expected: RegExp, message?: string): void;
  export function assertNotMatch(actual: string, expected: RegExp, message?: string): void;
  export function assertGreater<T>(actual: T, low: T, message?: string): void;
  export function assertGreaterOrEqual<T>(actual: T, low: T, message?: string): void;
  export function assertLess<T>(actual: T, high: T, message?: string): void;
  export function assertLessOrEqual<T>(actual: T, high: T, message?: string): void;
  export function assertAlmostEquals(
    actual: number,
    expected: number,
    tolerance?: number,
    message?: string,
  ): void;
  export function assertInstanceOf<T>(
    actual: unknown,
    expectedClass: Class<T>,
    message?: string,
  ): asserts actual is T;
  export function assertIsError<E extends Error = Error>(
    actual: unknown,
    errorClass?: Class<E>,
    includes?: string | RegExp,
    message?: string,
  ): asserts actual is E;
  /** Returns what was thrown. */
  export function assertThrows(run: () => unknown, message?: string): unknown;
  export function assertThrows<E extends Error>(
    run: () => unknown,
    errorClass: Class<E>,
    includes?: string,
    message?: string,
  ): E;
  /** Resolves to what the promise was rejected with; a `run` that throws by itself fails. */
  export function assertRejects(
    run: () => PromiseLike<unknown>,
    message?: string,
  ): Promise<unknown>;
  export function assertRejects<E extends Error>(
    run: () => PromiseLike<unknown>,
    errorClass: Class<E>,
    includes?: string,
    message?: string,
  ): Promise<E>;
}

declare module "@std/async/deadline" {
  /** Rejects with a `DOMException` named `TimeoutError` if the promise takes longer than `ms` milliseconds. */
  export function deadline<T>(promise: Promise<T>, ms: number): Promise<T>;
}

declare module "@std/cli/parse-args" {
  /** With `collect`, each flag named there is a list, empty if it is not given. */
  export function parseArgs(
    args: readonly string[],
    options: {
      readonly string: readonly string[];
      readonly boolean: readonly string[];
      readonly collect: readonly string[];
    },
  ): { _: string[]; [flag: string]: (string | boolean)[] };
  export function parseArgs(
    args: readonly string[],
    options: { readonly string: readonly string[] },
  ): Record<string, unknown>;
}

declare module "@std/http/etag" {
  export function eTag(entity: Uint8Array, options?: { weak?: boolean }): Promise<string>;
  /** Whether to answer in full: no tag of the `If-None-Match` header matches, compared weakly. */
  export function ifNoneMatch(header: string | null, etag: string): boolean;
}

declare module "@std/http/negotiation" {
  /** The best of the encodings that the request accepts; `undefined` if it accepts none of them. */
  export function acceptsEncodings(request: Request, ...encodings: string[]): string | undefined;
}

declare module "@std/media-types" {
  /** The media type of a file extension, with its charset. */
  export function contentType(extensionOrType: string): string | undefined;
}

declare module "@std/text/closest-string" {
  /** The nearest of `possibleWords` by Levenshtein distance, the first of equals. */
  export function closestString(givenWord: string, possibleWords: readonly string[]): string;
}
