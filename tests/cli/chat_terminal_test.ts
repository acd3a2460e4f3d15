import { chatOnTerminal, type TerminalOptions } from "../../cli/chat/terminal.ts";
import { progressBar, upload, UploadError } from "../../cli/chat/upload.ts";
import { completePath } from "../../cli/chat/paths.ts";
import type { ServerUrl } from "../../cli/server_url.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { DEADLINE, within } from "../support/within.ts";
import { FakeScreen } from "./fake_screen.ts";
import { openClient, withServer } from "./real_server.ts";

function startChat(url: ServerUrl, more: Partial<TerminalOptions> = {}) {
  const terminal = new FakeScreen();
  const stop = new AbortController();
  const ending = within(
    DEADLINE,
    "the chat to end",
    chatOnTerminal(terminal, {
      url,
      name: "ann",
      room: "lobby",
      mayChangeName: false,
      signal: stop.signal,
      ...more,
    }),
  );
  return { terminal, stop, ending };
}

Deno.test("chatOnTerminal() says what is typed and shows what others say", async () => {
  await withServer([], async (url) => {
    await using bo = await openClient(url, { name: "bo", room: "lobby" });
    const { terminal, ending } = startChat(url);
    await terminal.shows(/#lobby · 2 here: bo, ann/);
    await terminal.type("hello\r");
    assertEquals((await bo.next("user")).content, "hello");
    await bo.client.say("lobby", "hi \x1b[2Jann");
    await terminal.shows(/bo: hi ␛\[2Jann/);
    await terminal.type("\x03");
    assertEquals(await ending, { exitCode: 0, text: "" });
  });
});

Deno.test("chatOnTerminal() says goodbye with 1000 and leaves the terminal as it was", async () => {
  await withServer([], async (url) => {
    await using bo = await openClient(url, { name: "bo", room: "lobby" });
    const { terminal, ending } = startChat(url);
    await terminal.shows(/2 here/);
    assert(terminal.raw);
    await terminal.type("\x03");
    await ending;
    assertEquals((await bo.next("logout")).from, "ann");
    assertEquals(terminal.raw, false);
    assert(terminal.written.startsWith("\x1b[?1049h"));
    assert(terminal.written.endsWith("\x1b[?1004l\x1b[?2004l\x1b[?25h\x1b[?1049l"));
  });
});

Deno.test("chatOnTerminal() ends on a signal, and at the end of its input", async () => {
  await withServer([], async (url) => {
    const one = startChat(url);
    await one.terminal.shows(/1 here/);
    one.stop.abort();
    assertEquals((await one.ending).exitCode, 0);
    const other = startChat(url, {});
    await other.terminal.shows(/1 here/);
    await other.terminal.type("\x04");
    assertEquals((await other.ending).exitCode, 0);
  });
});

Deno.test("chatOnTerminal() comes back when the server does, and says what was typed meanwhile", async () => {
  let port = "";
  const { terminal, ending } = await new Promise<ReturnType<typeof startChat>>(
    (resolve, reject) => {
      withServer([], async (url) => {
        port = new URL(url.base).port;
        const chat = startChat(url);
        await chat.terminal.shows(/1 here/);
        await chat.terminal.type("before\r");
        await chat.terminal.shows(/ann: before$/);
        resolve(chat);
      }).catch(reject);
    },
  );
  await terminal.shows(/offline, again in/);
  await terminal.type("meanwhile\r");
  await terminal.shows(/ann: meanwhile …/);
  await withServer(["--addr", `127.0.0.1:${port}`], async () => {
    await terminal.shows(/^\d\d:\d\d ann: meanwhile$/);
    // Another server that keeps nothing: what the first one had is gone.
    assert(![...terminal.rows.values()].some((row) => row.includes("before")));
    await terminal.type("\x03");
    await ending;
  });
});

Deno.test("chatOnTerminal() enters rooms, turns between them and leaves them", async () => {
  await withServer([], async (url) => {
    const { terminal, ending } = startChat(url);
    await terminal.shows(/#lobby · 1 here/);
    await terminal.type("/join kitchen\r");
    await terminal.shows(/#kitchen · 1 here.*#lobby/);
    await terminal.type("\x1b1");
    await terminal.shows(/^ #lobby.*#kitchen/);
    await terminal.type("/leave kitchen\r");
    await terminal.shows(/^ #lobby · 1 here: ann +$/);
    await terminal.type("/leave\r");
    await terminal.shows(/your only room/);
    await terminal.type("/quit\r");
    assertEquals((await ending).exitCode, 0);
  });
});

Deno.test("chatOnTerminal() changes what was said, and the name it was said under", async () => {
  await withServer([], async (url) => {
    const { terminal, ending } = startChat(url);
    await terminal.type("tpyo\r");
    await terminal.shows(/ann: tpyo$/);
    await terminal.type("/edit typo\r");
    await terminal.shows(/ann: typo \(edited\)$/);
    await terminal.type("/react 👍\r");
    await terminal.shows(/👍 1/);
    await terminal.type("/delete\r");
    await terminal.shows(/ann: \(deleted\)/);
    await terminal.type("/nick eve\r");
    await terminal.shows(/ann is now eve/);
    await terminal.shows(/^eve› /);
    await terminal.type("/who\r");
    await terminal.shows(/In lobby: eve/);
    await terminal.type("\x03");
    await ending;
  });
});

Deno.test("chatOnTerminal() asks for another name when its own is taken", async () => {
  await withServer([], async (url) => {
    await using _ = await openClient(url, { name: "ann", room: "lobby" });
    const { terminal, ending } = startChat(url);
    await terminal.shows(/choose a/);
    await terminal.type("/nick cy\r");
    await terminal.shows(/2 here: ann, cy/);
    await terminal.type("\x03");
    await ending;
  });
});

Deno.test("chatOnTerminal() tells of a server that is not there, and can still be left", async () => {
  const url = { socket: "ws://127.0.0.1:9/ws", base: "http://127.0.0.1:9/" };
  const { terminal, ending } = startChat(url);
  await terminal.shows(/offline, again in 1 s/);
  await terminal.type("\x03");
  assertEquals((await ending).exitCode, 0);
});

Deno.test("chatOnTerminal() shows pasted lines as one message", async () => {
  await withServer([], async (url) => {
    await using bo = await openClient(url, { name: "bo", room: "lobby" });
    const { terminal, ending } = startChat(url);
    await terminal.shows(/2 here/);
    await terminal.type("\x1b[200~one\ntwo\x1b[201~");
    await terminal.shows(/ann› one␤two/);
    await terminal.type("\r");
    assertEquals((await bo.next("user")).content, "one\ntwo");
    await terminal.type("\x03");
    await ending;
  });
});

async function withFile(bytes: number, test: (path: string) => Promise<void>) {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/a b.txt`;
  await Deno.writeFile(path, new Uint8Array(bytes));
  await test(path).finally(() => Deno.remove(directory, { recursive: true }));
}

Deno.test("upload() sends the file under its name and tells how far it is", async () => {
  await withServer([], async (url) => {
    await using ann = await openClient(url, { name: "ann", room: "lobby" });
    const { session } = ann.client;
    await withFile(700, async (path) => {
      const progress: number[][] = [];
      const id = await upload(path, {
        base: url.base,
        session,
        maxBytes: 1000,
        progress: (...numbers) => progress.push(numbers),
      });
      assertEquals(progress.at(-1), [700, 700]);
      const { content, file } = await ann.client.announce("lobby", id);
      assertEquals([content, file?.size], ["a b.txt", 700]);
    });
  });
});

Deno.test("upload() says why it cannot send", async () => {
  await withServer(["--max-file", "100"], async (url) => {
    await using ann = await openClient(url, { name: "ann", room: "lobby" });
    const options = { base: url.base, session: ann.client.session, maxBytes: 1000 };
    await withFile(1001, async (path) => {
      await assertRejects(() => upload(path, options), UploadError, "at most 1000 bytes");
      const folder = path.slice(0, path.lastIndexOf("/"));
      await assertRejects(() => upload(folder, options), UploadError, "it is no file");
      await assertRejects(() => upload(`${path}?`, options), UploadError, "no such file");
    });
    await withFile(101, async (path) => {
      await assertRejects(() => upload(path, options), UploadError, "at most 100 bytes");
    });
    await withFile(10, async (path) => {
      const stranger = { ...options, session: "unknown" };
      await assertRejects(() => upload(path, stranger), UploadError, "session");
    });
  });
});

Deno.test("upload() passes on what a proxy says in the server's place", async () => {
  const proxy = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    await request.bytes();
    return new Response("Bad gateway\n", { status: 502 });
  });
  const base = `http://127.0.0.1:${proxy.addr.port}/`;
  await withFile(10, async (path) => {
    const sent = () => upload(path, { base, session: "secret", maxBytes: 1000 });
    await assertRejects(sent, UploadError, "Bad gateway");
  });
  await proxy.shutdown();
});

Deno.test("progressBar() is as long as how much was sent", () => {
  assertEquals(progressBar("a", 0, 10), `a ${"░".repeat(20)} 0 %`);
  assertEquals(progressBar("a", 5, 10), `a ${"█".repeat(10)}${"░".repeat(10)} 50 %`);
  assertEquals(progressBar("a", 0, 0), `a ${"█".repeat(20)} 100 %`);
});

Deno.test("completePath() offers what begins so, folders with a slash", async () => {
  await withFile(1, async (path) => {
    const folder = path.slice(0, path.lastIndexOf("/"));
    await Deno.mkdir(`${folder}/ab`);
    await Deno.writeTextFile(`${folder}/.hidden`, "");
    assertEquals(completePath(`${folder}/a`), [`${folder}/a b.txt`, `${folder}/ab/`]);
    assertEquals(completePath(`${folder}/`).length, 2);
    assertEquals(completePath(`${folder}/.h`), [`${folder}/.hidden`]);
    assertEquals(completePath(`${folder}/none/x`), []);
  });
});
