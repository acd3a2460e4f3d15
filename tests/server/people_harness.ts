/**
 * Real servers for the tests about people, on each transport and with each kind of data, and the devices
 * on which somebody uses them.
 *
 * @module
 */
import type { FileInfo, User } from "../../protocol.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { Chatter } from "../support/chatter.ts";
import { startTestServer, type TestServer, TRANSPORTS } from "../support/test_server.ts";
import { DEADLINE, within } from "../support/within.ts";

export const PASSWORD = "correct horse battery";

/** A server under test. */
export interface PeopleServer {
  readonly url: string;
  /** The link that makes the first admin. */
  readonly adminLink: string;
  /** Absent: nothing is kept. */
  readonly dir?: string;
  ws(path: string): string;
  /** Stops it and starts another one on the same data. */
  restart(): Promise<void>;
}

/**
 * Registers a test for each transport and each kind of data: one has its data in memory, the other in
 * SQLite.
 */
export function onEveryServer(
  name: string,
  run: (server: PeopleServer) => Promise<void>,
  ...flags: string[]
): void {
  for (const [index, transport] of TRANSPORTS.entries()) {
    const isKept = index === 1;
    Deno.test(`startServer() with ${transport} and ${isKept ? "SQLite" : "memory"} ${name}`, () =>
      withServer(isKept, ["--transport", transport, ...flags], run));
  }
}

/** Runs a test with a server that keeps its data in a directory. */
export function onKeptServer(name: string, run: (server: PeopleServer) => Promise<void>): void {
  for (const transport of TRANSPORTS) {
    Deno.test(`startServer() with ${transport} and SQLite ${name}`, async () => {
      await withServer(true, ["--transport", transport], run);
    });
  }
}

async function withServer(
  isKept: boolean,
  flags: readonly string[],
  run: (server: PeopleServer) => Promise<void>,
): Promise<void> {
  const dir = isKept ? Deno.makeTempDirSync({ prefix: "hubbub-" }) : undefined;
  const all = dir === undefined ? [...flags] : ["--data", dir, "--sync", "normal", ...flags];
  let server: TestServer = await startTestServer(...all);
  try {
    await run({
      get url() {
        return server.url;
      },
      get adminLink() {
        return server.adminLink;
      },
      ...(dir !== undefined && { dir }),
      ws: (path) => server.ws(path),
      async restart() {
        await server.stop("restart");
        server = await startTestServer(...all);
      },
    });
  } finally {
    await server.stop("the test is over");
    if (dir !== undefined) Deno.removeSync(dir, { recursive: true });
  }
}

/** Something that a device sends with what it asks for. */
export interface Carried {
  /** Whether the session goes in the cookie, as a page's does; otherwise in `Authorization`. */
  readonly inCookie?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A device of somebody's, or a stranger's without a session. */
export class Device {
  readonly server: PeopleServer;
  readonly session: string | undefined;
  readonly user: User;

  constructor(server: PeopleServer, session?: string, user?: User) {
    this.server = server;
    this.session = session;
    this.user = user ?? { id: "", name: "", role: "guest" };
  }

  /** Enters as a guest who is kept. */
  static async guest(server: PeopleServer, name: string): Promise<Device> {
    return await Device.#signIn(server, { name });
  }

  /** Becomes a member; the password is {@linkcode PASSWORD}. */
  static async member(server: PeopleServer, name: string): Promise<Device> {
    const guest = await Device.guest(server, name);
    const { status, body } = await guest.ask("POST /api/account", { password: PASSWORD });
    assertEquals(status, 201);
    assert(isUser(body.user));
    return new Device(server, guest.session, body.user);
  }

  /** Becomes the first admin; the password is {@linkcode PASSWORD}. */
  static async admin(server: PeopleServer, name: string): Promise<Device> {
    const [, invite] = server.adminLink.split("#invite=");
    return await Device.#signIn(server, { invite, name, password: PASSWORD });
  }

  /** Signs a member in on another device. */
  static async signIn(server: PeopleServer, name: string): Promise<Device> {
    return await Device.#signIn(server, { name, password: PASSWORD });
  }

  static async #signIn(server: PeopleServer, body: object): Promise<Device> {
    const answer = await new Device(server).ask("POST /api/session", body);
    assertEquals(answer.status, 201, JSON.stringify(answer.body));
    const { session, user } = answer.body;
    assert(typeof session === "string" && isUser(user));
    return new Device(server, session, user);
  }

  /** Sends a request; an object is sent as JSON. */
  async fetch(line: string, body?: object | string, carried: Carried = {}): Promise<Response> {
    const [method = "", path = ""] = line.split(" ");
    const { inCookie = false, headers } = carried;
    const { session } = this;
    const asking = fetch(new URL(path, this.server.url), {
      method,
      redirect: "manual",
      headers: {
        ...(session !== undefined &&
          (inCookie ? { cookie: `hubbub=${session}` } : { authorization: `Bearer ${session}` })),
        ...(typeof body === "object" && { "content-type": "application/json" }),
        ...(typeof body === "string" && { "content-type": "text/plain" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return await within(DEADLINE, line, asking);
  }

  /** Sends a request and reads what is answered: JSON, or nothing. */
  async ask(
    line: string,
    body?: object | string,
    carried?: Carried,
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await this.fetch(line, body, carried);
    const text = await response.text();
    const isJson = /json/.test(response.headers.get("content-type") ?? "");
    return { status: response.status, body: isJson && text !== "" ? JSON.parse(text) : { text } };
  }

  /** The status of what is answered, and its code if it is a problem. */
  async statusOf(line: string, body?: object | string, carried?: Carried): Promise<string> {
    const { status, body: { code } } = await this.ask(line, body, carried);
    return typeof code === "string" ? `${status} ${code}` : `${status}`;
  }

  /** Connects with the session and logs in. */
  async enter(login: object = {}): Promise<Chatter> {
    const chatter = await Chatter.connect(
      this.server.ws("/ws"),
      this.session === undefined ? {} : { credential: this.session },
    );
    await chatter.send({ type: "login", ...login });
    await chatter.next("login", ({ user }) => user !== undefined);
    return chatter;
  }

  async upload(text: string): Promise<FileInfo> {
    const response = await this.fetch("POST /files?name=a.txt", text);
    assertEquals(response.status, 201);
    return await response.json();
  }
}

function isUser(value: unknown): value is User {
  return typeof value === "object" && value !== null && "id" in value && "role" in value;
}
