/**
 * The assertions of the tests: `@std/assert`, whose types are in `std.d.ts`. Each throws an
 * `AssertionError` that shows what was expected and what was there.
 *
 * @module
 */
export * from "@std/assert";
