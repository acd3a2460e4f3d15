/**
 * A typed face over `@std/assert`, which comes untyped from npm. Each assertion throws an
 * `AssertionError` that shows what was expected and what was there; those that can, narrow the type
 * of what they were given. Every test of the project imports its assertions from here.
 *
 * @module
 */
import * as untyped from "@std/assert";

/** A class, abstract ones included. */
// deno-lint-ignore no-explicit-any -- a constructor's parameters can be bounded in no other way
type Class<T> = abstract new (...parameters: any[]) => T;

interface AssertThrows {
  (run: () => unknown, message?: string): unknown;
  <E extends Error>(
    run: () => unknown,
    errorClass: Class<E>,
    includes?: string,
    message?: string,
  ): E;
}

interface AssertRejects {
  (run: () => PromiseLike<unknown>, message?: string): Promise<unknown>;
  <E extends Error>(
    run: () => PromiseLike<unknown>,
    errorClass: Class<E>,
    includes?: string,
    message?: string,
  ): Promise<E>;
}

/** What `@std/assert` holds, as its source documents it; this is where the untyped package enters. */
interface Assertions {
  AssertionError: new (message: string, options?: ErrorOptions) => Error;
  equal(left: unknown, right: unknown): boolean;
  fail(message?: string): never;
  unreachable(message?: string): never;
  assert(condition: unknown, message?: string): asserts condition;
  assertFalse(condition: unknown, message?: string): void;
  assertExists<T>(value: T, message?: string): asserts value is NonNullable<T>;
  assertEquals<T>(actual: T, expected: T, message?: string): void;
  assertNotEquals<T>(actual: T, expected: T, message?: string): void;
  assertStrictEquals<T>(actual: unknown, expected: T, message?: string): asserts actual is T;
  assertNotStrictEquals<T>(actual: T, expected: T, message?: string): void;
  assertObjectMatch(actual: object, expected: object, message?: string): void;
  assertArrayIncludes<T>(actual: ArrayLike<T>, expected: ArrayLike<T>, message?: string): void;
  assertStringIncludes(actual: string, expected: string, message?: string): void;
  assertMatch(actual: string, expected: RegExp, message?: string): void;
  assertNotMatch(actual: string, expected: RegExp, message?: string): void;
  assertGreater<T>(actual: T, low: T, message?: string): void;
  assertGreaterOrEqual<T>(actual: T, low: T, message?: string): void;
  assertLess<T>(actual: T, high: T, message?: string): void;
  assertLessOrEqual<T>(actual: T, high: T, message?: string): void;
  assertAlmostEquals(actual: number, expected: number, tolerance?: number, message?: string): void;
  assertInstanceOf<T>(
    actual: unknown,
    expectedClass: Class<T>,
    message?: string,
  ): asserts actual is T;
  assertIsError<E extends Error = Error>(
    actual: unknown,
    errorClass?: Class<E>,
    includes?: string | RegExp,
    message?: string,
  ): asserts actual is E;
  /** Returns what was thrown. */
  assertThrows: AssertThrows;
  /** Resolves to what the promise was rejected with; a `run` that throws by itself fails. */
  assertRejects: AssertRejects;
}

const std = untyped as unknown as Assertions;

// Each name carries its type, since TypeScript wants assertion functions declared explicitly.
export const AssertionError: Assertions["AssertionError"] = std.AssertionError;
export const equal: Assertions["equal"] = std.equal;
export const fail: Assertions["fail"] = std.fail;
export const unreachable: Assertions["unreachable"] = std.unreachable;
export const assert: Assertions["assert"] = std.assert;
export const assertFalse: Assertions["assertFalse"] = std.assertFalse;
export const assertExists: Assertions["assertExists"] = std.assertExists;
export const assertEquals: Assertions["assertEquals"] = std.assertEquals;
export const assertNotEquals: Assertions["assertNotEquals"] = std.assertNotEquals;
export const assertStrictEquals: Assertions["assertStrictEquals"] = std.assertStrictEquals;
export const assertNotStrictEquals: Assertions["assertNotStrictEquals"] = std.assertNotStrictEquals;
export const assertObjectMatch: Assertions["assertObjectMatch"] = std.assertObjectMatch;
export const assertArrayIncludes: Assertions["assertArrayIncludes"] = std.assertArrayIncludes;
export const assertStringIncludes: Assertions["assertStringIncludes"] = std.assertStringIncludes;
export const assertMatch: Assertions["assertMatch"] = std.assertMatch;
export const assertNotMatch: Assertions["assertNotMatch"] = std.assertNotMatch;
export const assertGreater: Assertions["assertGreater"] = std.assertGreater;
export const assertGreaterOrEqual: Assertions["assertGreaterOrEqual"] = std.assertGreaterOrEqual;
export const assertLess: Assertions["assertLess"] = std.assertLess;
export const assertLessOrEqual: Assertions["assertLessOrEqual"] = std.assertLessOrEqual;
export const assertAlmostEquals: Assertions["assertAlmostEquals"] = std.assertAlmostEquals;
export const assertInstanceOf: Assertions["assertInstanceOf"] = std.assertInstanceOf;
export const assertIsError: Assertions["assertIsError"] = std.assertIsError;
export const assertThrows: Assertions["assertThrows"] = std.assertThrows;
export const assertRejects: Assertions["assertRejects"] = std.assertRejects;
