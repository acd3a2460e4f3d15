import { join } from "node:path";
import { COMMANDS } from "../../cli/commands.ts";
import { login } from "../../cli/login.ts";
import { logout } from "../../cli/logout.ts";
import { parseInput } from "../../cli/parse.ts";
import { readSession } from "../../cli/session_file.ts";
import { StartError, UsageError } from "../../config/errors.ts";
import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../support/assert.ts";
import { FakeTerminal } from "./fake_terminal.ts";
import { withServer } from "./real_server.ts";

const SECRET = "s".repeat(43);
const CODE = "0123456789abcdefghi-_Z";

/** What a server is asked. */
interface Asked {
  method: string;
  path: string;
  authorization: string | null;
  body: unknown;
}

/** A server that gives the answers it is told to, and then 500. */
class FakeServer implements AsyncDisposable {
  readonly asked: Asked[] = [];
  readonly #answers: Response[];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #dir = Deno.makeTempDirSync();

  constructor(...answers: Response[]) {
    this.#answers = answers;
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      async (request) => {
        const text = await request.text();
        this.asked.push({
          method: request.method,
          path: new URL(request.url).pathname,
          authorization: request.headers.get("authorization"),
          body: text === "" ? undefined : JSON.parse(text),
        });
        return this.#answers.shift() ?? new Response(null, { status: 500 });
      },
    );
  }

  /** The base URL. */
  get base(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  /** The file with sessions. */
  get path(): string {
    return join(this.#dir, "hubbub", "sessions.json");
  }

  get secret(): string | undefined {
    return readSession(this.base, this.path)?.session.reveal();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    Deno.removeSync(this.#dir, { recursive: true });
  }
}

function signedIn(session = SECRET, name = "Ann"): Response {
  return Response.json({ session, user: { id: "u1", name, role: "member" } }, { status: 201 });
}

function problem(status: number, detail: string): Response {
  return Response.json({ status, detail }, { status });
}

const ENDED = () => new Response(null, { status: 204 });

interface Outcome {
  code: number;
  printed: string[];
  complaints: string[];
}

async function logIn(
  server: FakeServer,
  terminal: FakeTerminal,
  ...args: string[]
): Promise<Outcome> {
  const printed: string[] = [];
  const complaints: string[] = [];
  const code = await login(parseInput("login", COMMANDS.login, args, {}), {
    terminal,
    path: server.path,
    print: (line) => printed.push(line),
    complain: (line) => complaints.push(line),
  });
  return { code, printed, complaints };
}

const pipe = (...chunks: string[]) => new FakeTerminal(chunks, { interactive: false });

const logOut = (server: FakeServer, ...args: string[]) =>
  logout(parseInput("logout", COMMANDS.logout, [server.base, ...args], {}), server.path);

Deno.test("hubbub login asks for name and password, keeps the session and shows neither", async () => {
  await using server = new FakeServer(signedIn());
  const terminal = new FakeTerminal(["ann\n", "hunter2\r"]);
  const { code, printed, complaints } = await logIn(server, terminal, server.base);
  assertEquals([code, complaints], [0, []]);
  assertEquals(printed, [`Logged in to ${server.base} as Ann`]);
  assertEquals(server.asked, [{
    method: "POST",
    path: "/api/session",
    authorization: null,
    body: { name: "ann", password: "hunter2" },
  }]);
  assertEquals(server.secret, SECRET);
  assertFalse(`${terminal.shown}${printed}`.includes("hunter2"));
  assertFalse(`${terminal.shown}${printed}`.includes(SECRET));
});

Deno.test("hubbub login reads the password from the first line of a pipe", async () => {
  await using server = new FakeServer(signedIn());
  const terminal = pipe("pass phrase\r\nmore\n");
  assertEquals((await logIn(server, terminal, server.base, "--name=ann")).code, 0);
  assertEquals(server.asked[0]?.body, { name: "ann", password: "pass phrase" });
  assertEquals(terminal.shown, "");
});

Deno.test("hubbub login enters as a guest without a password", async () => {
  await using server = new FakeServer(signedIn());
  await logIn(server, new FakeTerminal(["\r"]), server.base, "--name", "ann");
  assertEquals(server.asked[0]?.body, { name: "ann" });
});

for (const asOperand of [true, false]) {
  const way = asOperand ? "as its URL" : "with --invite";
  Deno.test(`hubbub login takes an invitation ${way}, and asks for the new password twice`, async () => {
    await using server = new FakeServer(signedIn());
    const link = `${server.base}#invite=${CODE}`;
    const terminal = new FakeTerminal(["new pass\r", "new pass\r"]);
    await logIn(server, terminal, ...(asOperand ? [link] : [`--invite=${link}`]), "--name=ann");
    assertEquals(server.asked[0]?.body, { name: "ann", password: "new pass", invite: CODE });
    assertEquals(server.secret, SECRET);
  });
}

Deno.test("hubbub login uses no invitation if the two passwords differ", async () => {
  await using server = new FakeServer();
  const terminal = new FakeTerminal(["one\r", "other\r"]);
  const link = `${server.base}#invite=${CODE}`;
  await assertRejects(
    () => logIn(server, terminal, "--invite", link, "--name=ann"),
    StartError,
    "the two passwords differ",
  );
  assertEquals(server.asked, []);
});

Deno.test("hubbub login ends the session that it replaces, whatever comes of it", async () => {
  const other = "t".repeat(43);
  for (const answer of [ENDED(), problem(401, "It has expired")]) {
    await using server = new FakeServer(signedIn(), signedIn(other), answer);
    await logIn(server, pipe("a\n"), server.base, "--name=ann");
    await logIn(server, pipe("a\n"), server.base, "--name=ann");
    assertEquals(server.secret, other);
    const { method, authorization } = server.asked[2] ?? {};
    assertEquals([method, authorization], ["DELETE", `Bearer ${SECRET}`]);
  }
});

Deno.test("hubbub login keeps the old session if there is no new one", async () => {
  await using server = new FakeServer(signedIn(), problem(403, "Cannot log in: wrong password"));
  await logIn(server, pipe("a\n"), server.base, "--name=ann");
  await assertRejects(() => logIn(server, pipe("b\n"), server.base, "--name=ann"), StartError);
  assertEquals(server.secret, SECRET);
});

Deno.test("hubbub login shows what the server says, in one line, or else its status", async () => {
  const moved = new Response(null, { status: 308, headers: { location: "https://a.example/" } });
  const table: [Response, string][] = [
    [
      problem(403, "Cannot sign in: wrong\nname \x1b[1mor password"),
      "Cannot sign in: wrong name ␛[1mor password",
    ],
    [new Response("<html>", { status: 502 }), "it answered with status 502"],
    [moved, "it answered with status 308, which leads to https://a.example/; use that URL"],
    [Response.json({ session: "short", user: {} }, { status: 201 }), "without a session"],
    [new Response("ok", { status: 201 }), "without a session"],
  ];
  for (const [answer, expected] of table) {
    await using server = new FakeServer(answer);
    const { message } = await assertRejects(
      () => logIn(server, pipe("hunter2\n"), server.base, "--name=ann"),
      StartError,
      expected,
    );
    assert(
      message.startsWith(`Cannot log in to ${server.base}: `) || message === expected,
      message,
    );
    assertFalse(/\p{Cc}|hunter2/u.test(message), message);
    assertEquals(server.secret, undefined);
  }
});

Deno.test("hubbub login says that nobody is there", async () => {
  await using server = new FakeServer();
  const wrong = "http://127.0.0.1:9/";
  await assertRejects(
    () => logIn(server, pipe("hunter2\n"), wrong, "--name=ann"),
    StartError,
    `Cannot log in to ${wrong}: cannot reach it`,
  );
});

Deno.test("hubbub login ends with 130 at Ctrl-C, and asks the server nothing", async () => {
  await using server = new FakeServer();
  const terminal = new FakeTerminal(["ann\n", "hunt\x03"]);
  const { code, printed } = await logIn(server, terminal, server.base);
  assertEquals([code, printed, server.asked], [130, [], []]);
  assertEquals(terminal.raw, [true, false]);
});

Deno.test("hubbub login fails at the end of its input", async () => {
  await using server = new FakeServer();
  const table: [FakeTerminal, string][] = [
    [new FakeTerminal([]), "before the name"],
    [new FakeTerminal(["ann\n", "\x04"]), "before the password"],
  ];
  for (const [terminal, expected] of table) {
    await assertRejects(() => logIn(server, terminal, server.base), StartError, expected);
  }
  const empty = () => logIn(server, pipe(), server.base, "--name=ann");
  await assertRejects(empty, StartError, "before the password");
  assertEquals(server.asked, []);
});

Deno.test("hubbub login asks no pipe for a name, and takes no name that is none", async () => {
  await using server = new FakeServer();
  await assertRejects(() => logIn(server, pipe("ann\n"), server.base), UsageError, "--name");
  const odd = new FakeTerminal(["#1\n"]);
  await assertRejects(() => logIn(server, odd, server.base), StartError, "name must not");
});

Deno.test("hubbub login needs one server", async () => {
  await using server = new FakeServer();
  const link = `--invite=http://a.example/#invite=${CODE}`;
  await assertRejects(() => logIn(server, pipe()), UsageError, "Missing argument URL");
  await assertRejects(() => logIn(server, pipe(), "b.example", link), UsageError, "leave out URL");
});

Deno.test("hubbub login refuses a link without a code, and does not show it", () => {
  for (
    const link of [`http://a/#invite=${CODE}x`, `http://a/#${CODE}`, `ftp://a/#invite=${CODE}`]
  ) {
    const { message } = assertThrows(
      () => parseInput("login", COMMANDS.login, ["--invite", link], {}),
      UsageError,
      "Cannot read --invite",
    );
    assertFalse(message.includes(CODE), message);
  }
});

Deno.test("hubbub login asks for no password that it could not use", async () => {
  await using server = new FakeServer();
  const terminal = new FakeTerminal(["hunter2\r"]);
  const input = parseInput("login", COMMANDS.login, [server.base, "--name=ann"], {});
  const context = { terminal, path: "", print: () => {}, complain: () => {} };
  await assertRejects(() => login(input, context), StartError, "Cannot keep a session");
  assertEquals(terminal.shown, "");
});

Deno.test("hubbub login warns before a password crosses the network in the clear", async () => {
  await using server = new FakeServer();
  const complaints: string[] = [];
  const table: [string, number][] = [["http://a.invalid", 1], ["http://localhost:9", 0]];
  for (const [url, count] of table) {
    complaints.length = 0;
    await assertRejects(() =>
      login(parseInput("login", COMMANDS.login, [url, "--name=ann"], {}), {
        terminal: pipe(),
        path: server.path,
        print: () => {},
        complain: (line) => complaints.push(line),
      }), StartError);
    assertEquals(complaints.length, count, url);
  }
});

Deno.test("hubbub logout ends the session on the server and forgets it", async () => {
  for (const answer of [ENDED(), problem(401, "It has expired")]) {
    await using server = new FakeServer(signedIn(), answer);
    await logIn(server, pipe("a\n"), server.base, "--name=ann");
    assertEquals(await logOut(server), `Logged out of ${server.base}`);
    assertEquals(server.secret, undefined);
    const { method, path, authorization } = server.asked[1] ?? {};
    assertEquals([method, path, authorization], ["DELETE", "/api/session", `Bearer ${SECRET}`]);
    await assertRejects(() => logOut(server), StartError, "Not logged in");
  }
});

Deno.test("hubbub logout keeps a session that the server does not end, but for --local", async () => {
  await using server = new FakeServer(signedIn(), problem(503, "Cannot look it up: try later"));
  await logIn(server, pipe("a\n"), server.base, "--name=ann");
  const { message } = await assertRejects(() => logOut(server), StartError, "try later");
  assertStringIncludes(message, "--local");
  assertEquals(server.secret, SECRET);
  await logOut(server, "--local");
  assertEquals([server.secret, server.asked.length], [undefined, 2]);
});

Deno.test("hubbub login and logout begin and end a session on a real server", async () => {
  await using files = new FakeServer();
  const { path } = files;
  await withServer([], async ({ base }) => {
    const printed: string[] = [];
    await login(parseInput("login", COMMANDS.login, [base, "--name=ann"], {}), {
      terminal: pipe("\n"),
      path,
      print: (line) => printed.push(line),
      complain: () => {},
    });
    assertEquals(printed, [`Logged in to ${base} as ann`]);
    const saved = readSession(base, path);
    assert(saved !== undefined);
    const headers = { authorization: `Bearer ${saved.session.reveal()}` };
    const whoAmI = async () =>
      (await (await fetch(new URL("api/session", base), { headers })).json()).user;
    assertEquals(await whoAmI(), { id: saved.user.id, name: "ann", role: "guest" });
    await logout(parseInput("logout", COMMANDS.logout, [base], {}), path);
    assertEquals([await whoAmI(), readSession(base, path)], [null, undefined]);
  });
});
