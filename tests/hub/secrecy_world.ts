/**
 * People who do whatever they can think of, on many connections and over HTTP, while everything that
 * reaches any of them is judged by the oracle.
 *
 * @module
 */
import { TextSession } from "../../client/text/session.ts";
import { Access } from "../../http/access.ts";
import { readHandlers } from "../../http/api/read.ts";
import { sayHandler } from "../../http/api/say.ts";
import { createBaseApp } from "../../http/base_app.ts";
import { downloadHandler } from "../../http/files/download.ts";
import { createMemoryPeople } from "../../people/memory/store.ts";
import { Policy } from "../../people/policy.ts";
import { ANONYMOUS, type Principal } from "../../people/principal.ts";
import { Sessions } from "../../people/sessions.ts";
import { VisitService } from "../../people/visit_service.ts";
import { decodeFrame, type User } from "../../protocol.ts";
import { createMemoryStore } from "../../store/memory/store.ts";
import type { Change } from "../../store/store.ts";
import type { FilesHarness } from "../files/harness.ts";
import { stream } from "../files/harness.ts";
import { FakeSanctions } from "../support/fake_sanctions.ts";
import { FakeSocket } from "../support/fake_socket.ts";
import { type ConnectOptions, HubHarness, type Person } from "../support/hub_harness.ts";
import { LaggingStore } from "../support/lagging_store.ts";
import { type Observer, Oracle } from "./secrecy_oracle.ts";

/** Rooms that are made private, if they are made. */
export const PRIVATE_ROOMS = ["p0", "p1"];

/** A token that opens one of them, and the lobby's name for nobody. */
const TOKEN = "token.of.dan";

/** Somebody who takes part. */
export interface Actor {
  readonly user: User;
  session: string;
  readonly observer: Observer;
  readonly connections: Person[];
}

/** A hub with HTTP beside it, its people and the oracle. */
export class World implements AsyncDisposable {
  readonly oracle = new Oracle();
  readonly actors: Actor[] = [];
  /** How many of the next commits fail. */
  failing = 0;
  /** Addresses of all files that were ever uploaded. */
  readonly urls: string[] = [];
  readonly harness: HubHarness;
  readonly #visits: VisitService;
  readonly #files: FilesHarness;
  readonly #app = createBaseApp();
  readonly #sanctions = new FakeSanctions();
  readonly #answers: Promise<void>[] = [];
  #texts = 0;

  constructor(files: FilesHarness, delays: readonly number[]) {
    this.#files = files;
    const people = createMemoryPeople();
    const now = () => 1_000_000;
    const sessions = new Sessions(people, { now });
    const visits = this.#visits = new VisitService(people, sessions, {
      access: "open",
      needsPassword: false,
      holdNames: 1e9,
      authenticateCredential: async (credential, ip) =>
        credential === TOKEN ? this.token : await sessions.find(credential, ip),
      now,
    });
    this.harness = new HubHarness({
      store: new LaggingStore(this.#recorded(), delays),
      people,
      visits,
      sanctions: this.#sanctions,
      files: files.files,
      newSession: () => this.oracle.mark("sk"),
    });
    this.#addRoutes();
  }

  /** What the token opens: the first private room, for the last of the people. */
  get token(): Principal {
    const user = this.actors.at(-1)?.user;
    return { ...(user !== undefined && { user }), rooms: PRIVATE_ROOMS.slice(0, 1) };
  }

  /** Ends all sessions of somebody, who signs in anew. */
  async endSessions(actor: Actor): Promise<void> {
    const { people, sessions } = this.harness;
    await people.endSessions(actor.user.id);
    actor.session = (await sessions.start(actor.user, { agent: "", ip: "" })).secret;
    actor.connections.length = 0;
  }

  /** Somebody is removed, and somebody else takes the name. */
  async replace(actor: Actor, name: string): Promise<void> {
    const { people } = this.harness;
    const index = this.actors.indexOf(actor);
    if (await people.remove(actor.user.id) !== undefined) return;
    this.actors[index] = await this.admit(name);
  }

  /** An admin closes a room. */
  async close(room: string): Promise<void> {
    this.#sanctions.impose("close room", room);
    await this.settled();
    this.oracle.closed.add(room);
  }

  /** That is lifted. */
  reopen(room: string): void {
    this.oracle.closed.delete(room);
    this.#sanctions.lift("close room", room);
  }

  /** Somebody new enters, and is kept. */
  async admit(name: string): Promise<Actor> {
    const own = new Set<string>();
    const observer: Observer = { name, own };
    const person = this.#watch(this.harness.connect(), observer);
    person.send({ type: "login", content: name, remember: true });
    await person.loggedIn();
    observer.user = person.user.id;
    own.add(person.session);
    const { user, session } = person;
    return { user, session, observer, connections: [person] };
  }

  /** Somebody comes once more. */
  connect(actor: Actor, login: object, options: ConnectOptions = {}): void {
    const person = this.#watch(this.harness.connect(options), actor.observer);
    person.send({ type: "login", session: actor.session, ...login });
    actor.connections.push(person);
  }

  /** Somebody comes with a terminal that shows lines of text, and enters a room. */
  connectTerminal({ user, observer }: Actor, room: string): void {
    const socket = new FakeSocket();
    this.#listen(socket, observer);
    const codec = new TextSession(() => 0);
    const { hub } = this.harness;
    codec.begin(hub.connect(socket, { ip: "", codec, principal: { user } }), hub);
    socket.receive(room.startsWith("@") ? `/who` : `/join ${room}`);
  }

  /** The last of the people comes with the token, which says less than its session. */
  connectWithToken(room: string): void {
    const { user } = this.token;
    const own = new Set([TOKEN]);
    const observer = { name: "token", user: user?.id, rooms: PRIVATE_ROOMS.slice(0, 1), own };
    const person = this.#watch(this.harness.connect({ principal: this.token }), observer);
    person.send({ type: "login", room });
    const search = { type: "search", content: "word" };
    person.send({ type: "join", room: "p1", since: 0 }, { type: "rooms" }, search);
    for (const { user: { id } } of this.actors) {
      person.send(
        { type: "join", room: `@${id}`, since: 0 },
        { type: "history", room: `@${id}` },
      );
    }
  }

  /** A text that nobody else has, made by somebody. */
  text({ observer }: Actor): string {
    const marker = this.oracle.mark();
    observer.own.add(marker);
    return `word ${marker}`;
  }

  /** An id for a message. */
  id(): string {
    return `id-${++this.#texts}`;
  }

  /** Uploads a file and returns its id. */
  async upload(actor: Actor): Promise<string> {
    const [name, body] = [`${this.text(actor).slice(5)}.txt`, this.text(actor)];
    this.oracle.file(name, body);
    const file = await this.#files.files.put(stream(body), { name, user: actor.user.id });
    if ("refused" in file) throw new Error(`A file was refused: ${file.refused}`);
    this.urls.push(file.url);
    return file.id;
  }

  /** Asks over HTTP, without waiting for the answer. */
  ask(actor: Actor | undefined, path: string, body?: string): void {
    const observer = actor?.observer ?? { name: "stranger", own: new Set() };
    const principal = actor === undefined ? ANONYMOUS : { user: actor.user };
    this.#answers.push(this.#ask(observer, principal, path, body));
  }

  /** Asks over HTTP with the token. */
  askWithToken(path: string): void {
    const observer = {
      name: "token over HTTP",
      user: this.token.user?.id,
      rooms: PRIVATE_ROOMS.slice(0, 1),
      own: new Set(this.actors.at(-1)?.observer.own),
    };
    this.#answers.push(this.#ask(observer, this.token, path));
  }

  /** Waits until everything is answered. */
  async settled(): Promise<void> {
    await Promise.all(this.#answers.splice(0));
    await this.harness.settled();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.settled();
    await this.harness[Symbol.asyncDispose]();
  }

  #watch(person: Person, observer: Observer): Person {
    this.#listen(person.socket, observer, (frame) => this.#claim(frame));
    return person;
  }

  #listen(
    socket: FakeSocket,
    observer: Observer,
    heard: (frame: string | Uint8Array) => void = () => {},
  ): void {
    const { onChange } = socket;
    let read = 0;
    socket.onChange = () => {
      for (const frame of socket.sent.slice(read)) {
        this.oracle.see(observer, frame);
        heard(frame);
      }
      read = socket.sent.length;
      onChange();
    };
  }

  #claim(frame: string | Uint8Array): void {
    for (const message of typeof frame === "string" ? decodeFrame(frame) : []) {
      if (message.type === "create" && message.private) this.oracle.claimPrivate(message.room);
    }
  }

  async #ask(
    observer: Observer,
    principal: Principal,
    path: string,
    body?: string,
  ): Promise<void> {
    const request = new Request(new URL(path, "http://localhost"), {
      method: body === undefined ? "GET" : "POST",
      headers: { "content-type": "text/plain" },
      ...(body !== undefined && { body }),
    });
    const response = await this.#app.fetch(request, { principal, ip: "" });
    this.oracle.see(observer, JSON.stringify([...response.headers]) + await response.text());
  }

  #addRoutes(): void {
    const { hub, store } = this.harness;
    const policy = new Policy();
    const access = new Access({
      policy,
      hub,
      files: this.#files.files,
      allowOrigins: { kind: "any" },
      rate: 0,
      burst: 1,
    });
    const options = { hub, store, access, policy, visits: this.#visits };
    const read = readHandlers(options);
    const files = { files: this.#files.files, access, crossOrigin: false };
    this.#app.get("/files/:id/:name", downloadHandler(files));
    this.#app.get("/api/rooms", read.rooms);
    this.#app.get("/api/rooms/:room/messages", read.messages);
    this.#app.post("/api/rooms/:room/messages", sayHandler({ ...options, maxMessage: 1000 }));
    this.#app.get("/api/search", read.search);
  }

  /** A store that tells the oracle what it commits, and fails when told so. */
  #recorded() {
    const store = createMemoryStore({ epoch: "epoch-1" });
    const commit = store.commit.bind(store);
    store.commit = async (batch: readonly Change[]) => {
      if (this.failing-- > 0) throw new Error("The disk is full");
      this.failing = 0;
      const outcomes = await commit(batch);
      this.oracle.committed(batch, outcomes);
      return outcomes;
    };
    return store;
  }
}
