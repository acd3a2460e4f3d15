/**
 * The HTTP app with what it needs: a hub, a file store in a directory of its own and a clock that
 * stands still. Requests go straight to the app; no port is opened.
 *
 * @module
 */
import { openSanctionList } from "../../people/sanction_list.ts";
import { Secret } from "../../config/config.ts";
import { Assets } from "../../http/assets.ts";
import { type AppConfig, createApp } from "../../http/app.ts";
import { deadline } from "@std/async/deadline";
import { Access } from "../../http/access.ts";
import { Allowances } from "../../limits/allowances.ts";
import { NO_REFUSALS } from "../../log/refusals.ts";
import { createMetrics } from "../../metrics/prometheus.ts";
import { createAuthenticator } from "../../people/authenticator.ts";
import { ensureBots } from "../../people/bots.ts";
import { Identities } from "../../people/identities.ts";
import { Policy } from "../../people/policy.ts";
import { ANONYMOUS } from "../../people/principal.ts";
import { NO_SIGN_IN_LIMIT } from "../../people/sign_in_limit.ts";
import type { FileInfo } from "../../protocol.ts";
import {
  type AccountConfig,
  createAccountServices,
  createAdminServices,
} from "../../server/people.ts";
import type { Store } from "../../store/store.ts";
import { assertEquals } from "../support/assert.ts";
import { type FilesHarness, withFiles } from "../files/harness.ts";
import { HubHarness, type Person } from "../support/hub_harness.ts";

export const SECRET = "0123456789abcdef";
export const ORIGIN = "http://localhost:8080";

/** An app under test. */
export interface AppHarness {
  readonly hub: HubHarness;
  readonly files: FilesHarness;
  /** Whether the server is about to stop. */
  draining: boolean;
  /** The times of the drains begun, in milliseconds; `undefined` where one was called off. */
  readonly drains: (number | undefined)[];
  /** Whether the server has failed. */
  failed: boolean;
  /** What readiness finds. */
  problems: readonly string[];
  /** Sends a request to the app; the path may have a query. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Uploads with the session of a person who is logged in. */
  upload(person: Person, body: BodyInit, name?: string): Promise<FileInfo>;
  /** Uploads and announces in the room that the person entered last. */
  announce(person: Person, body: BodyInit, name?: string): Promise<FileInfo>;
}

/** What a test may configure. */
export interface HarnessOptions extends Partial<AppConfig & AccountConfig> {
  store?: Store;
}

/** Longest duration of a test, in milliseconds. */
const DEADLINE_MS = 30_000;

const DEFAULTS: AppConfig & Omit<AccountConfig, "access"> = {
  allowOrigins: { kind: "listed", origins: new Set() },
  apiTokens: [
    { name: "Build", secret: new Secret(SECRET) },
    { name: "Other", secret: new Secret(`${SECRET}-other`) },
  ],
  burst: 40,
  maxFile: 1000,
  maxMessage: 100,
  noFiles: false,
  rate: 0,
  register: "open",
};

const UNLIMITED = {
  rate: 0,
  burst: 1,
  byteRate: Infinity,
  ratePerUser: Infinity,
  ratePerAddress: Infinity,
};

/** Where every request comes from. */
const PEER = { ip: "127.0.0.1" };

/** Runs a test with an app. Files may have 1000 bytes. */
export function withApp(
  run: (harness: AppHarness) => Promise<void>,
  { store, access: mode = "open", ...options }: HarnessOptions = {},
): Promise<void> {
  return withFiles(async (files) => {
    const config = { ...DEFAULTS, ...options, access: mode };
    const policy = new Policy(mode);
    await using hub = new HubHarness({
      store: store ?? files.messages,
      files: files.files,
      maxFile: 1000,
      policy,
    });
    const { people, sessions, visits } = hub;
    const { authenticate } = createAuthenticator({
      store: people,
      sessions,
      bots: await ensureBots(people, config.apiTokens),
    });
    const access = new Access({ ...config, hub: hub.hub, policy, files: files.files });
    const identities = new Identities(people);
    const sanctions = await openSanctionList({ store: people, now: Date.now });
    const accounts = createAccountServices(config, {
      store: people,
      sessions,
      identities,
      signIns: NO_SIGN_IN_LIMIT,
      sanctions,
    }, {
      hub: hub.hub,
      messages: hub.store,
      access,
    });
    const app = createApp(config, {
      assets: await Assets.load({ "page/": new URL("../../static/", import.meta.url) }),
      hub: hub.hub,
      store: hub.store,
      files: files.files,
      policy,
      metrics: createMetrics(),
      visits,
      access,
      accounts,
      admin: createAdminServices({ drainFor: 7000 }, { store: people, visits, sanctions }, {
        hub: hub.hub,
        messages: hub.store,
        access,
        drain: {
          get isDraining() {
            return harness.drains.at(-1) !== undefined;
          },
          start: (forMs) => void harness.drains.push(forMs),
          callOff: () => void harness.drains.push(undefined),
        },
        clock: Date,
      }),
      refusals: NO_REFUSALS,
      allowances: new Allowances(UNLIMITED, { maxFrame: 1000 }),
      readiness: { check: () => Promise.resolve(harness.problems) },
      isDraining: () => harness.draining,
      hasFailed: () => harness.failed,
    });
    const harness: AppHarness = {
      hub,
      files,
      draining: false,
      drains: [],
      failed: false,
      problems: [],
      async fetch(path, init) {
        const request = new Request(new URL(path, ORIGIN), init);
        const principal = await authenticate(request, PEER);
        return await app.fetch(request, principal ?? ANONYMOUS, PEER);
      },
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
    await deadline(run(harness), DEADLINE_MS);
  });
}

/** The header with a person's session, or with a secret. */
export function bearer(credential: Person | string): { authorization: string } {
  const text = typeof credential === "string" ? credential : credential.session;
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

/** The header with a person's session, as a browser sends it with everything that a page loads. */
export function cookie({ session }: Person): { cookie: string } {
  return { cookie: `hubbub=${session}` };
}
