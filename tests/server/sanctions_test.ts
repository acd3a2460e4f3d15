/** Bans, mutes and closed rooms of a whole server, over WebSocket and HTTP. */
import { COMMANDS } from "../../cli/commands.ts";
import { parseInput } from "../../cli/parse.ts";
import { serveConfig } from "../../config/config.ts";
import type { NewSanction, SanctionList } from "../../people/sanction_list.ts";
import type { User } from "../../protocol.ts";
import { startServer } from "../../server/server.ts";
import { openStores } from "../../server/stores.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { TRANSPORTS } from "../support/test_server.ts";
import { DEADLINE, within } from "../support/within.ts";
import { WsClient } from "../support/ws_client.ts";

/** A server whose clients say where they come from, and what it is told of whom. */
class Harness implements AsyncDisposable {
  readonly url: string;
  readonly sanctions: SanctionList;
  readonly #stop: () => Promise<void>;

  private constructor(url: string, sanctions: SanctionList, stop: () => Promise<void>) {
    this.url = url;
    this.sanctions = sanctions;
    this.#stop = stop;
  }

  static async start(transport: string): Promise<Harness> {
    const { flags } = parseInput("serve", COMMANDS.serve, [
      ...["--addr", "127.0.0.1:0", "--data", ":memory:", "--rate", "0"],
      ...["--transport", transport, "--trust-proxy", "127.0.0.1"],
    ], {});
    let sanctions: SanctionList | undefined;
    const starting = startServer(serveConfig(flags), () => {}, async (config) => {
      const stores = await openStores(config);
      sanctions = stores.people.sanctions;
      return stores;
    });
    const { url, stop } = await within(DEADLINE, "a server to start", starting);
    assert(sanctions !== undefined);
    return new Harness(url, sanctions, () => stop("the test is over"));
  }

  impose(sanction: Pick<NewSanction, "kind" | "target">): Promise<{ id: string }> {
    const { sanctions } = this;
    return sanctions.add({ ...sanction, reason: "spam", by: "admin-admin1", ip: "203.0.113.9" });
  }

  /** Somebody connects from an address. */
  connect(ip: string): Promise<WsClient> {
    return WsClient.openWith({ "x-forwarded-for": ip }, this.#ws("ws"), "hubbub.v1");
  }

  /** Somebody connects to an endpoint without a subprotocol, with a session if they have one. */
  connectTo(path: string, ip: string, guest?: Guest): Promise<WsClient> {
    const authorization = guest && { authorization: `Bearer ${guest.session}` };
    return WsClient.openWith({ "x-forwarded-for": ip, ...authorization }, this.#ws(path));
  }

  #ws(path: string): string {
    return new URL(path, this.url).href.replace(/^http/, "ws");
  }

  /** Somebody connects and logs in. */
  async enter(name: string, ip: string): Promise<Guest> {
    const socket = await this.connect(ip);
    await socket.send(JSON.stringify({ type: "login", content: name, remember: true }));
    const frames = await socket.until(/"type":"login"/);
    const [, login] = /(\{"type":"login".*?"session":"[^"]+".*)/.exec(frames.join("\n")) ?? [];
    const { user, session } = JSON.parse(login?.split("\n")[0] ?? "{}");
    return { socket, user, session };
  }

  /** Asks over HTTP, with a session. */
  async ask(path: string, { session }: Guest, body?: string): Promise<[number, string]> {
    const response = await fetch(new URL(path, this.url), {
      headers: { authorization: `Bearer ${session}`, "content-type": "text/plain" },
      ...(body !== undefined && { method: "POST", body }),
    });
    return [response.status, await response.text()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await within(DEADLINE, "a server to stop", this.#stop());
  }
}

/** Somebody who is logged in. */
interface Guest {
  readonly socket: WsClient;
  readonly user: User;
  readonly session: string;
}

/** The code with which a login is refused; `ok` if it is not. */
async function login(socket: WsClient, request: object): Promise<string> {
  await socket.send(JSON.stringify({ type: "login", id: "in", ...request }));
  const frames = await socket.until(/"id":"in"/);
  return /"code":"(\w+)"/.exec(frames.at(-1) ?? "")?.[1] ?? "ok";
}

const IP = "198.51.100.7";
const OTHER_IP = "192.0.2.1";

for (const transport of TRANSPORTS) {
  Deno.test(`startServer() with ${transport} bans a user, who is connected, for as long as the ban lasts`, async () => {
    await using server = await Harness.start(transport);
    const ann = await server.enter("ann", IP);
    await using other = (await server.enter("bob", IP)).socket;
    const { id } = await server.impose({ kind: "ban", target: { user: ann.user } });
    assertEquals((await ann.socket.closed).code, 4505);
    await other.until(/"type":"logout".*"content":"ann"/);
    await using again = await server.connect(OTHER_IP);
    assertEquals(await login(again, { session: ann.session }), "forbidden");
    assertEquals((await server.ask("api/rooms", ann))[0], 403);
    await server.sanctions.remove(id);
    assertEquals(await login(again, { session: ann.session }), "ok");
    assertEquals((await server.ask("api/rooms", ann))[0], 200);
  });

  Deno.test(`startServer() with ${transport} bans a name, whoever has it or wants it`, async () => {
    await using server = await Harness.start(transport);
    const ann = await server.enter("Ann", IP);
    await using stranger = await server.connect(OTHER_IP);
    await server.impose({ kind: "ban", target: { name: "ann" } });
    assertEquals((await ann.socket.closed).code, 4505);
    assertEquals(await login(stranger, { content: "ANN" }), "forbidden");
    assertEquals(await login(stranger, { content: "bob" }), "ok");
  });

  for (const address of [IP, "198.51.100.0/24"]) {
    Deno.test(`startServer() with ${transport} bans the address ${address}, before login too`, async () => {
      await using server = await Harness.start(transport);
      const ann = await server.enter("ann", IP);
      const stranger = await server.connect(IP);
      await using bob = (await server.enter("bob", OTHER_IP)).socket;
      await server.impose({ kind: "ban", target: { address } });
      await bob.until(/"type":"logout".*"content":"ann"/);
      for (const { closed } of [ann.socket, stranger]) assertEquals((await closed).code, 4505);
      await assertRejects(() => server.connect(IP), Error, "403");
    });
  }

  for (const path of ["echo", "relay", "relay/tea"]) {
    Deno.test(`startServer() with ${transport} ends the connections to /${path} of whoever is banned`, async () => {
      await using server = await Harness.start(transport);
      const ann = await server.enter("ann", IP);
      await using byUser = await server.connectTo(path, OTHER_IP, ann);
      await using byAddress = await server.connectTo(path, "203.0.113.5");
      await using other = await server.connectTo(`${path}?self=true`, OTHER_IP);
      const kicked = { code: 4505, reason: "An admin has ended the connection" };
      await server.impose({ kind: "ban", target: { user: ann.user } });
      assertEquals(await within(DEADLINE, "the user's to end", byUser.closed), kicked);
      await server.impose({ kind: "ban", target: { address: "203.0.113.5" } });
      assertEquals(await within(DEADLINE, "the address's to end", byAddress.closed), kicked);
      await other.send("still there?");
      assertEquals(await other.next(), "still there?");
    });
  }

  Deno.test(`startServer() with ${transport} mutes a user over WebSocket and HTTP`, async () => {
    await using server = await Harness.start(transport);
    const ann = await server.enter("ann", IP);
    await using socket = ann.socket;
    await server.impose({ kind: "mute", target: { user: ann.user } });
    await socket.send(`{"type":"user","content":"x","id":"1"}`);
    await socket.until(/"code":"muted".*Cannot send message: you are muted: spam/);
    const why = /you are muted: spam/;
    for (const path of ["api/rooms/lobby/messages", "files?name=a.txt"]) {
      const [status, text] = await server.ask(path, ann, "x");
      assertEquals([path, status, why.test(text)], [path, 403, true]);
    }
  });

  Deno.test(`startServer() with ${transport} answers nothing of a closed room over HTTP`, async () => {
    await using server = await Harness.start(transport);
    const [ann, bob] = [await server.enter("ann", IP), await server.enter("bob", IP)];
    await using _ann = ann.socket;
    await using _bob = bob.socket;
    const file = JSON.parse((await server.ask("files?name=a.txt", ann, "hello"))[1]);
    const said = ["one word", "another word"];
    for (const [index, room] of ["tea", "lobby"].entries()) {
      assertEquals((await server.ask(`api/rooms/${room}/messages`, ann, said[index]))[0], 201);
    }
    await ann.socket.send(
      `{"type":"join","room":"tea"}\n{"type":"file","room":"tea","content":"${file.id}","id":"f"}`,
    );
    await ann.socket.until(/"id":"f"/);
    const path = file.url.slice(1);
    assertEquals((await server.ask(path, bob))[0], 200);
    const { id } = await server.impose({ kind: "close", target: { room: "tea" } });
    await ann.socket.until(/"type":"system".*tea was closed by an admin: spam/);
    for (const [body, verb] of [[undefined, "read"], ["x", "send message"]] as const) {
      const [status, text] = await server.ask("api/rooms/tea/messages", bob, body);
      const { detail } = JSON.parse(text);
      assertEquals([status, detail], [403, `Cannot ${verb}: tea is closed: spam`]);
    }
    const rooms = async () => {
      const [, text] = await server.ask("api/rooms", bob);
      return JSON.parse(text).rooms.map(({ room }: { room: string }) => room);
    };
    const found = async (query: string) => {
      const [, text] = await server.ask(`api/search?limit=1&${query}`, bob);
      const { messages, next } = JSON.parse(text);
      return [messages.map(({ content }: { content: string }) => content), next?.room];
    };
    assertEquals(await rooms(), ["lobby"]);
    assertEquals(await found("q=word"), [["another word"], undefined]);
    assertEquals(await found("q=word%20in:tea"), [[], undefined]);
    assertEquals((await server.ask("api/search?q=word&room=tea", bob))[0], 403);
    assertEquals((await server.ask(path, bob))[0], 404);
    await server.sanctions.remove(id);
    assertEquals(await rooms(), ["lobby", "tea"]);
    assertEquals(await found("q=word%20in:tea"), [["one word"], undefined]);
    assertEquals((await server.ask(path, bob))[0], 200);
  });
}
