/**
 * The routes on a bench: with a hub, a file store in a directory of its own and a clock that stands
 * still. Requests are handed to the routes, no port is opened.
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import { type ApiToken, Secret } from "../../config/config.ts";
import { Assets } from "../../http/assets.ts";
import { Router } from "../../http/router.ts";
import { routeTable, type TableConfig } from "../../http/app.ts";
import type { FileInfo } from "../../protocol.ts";
import type { Store } from "../../store/store.ts";
import { assertEquals } from "../support/assert.ts";
import { type FilesHarness, withFiles } from "../files/harness.ts";
import { HubBench, type Person } from "../support/hub_bench.ts";

export const SECRET = "0123456789abcdef";
export const ORIGIN = "http://localhost:8080";

/** Routes under test. */
export interface RoutesBench {
  readonly hub: HubBench;
  readonly files: FilesHarness;
  /** Whether the server is about to stop. */
  draining: boolean;
  /** Asks the routes; the path may have a query. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Uploads as somebody who is there. */
  upload(person: Person, body: BodyInit, name?: string): Promise<FileInfo>;
  /** Uploads and announces in the room that the person entered last. */
  announce(person: Person, body: BodyInit, name?: string): Promise<FileInfo>;
}

/** What a bench may be told. */
export interface RoutesOptions extends Partial<TableConfig> {
  store?: Store;
}

/** Runs a test with routes. Files may have 1000 bytes. */
export function withRoutes(
  run: (bench: RoutesBench) => Promise<void>,
  { store, ...config }: RoutesOptions = {},
): Promise<void> {
  return withFiles(async (files) => {
    const apiTokens: ApiToken[] = [
      { name: "Build", secret: new Secret(SECRET) },
      { name: "Other", secret: new Secret(`${SECRET}-other`) },
    ];
    await using hub = new HubBench({
      store: store ?? files.messages,
      files: files.files,
      maxFile: 1000,
      reservedNames: apiTokens.map(({ name }) => name),
    });
    const table = routeTable({
      allowOrigins: { kind: "listed", origins: new Set() },
      apiTokens,
      burst: 40,
      maxFile: 1000,
      maxMessage: 100,
      rate: 0,
      ...config,
    }, {
      assets: await Assets.load({ "": new URL(`${pathToFileURL(files.dir)}/`) }),
      hub: hub.hub,
      store: hub.store,
      files: files.files,
      isDraining: () => bench.draining,
    });
    const router = new Router(table);
    const bench: RoutesBench = {
      hub,
      files,
      draining: false,
      fetch: (path, init) => router.fetch(new Request(new URL(path, ORIGIN), init)),
      async upload(person, body, name = "a.txt") {
        const path = `/files?name=${encodeURIComponent(name)}`;
        const response = await this.fetch(path, { method: "POST", body, headers: bearer(person) });
        assertEquals(response.status, 201);
        return await response.json();
      },
      async announce(person, body, name) {
        const file = await this.upload(person, body, name);
        person.send({ type: "file", content: file.id });
        await person.next("file");
        return file;
      },
    };
    await run(bench);
  });
}

/** The header with a person's session, or with a secret. */
export function bearer(credential: Person | string): { authorization: string } {
  const text = typeof credential === "string" ? credential : credential.client.session;
  return { authorization: `Bearer ${text}` };
}

/** What a problem says: its status and code, and that it is one. */
export async function problemOf(response: Response): Promise<[number, string | undefined]> {
  assertEquals(response.headers.get("content-type"), "application/problem+json");
  const { status, code, type, title, detail } = await response.json();
  assertEquals([status, type, typeof title, typeof detail], [
    response.status,
    "about:blank",
    "string",
    "string",
  ]);
  return [status, code];
}
