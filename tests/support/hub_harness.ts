/**
 * A hub on a harness: with a clock that stands still, sessions that can be told, and people who talk to
 * it through sockets without a line.
 *
 * @module
 */
import type { Connection } from "../../client.ts";
import { Hub, type HubOptions } from "../../hub.ts";
import { ask } from "../../hub/commands.ts";
import { createMemoryPeople } from "../../people/memory/store.ts";
import { Sessions } from "../../people/sessions.ts";
import type { PeopleStore } from "../../people/store.ts";
import { VisitService } from "../../people/visit_service.ts";
import type { Visits } from "../../people/visits.ts";
import { ANONYMOUS, type Principal } from "../../people/principal.ts";
import {
  codecOf,
  decodeFrame,
  LINES,
  type Presence,
  type ServerMessage,
  type User,
} from "../../protocol.ts";
import { createMemoryStore } from "../../store/memory/store.ts";
import type { Store } from "../../store/store.ts";
import { FakeSocket } from "./fake_socket.ts";
import { Condition } from "./condition.ts";
import { DEADLINE, within } from "./within.ts";

/** One of the messages that the server sends, by its type. */
export type MessageOf<T extends ServerMessage["type"]> = ServerMessage & { type: T };

/** What a harness may be told. */
export interface HarnessOptions extends Partial<HubOptions> {
  store?: Store;
  /** Default: nobody is known. */
  people?: PeopleStore;
}

/** How somebody connects. */
export interface ConnectOptions {
  /** Without a subprotocol. */
  plain?: boolean;
  ip?: string;
  /** Who opened the connection, if a credential has told it. */
  principal?: Principal;
}

/** Rounds that {@linkcode HubHarness.settled} waits for what is being looked up. */
const MAX_ROUNDS = 20;

/** Limits that bind nobody, for tests that are not about limits. */
export const NO_LIMITS: Omit<HubOptions, "visits"> = {
  maxMessage: 16 * 1024,
  maxQueue: 1024 * 1024,
  rate: 0,
  burst: 40,
  maxRooms: 100,
  maxFile: 1024,
  loginTimeout: 0,
  idleKick: 0,
};

/** Lets anybody in, as on a server with the default flags. */
export function openVisits(people: PeopleStore, sessions: Sessions, now = Date.now): VisitService {
  return new VisitService(people, sessions, {
    access: "open",
    needsPassword: false,
    holdNames: 7 * 24 * 60 * 60 * 1000,
    authenticateCredential: (credential, ip) => sessions.find(credential, ip),
    now,
  });
}

/** A running hub. Ends at the end of its scope. */
export class HubHarness implements AsyncDisposable {
  readonly store: Store;
  readonly people: PeopleStore;
  readonly sessions: Sessions;
  readonly visits: Visits;
  readonly hub: Hub;
  /** The hub's clock, in milliseconds since 1970. */
  now = 1_000_000;
  /** Resolves when the hub has ended. */
  readonly ended: Promise<void>;
  #sessions = 0;

  constructor({ store, people, visits, ...options }: HarnessOptions = {}) {
    this.store = store ?? createMemoryStore({ epoch: "epoch-1" });
    this.people = people ?? createMemoryPeople();
    const now = () => this.now;
    this.sessions = new Sessions(this.people, { now });
    this.visits = visits ?? openVisits(this.people, this.sessions, now);
    this.hub = new Hub(this.store, {
      ...NO_LIMITS,
      visits: this.visits,
      now,
      steady: now,
      newSession: () => `session-${++this.#sessions}`,
      ...options,
    });
    this.ended = this.hub.run();
  }

  /** Somebody connects; without a subprotocol if `plain`. */
  connect(options: ConnectOptions = {}): Person {
    const socket = new FakeSocket();
    const codec = codecOf(options.plain === true ? undefined : LINES);
    const { ip = "192.0.2.1", principal = ANONYMOUS } = options;
    return new Person(socket, this.hub.connect(socket, { ip, codec, principal }));
  }

  /** Somebody connects and logs in; resolves when they are in, with nothing left to look at. */
  async enter(
    name: string,
    login: object = {},
    options: ConnectOptions = {},
  ): Promise<Person> {
    const person = this.connect(options);
    person.send({ type: "login", content: name, ...login });
    await person.loggedIn();
    await this.settled();
    person.take();
    return person;
  }

  /** The same user, on one more connection. */
  async enterAgain(person: Person, login: object = {}): Promise<Person> {
    const again = this.connect();
    again.send({ type: "login", session: person.session, ...login });
    await again.loggedIn();
    await this.settled();
    again.take();
    return again;
  }

  /**
   * Waits until the hub has done with all that was sent before, but for reads from the store, and for
   * what it looks up where a test holds that back.
   */
  async settled(): Promise<void> {
    const probe = this.connect();
    for (let rounds = 0; rounds < MAX_ROUNDS; rounds++) {
      probe.send({ type: "ping" });
      await probe.next("pong");
      // What is looked up in memory comes back within a round.
      if (rounds > 0 && !await this.isLookingUp()) break;
    }
    probe.socket.hangUp();
  }

  /** Whether something is being looked up for a request. */
  isLookingUp(): Promise<boolean> {
    return ask(
      this.hub,
      ({ registry }) => Iterator.from(registry.participants).some(({ waiting }) => waiting),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.hub.stop("The test is over");
    await within(DEADLINE, "the hub to end", this.ended);
    await this.store.close();
  }
}

/** Somebody at the other end of a fake socket. */
export class Person {
  readonly socket: FakeSocket;
  /** What the hub knows this person as. */
  readonly connection: Connection;
  /** Who this person is, and the session that proves it; empty before `loggedIn`. */
  user: User = { id: "", name: "", role: "guest" };
  session = "";
  /** Everything received that nobody has taken yet. */
  #inbox: ServerMessage[] = [];
  #framesRead = 0;
  readonly #changed = new Condition();

  constructor(socket: FakeSocket, connection: Connection) {
    this.socket = socket;
    this.connection = connection;
    socket.onChange = () => this.#changed.notify();
  }

  /** Sends requests, in one frame. */
  send(...requests: object[]): void {
    this.socket.receive(requests.map((request) => JSON.stringify(request)).join("\n"));
  }

  /** Waits for the answer to a login, and notes what it tells. */
  async loggedIn(): Promise<Presence> {
    const answer = await this.next("login", ({ user }) => user !== undefined);
    this.user = answer.user ?? this.user;
    this.session = answer.session ?? this.session;
    return answer;
  }

  /** Says something; the id is the text itself. */
  say(content: string, room?: string): void {
    this.send({ type: "user", content, id: content, ...(room !== undefined && { room }) });
  }

  /** What has been received since the last `take` and was not awaited with `next`. */
  take(): ServerMessage[] {
    this.#read();
    return this.#inbox.splice(0);
  }

  /** What has been received, shortened to what tells the events of a test apart. */
  takeBrief(): string[] {
    return this.take().map(brief);
  }

  /**
   * Takes the next message of a type, waiting for it; earlier ones of other types stay.
   *
   * @throws {Error} if the server closes the connection instead
   */
  next<T extends ServerMessage["type"]>(
    type: T,
    fits: (message: MessageOf<T>) => boolean = () => true,
  ): Promise<MessageOf<T>> {
    const isWanted = (message: ServerMessage): message is MessageOf<T> =>
      message.type === type && fits(message as MessageOf<T>);
    return this.#find(type, isWanted);
  }

  /** Takes the answer, the event or the error that carries an id, waiting for it; others stay. */
  answerTo(id: string): Promise<ServerMessage> {
    const isWanted = (message: ServerMessage): message is ServerMessage =>
      "id" in message && message.id === id;
    return this.#find(`an answer to ${id}`, isWanted);
  }

  #find<M extends ServerMessage>(
    what: string,
    isWanted: (message: ServerMessage) => message is M,
  ): Promise<M> {
    return this.#changed.until(() => `${what}, after ${this.#inbox.map(brief)}`, () => {
      this.#read();
      const found = this.#inbox.find(isWanted);
      if (found !== undefined) this.#inbox.splice(this.#inbox.indexOf(found), 1);
      else if (this.socket.closed !== undefined) {
        throw new Error(`Closed instead of ${what}: ${JSON.stringify(this.socket.closed)}`);
      }
      return found;
    });
  }

  /** Waits until the server closes the connection. */
  closed(): Promise<{ code: number; reason: string }> {
    return this.#changed.until("the server to close the connection", () => this.socket.closed);
  }

  #read(): void {
    for (const frame of this.socket.sent.slice(this.#framesRead)) {
      if (typeof frame !== "string") throw new Error("A binary frame came");
      this.#inbox.push(...decodeFrame(frame));
    }
    this.#framesRead = this.socket.sent.length;
  }
}

/** One line that tells a message apart from others: `user lobby 3 ann: hi`. */
export function brief(message: ServerMessage): string {
  switch (message.type) {
    case "user":
    case "file":
      return `${message.type} ${message.room} ${message.seq} ${message.from}: ${message.content}`;
    case "login":
    case "logout":
      return `${message.type} ${message.room} ${message.content} of ${message.user_count}`;
    case "rename":
      return `rename ${message.room} ${message.from} to ${message.content}`;
    case "edit":
    case "react":
      return `${message.type} ${message.room} ${message.seq} ${message.from}: ${message.content}`;
    case "delete":
      return `delete ${message.room} ${message.seq} ${message.from}`;
    case "direct":
      return `direct ${message.from} to ${message.to}: ${message.content}`;
    case "typing":
      return `typing ${message.room} ${message.from}`;
    case "history":
      return `history ${message.room} ${message.first}-${message.last}` +
        `${message.complete ? " complete" : ""}`;
    case "error":
      return `error ${message.code} ${message.id ?? ""}`.trimEnd();
    case "system":
      return `system ${message.content}`;
    default:
      return message.type;
  }
}
