/**
 * A client that resumes by the book: it remembers the last `seq` of each room, its session and what it
 * said without having seen it, and takes everything up again after its line broke. Before it knows that
 * it has a session it says nothing, because another guest could not send it again. Checks on the way that
 * no message is missing and none comes twice.
 *
 * @module
 */
import { assert, assertEquals } from "./assert.ts";
import type { History, Presence, ServerMessage, UserMessage } from "../../protocol.ts";
import type { HubHarness, Person } from "./hub_harness.ts";

/** A stay in a room: what happened there as this client saw it. */
export interface Stint {
  room: string;
  /** The id of the request to enter. */
  entry: string;
  /** Its own entry and what followed, in order, history left out. */
  events: ServerMessage[];
  /** Greatest `seq` that history gave it before the rest. */
  given: number;
  /** Whether history is still on its way, or never came. */
  waits: boolean;
}

/** Something that was said. */
interface Said {
  room: string;
  content: string;
}

/** See above. */
export class Returner {
  name: string;
  readonly stints: Stint[] = [];
  /** All that was ever said. */
  readonly said: Said[] = [];
  /** What was said and not seen yet, by id. */
  readonly pending = new Map<string, Said>();
  readonly #bench: HubHarness;
  #person: Person | undefined;
  /** Nothing that is sent arrives any more. */
  #isCut = false;
  #loggedIn = false;
  /** Whether it has ever asked to log in. */
  #hasTried = false;
  /** Empty until a login has been answered. */
  #session = "";
  #id = "";
  /** Rooms that it is in, or has asked to be. */
  readonly #rooms = new Set<string>();
  readonly #lastSeen = new Map<string, number>();
  readonly #stays = new Map<string, Stint>();
  #ids = 0;

  constructor(bench: HubHarness, name: string) {
    this.#bench = bench;
    this.name = name;
  }

  /** Connects and logs in if it is not connected and logged in, and enters these rooms too. */
  comeBack(rooms: readonly string[]): void {
    this.read();
    if (this.#person === undefined || this.#isCut) this.#connect();
    const missing = Array.from(this.pending.values(), ({ room }) => room);
    const wanted = [...new Set([...this.#rooms, ...rooms, ...missing])]
      .filter((room) => !this.#isIn(room));
    if (!this.#loggedIn) {
      const first = wanted.shift() ?? "a";
      this.#loggedIn = this.#hasTried = true;
      this.#enter(first, {
        type: "login",
        content: this.name,
        ...(this.#session !== "" && { session: this.#session }),
      });
    }
    for (const room of wanted) this.#enter(room, { type: "join" });
  }

  /** From now on nothing that it sends arrives; the server does not know. */
  cut(): void {
    this.#isCut = true;
  }

  /** The line breaks, and the server knows. */
  hangUp(lossy: boolean): void {
    if (!lossy) this.read();
    this.#person?.socket.hangUp();
    this.#forgetLine();
  }

  join(room: string): void {
    if (!this.#loggedIn || this.#isIn(room)) return;
    this.#enter(room, { type: "join" });
  }

  leave(room: string): void {
    if (!this.#loggedIn || !this.#rooms.delete(room)) return;
    this.#send({ type: "leave", room, id: `${this.name} leaves ${++this.#ids}` });
  }

  say(room: string): void {
    if (!this.#isIn(room)) return;
    const content = `${this.name.slice(0, 8)} ${++this.#ids}`;
    this.said.push({ room, content });
    this.pending.set(content, { room, content });
    this.#sendSaid(content, { room, content });
  }

  /** It gets the name at the latest when it logs in again. */
  rename(): void {
    if (!this.#loggedIn) return;
    this.#chooseName();
    this.#send({ type: "rename", content: this.name });
  }

  /** No effect before it knows its session. */
  logout(): void {
    if (!this.#loggedIn || this.#session === "") return;
    this.#send({ type: "logout", id: `${this.name} leaves ${++this.#ids}` });
    this.#loggedIn = false;
    this.#rooms.clear();
    this.#stays.clear();
  }

  /** Takes in what has arrived. */
  read(): void {
    if (this.#isCut) return;
    for (const message of this.#person?.take() ?? []) this.#take(message);
    assertEquals(this.#person?.socket.closed, undefined);
  }

  #isIn(room: string): boolean {
    return this.#rooms.has(room) && this.#stays.has(room);
  }

  #connect(): void {
    if (this.#session === "" && this.#hasTried) {
      // It cannot be the guest that it may have become, who has the name for as long as the line lasts.
      this.#person?.socket.hangUp();
      this.#chooseName();
    }
    this.#forgetLine();
    this.#person = this.#bench.connect();
  }

  #forgetLine(): void {
    this.#person = undefined;
    this.#isCut = this.#loggedIn = false;
    this.#stays.clear();
  }

  #send(request: object): void {
    if (!this.#isCut) this.#person?.send(request);
  }

  #enter(room: string, request: object): void {
    const entry = `${this.name.slice(0, 8)} enters ${++this.#ids}`;
    const stay = { room, entry, events: [], given: 0, waits: true };
    this.#rooms.add(room);
    this.#stays.set(room, stay);
    this.#send({ ...request, room, id: entry, since: this.#lastSeen.get(room) ?? 0 });
    for (const [id, said] of this.pending) if (said.room === room) this.#sendSaid(id, said);
  }

  #sendSaid(id: string, { room, content }: Said): void {
    if (this.#session !== "") this.#send({ type: "user", room, content, id });
  }

  #chooseName(): void {
    const [base = "", suffix = "0"] = this.name.split("+");
    this.name = `${base}+${Number(suffix) + 1}`;
  }

  #take(message: ServerMessage): void {
    assert(message.type !== "error", `refused: ${JSON.stringify(message)}`);
    if (!("room" in message) || message.type === "users") return;
    if (message.type === "login" && message.session !== undefined) this.#arrive(message);
    const stay = this.#stays.get(message.room);
    if (stay === undefined) return; // it has left meanwhile
    if (message.type === "history") return this.#takeHistory(message, stay);
    if ("id" in message && message.id === stay.entry) {
      this.stints.push(stay);
    } else if (!this.stints.includes(stay)) return; // of an earlier stay
    if (message.type === "user" && !this.#takeUser(message, stay)) return;
    stay.events.push(message);
  }

  #arrive({ session = "", by }: Presence): void {
    const isFirst = this.#session === "";
    if (!isFirst) assertEquals([session, by], [this.#session, this.#id]);
    [this.#session, this.#id] = [session, by];
    if (!isFirst) return;
    for (const [id, said] of this.pending) if (this.#isIn(said.room)) this.#sendSaid(id, said);
  }

  #takeHistory({ messages, last, complete }: History, stay: Stint): void {
    if (!this.stints.includes(stay)) return; // of an earlier stay
    assert(stay.waits, "history came twice");
    assert(complete);
    for (const message of messages) this.#see(message);
    stay.given = last;
    stay.waits = false;
  }

  /** Returns whether the message is a new one. */
  #takeUser(message: UserMessage, stay: Stint): boolean {
    if (message.seq <= (this.#lastSeen.get(message.room) ?? 0)) {
      assert(this.pending.delete(message.id ?? ""), "a message came twice without a resend");
      return false;
    }
    assert(!stay.waits, "a message came before history");
    this.#see(message);
    return true;
  }

  #see({ room, seq, id, content }: UserMessage): void {
    assertEquals(seq, (this.#lastSeen.get(room) ?? 0) + 1, `a gap in ${room}`);
    this.#lastSeen.set(room, seq);
    if (id === content) this.pending.delete(id);
  }
}
