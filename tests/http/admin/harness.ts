/**
 * The app with an admin, and people for it to look after.
 *
 * @module
 */
import type { AuditEntry } from "../../../people/store.ts";
import type { Role } from "../../../protocol.ts";
import type { Person } from "../../support/hub_harness.ts";
import { assertEquals } from "../../support/assert.ts";
import { type AppHarness, bearer, type HarnessOptions, withApp } from "../harness.ts";

/** An app with an admin. */
export interface AdminHarness extends AppHarness {
  readonly admin: Person;
  /** Somebody connects and logs in who is kept and has a role. */
  enter(name: string, role: Role, ip?: string): Promise<Person>;
  /** Sends a request as the admin, or as somebody else. */
  ask(line: string, body?: unknown, headers?: HeadersInit): Promise<Response>;
  /** Sends a request as the admin and reads what it is answered. */
  get(line: string, body?: unknown): Promise<Record<string, unknown>>;
  /** The audit log, the oldest first: act, target and detail. */
  audit(): Promise<string[]>;
}

/** Runs a test with an app and the admin Ann. */
export function withAdmin(
  run: (harness: AdminHarness) => Promise<void>,
  options?: HarnessOptions,
): Promise<void> {
  return withApp(async (app) => {
    const enter = async (name: string, role: Role, ip = "192.0.2.1") => {
      const person = await app.hub.enter(name, { remember: true }, { ip });
      await app.hub.people.change(await idOf(app, name), { role });
      await app.hub.settled();
      return person;
    };
    const admin = await enter("ann", "admin");
    const ask = (line: string, body?: unknown, headers: HeadersInit = bearer(admin)) => {
      const [method = "", path = ""] = line.split(" ");
      return app.fetch(path, {
        method,
        headers: {
          ...Object.fromEntries(new Headers(headers)),
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
    };
    await run(Object.assign(app, {
      admin,
      enter,
      ask,
      async get(line: string, body?: unknown) {
        const response = await ask(line, body);
        const text = await response.text();
        assertEquals(response.ok, true, text);
        assertEquals(response.headers.get("cache-control"), "no-store");
        return text === "" ? {} : JSON.parse(text);
      },
      async audit() {
        const entries: AuditEntry[] = await app.hub.people.audit({ limit: 100 });
        return entries.reverse().map(({ act, target, detail }) => `${act} ${target} ${detail}`);
      },
    }));
  }, options);
}

/** The id of who has a name. */
export async function idOf({ hub }: AppHarness, name: string): Promise<string> {
  const user = await hub.people.findByName(name);
  if (user === undefined) throw new Error(`there is nobody called ${name}`);
  return user.id;
}
