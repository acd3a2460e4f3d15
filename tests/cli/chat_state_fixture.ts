/**
 * A chat without a server, for the tests of its state and of what is shown of it.
 *
 * @module
 */
import type { RoomLog } from "../../cli/chat/room_log.ts";
import { ChatState, type Knowledge } from "../../cli/chat/state.ts";
import { PLAIN } from "../../cli/chat/style.ts";
import { drawView, type ViewState } from "../../cli/chat/view.ts";
import type { MembershipEntry, ServerMessage, User, UserMessage } from "../../protocol.ts";
import { systemEnvironment } from "../../sdk/environment.js";
import { mentions } from "../../sdk/names.js";
import { People } from "../../sdk/people.js";
import { Reading } from "../../sdk/reading.js";

export const START = 1_700_000_000_000;

export const ANN: User = { id: "a", name: "ann", role: "member" };

export function said(seq: number, content: string, more: Partial<UserMessage> = {}): UserMessage {
  const about = { type: "user", room: "lobby", from: "bo", by: "b" } as const;
  return { ...about, content, seq, time: START + seq, ...more };
}

/** The user's client, without a server: ann, who has the id `a`. */
export class FakeClient implements Knowledge {
  user: User | undefined = ANN;
  memberships: MembershipEntry[] = [];
  readonly #people = new People();
  readonly reading = new Reading({ send: () => true, environment: systemEnvironment });

  get name() {
    return this.user?.name ?? "";
  }

  learn(message: ServerMessage) {
    this.#people.learn(message);
  }

  nameOf(id: string | undefined, fallback?: string) {
    return this.#people.nameOf(id, fallback);
  }

  unread(room: string) {
    return this.reading.unread(room);
  }

  markRead(room: string, seq = this.reading.counted(room)) {
    this.reading.mark(room, seq);
  }
}

/** A state whose time the test moves, and how often it called. */
export function setUp() {
  const clock = { now: START };
  const client = new FakeClient();
  const state = new ChatState(client, "lobby", () => clock.now);
  const calls = { count: 0 };
  const opened: string[] = [];
  state.onCall = () => calls.count++;
  state.onOpen = ({ name }) => opened.push(name);
  const apply = (message: ServerMessage) => {
    client.learn(message);
    state.apply(message);
  };
  /** A message that is new, as the client tells it. */
  const hear = (message: UserMessage, missed = false) => {
    if (!missed) apply(message);
    const own = message.by === "a";
    const about = { own, missed, mention: !own && mentions(message.content, "ann") };
    client.reading.receive(message, about);
    state.received(message, about);
  };
  return { state, client, clock, calls, opened, apply, hear };
}

/** What the screen shows of a state. */
export function draw(state: ChatState, more: Partial<ViewState> = {}) {
  return drawView(viewOf(state, more));
}

export function viewOf(state: ChatState, more: Partial<ViewState> = {}): ViewState {
  return {
    width: 40,
    height: 10,
    style: PLAIN,
    name: "ann",
    user: "a",
    nameOf: (_id, fallback) => fallback,
    titleOf: (room) => state.titleOf(room),
    base: "http://h/",
    room: state.current,
    others: state.rooms.filter((room) => room !== state.current),
    status: "",
    hint: "",
    line: "",
    cursor: 0,
    now: START,
    ...more,
  };
}

export const texts = (log: RoomLog) =>
  log.entries.map((entry) => entry.kind === "message" ? entry.message.content : entry.text);
