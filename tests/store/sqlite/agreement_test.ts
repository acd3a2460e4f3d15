/** The SQLite store and the memory store answer alike, whatever is asked of them. */
import * as fc from "fast-check";
import { join } from "node:path";
import { assertEquals } from "../../support/assert.ts";
import { codePoint } from "../../support/code_point.ts";
import { createMemoryStore } from "../../../store/memory/store.ts";
import { connectReader } from "../../../sqlite/connect.ts";
import { migrate } from "../../../sqlite/migrate.ts";
import { connectLogWriter } from "../../../store/sqlite/connect.ts";
import { History } from "../../../store/sqlite/history.ts";
import type { Progress } from "../../../store/sqlite/retention.ts";
import { MIGRATIONS } from "../../../store/sqlite/schema.ts";
import { Writer } from "../../../store/sqlite/writer.ts";
import type { AuthorField } from "../../../protocol.ts";
import { RoomReader } from "../../../store/sqlite/room_reader.ts";
import type {
  Authored,
  Change,
  Missed,
  NewMessage,
  Page,
  Position,
  Range,
  Retention,
  RoomChange,
  RoomsState,
  Store,
  StoredMember,
  StoredMessage,
} from "../../../store/store.ts";
import { ANN, BOB, plain } from "../conformance.ts";
import { FILE } from "../message_cases.ts";
import { withDir } from "./harness.ts";

const ROOMS = ["a", "b", "@AnnAnnAnnAnn:BobBobBobBob"];

/** Maximum number of messages that a resume completes a copy with. */
const REPLAY = 150;

/** Milliseconds since 1970. */
const NOW = 1000;

const room = fc.constantFrom(...ROOMS);
const name = fc.constantFrom("ann", "Ann", "bob");
const seq = fc.integer({ min: 0, max: 200 });
const text = fc.oneof(
  fc.string({ unit: codePoint }),
  fc.constantFrom("x", "\ud800", "a\0b", "Hi @ann", `by ${ANN}`),
);
const by = fc.constantFrom(ANN, BOB);
const also = fc.constantFrom("nobody" as const, "anybody" as const, undefined);

/** Every optional field of a new message. */
const optional: { [K in AuthorField]: fc.Arbitrary<NewMessage[K]> } = {
  by: fc.constantFrom(ANN, BOB, undefined),
  id: fc.constantFrom("1", "2", "3", '"', "\ud800", "\ud801", undefined),
  reply_to: fc.constantFrom(1, 7, undefined, undefined),
  file: fc.constantFrom(FILE, undefined),
};

const newMessage: fc.Arbitrary<NewMessage> = fc.record({
  kind: fc.constant("message"),
  room,
  from: name,
  content: text,
  time: fc.integer({ min: 0, max: 1000 }),
  ...optional,
}, { requiredKeys: ["kind", "room", "from", "content", "time"] });

const amendment = fc.oneof(
  fc.record({ kind: fc.constant("edit" as const), room, seq, content: text, time: seq, by, also }),
  fc.record({ kind: fc.constant("delete" as const), room, seq, by, also }),
  fc.record({
    kind: fc.constant("react" as const),
    room,
    seq,
    by,
    from: name,
    emoji: fc.constantFrom("👍", "1", "__proto__"),
  }),
);

const roomChange: fc.Arbitrary<RoomChange> = fc.oneof(
  fc.record({
    kind: fc.constant("room" as const),
    room,
    private: fc.boolean(),
    topic: fc.constantFrom("", "what we talk about"),
  }),
  fc.record({
    kind: fc.constant("member" as const),
    room,
    user: by,
    role: fc.constantFrom("owner" as const, "moderator" as const, "member" as const),
  }),
  fc.record({ kind: fc.constant("unmember" as const), room, user: by }),
  fc.record({ kind: fc.constant("read" as const), room, user: by, seq }),
);

const batch: fc.Arbitrary<Change[]> = fc.oneof(
  fc.array(newMessage, { maxLength: 150 }),
  fc.array(fc.oneof(newMessage, amendment, roomChange), { maxLength: 20 }),
);

const policy: fc.Arbitrary<Retention> = fc.oneof(
  fc.integer({ min: 0, max: 100 }).map((maxMessages) => ({ maxMessages })),
  fc.integer({ min: 0, max: 1000 }).map((maxAge) => ({ maxAge })),
);

const range: fc.Arbitrary<Range> = fc.record(
  { after: seq, before: seq, limit: fc.integer({ min: 1, max: 100 }) },
  { requiredKeys: ["limit"] },
);

type Step =
  | { batch: Change[] }
  | { policy: Retention }
  | { range: Range }
  /** Comes back with a copy of the room, and is away from then on. */
  | { back: string }
  | "reopen";

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ batch }) },
    { weight: 1, arbitrary: fc.record({ policy }) },
    { weight: 4, arbitrary: fc.record({ range }) },
    { weight: 4, arbitrary: fc.record({ back: room }) },
    { weight: 1, arbitrary: fc.constant("reopen" as const) },
  ),
  { maxLength: 25 },
);

/** A copy of a room, as a client keeps it. */
interface Copy {
  messages: StoredMessage[];
  position: Position;
}

/** What a returning client asks, of either store. */
interface Asked {
  read(room: string, range: Range): Page | Promise<Page>;
  resume(room: string, position: Position, limit: number): Answer | Promise<Answer>;
  readonly epoch: string;
  readonly run: string;
}

type Answer = Missed | undefined;

/** Copies of the rooms, kept up to date by resumes; more than {@linkcode REPLAY} missed is too much. */
class Copies {
  #copies = new Map<string, Copy>();

  /**
   * Comes back to a room.
   *
   * @returns whether the copy could be completed, and how far it is now
   */
  async comeBack(store: Asked, room: string): Promise<unknown> {
    const { messages, last, change } = await store.read(room, { limit: 1e6 });
    const old = this.#copies.get(room) ?? { messages: [], position: { since: 0, changes: 0 } };
    const missed = await store.resume(room, old.position, REPLAY);
    if (missed !== undefined) {
      const changed = new Map(missed.changed.map((message) => [message.seq, message]));
      const kept = old.messages.map((message) => changed.get(message.seq) ?? message);
      assertEquals(plain([...kept, ...missed.messages]), plain(messages));
      assertEquals([missed.last, missed.change], [last, change]);
    }
    const { epoch, run } = store;
    const at = messages.at(-1)?.time;
    this.#copies.set(room, {
      messages,
      position: { since: last, at, changes: change, epoch, run },
    });
    return [missed !== undefined, last, change];
  }
}

/** The SQLite store's writer and history, without threads and timers. */
class DirectStore implements Asked {
  epoch = "";
  run = "";
  readonly copies = new Copies();
  #path: string;
  #writer!: Writer;
  #history!: History;
  #rooms!: RoomReader;

  constructor(dir: string) {
    this.#path = join(dir, "hubbub.db");
    this.open();
  }

  open(): void {
    const db = connectLogWriter(this.#path, "off");
    migrate(db, this.#path, MIGRATIONS);
    this.#writer = new Writer(db);
    this.epoch = this.#writer.epoch;
    this.run = this.#writer.start.run;
    const reader = connectReader(this.#path);
    this.#history = new History(reader);
    this.#rooms = new RoomReader(reader);
  }

  close(): void {
    this.#history.close();
    this.#writer.close();
  }

  read(room: string, range: Range): Page {
    return this.#history.read(room, range);
  }

  resume(room: string, position: Position, limit: number): Answer {
    return this.#history.resume(room, position, limit);
  }

  take(step: Exclude<Step, "reopen">): unknown {
    if ("back" in step) return this.copies.comeBack(this, step.back);
    if ("batch" in step) return this.#writer.commit(step.batch);
    if ("policy" in step) {
      const progress: Progress = { removed: 0, roomId: 0, done: false };
      while (!progress.done) this.#writer.retain(step.policy, NOW, progress);
      return progress.removed;
    }
    return {
      pages: ROOMS.map((room) => this.#history.read(room, step.range)),
      unread: unreadQuery(step.range).map(({ rooms: [room], ...reader }) =>
        this.#history.unread(room, reader)
      ),
      authored: this.#authored(),
      state: sorted(this.#rooms.state()),
    };
  }

  #authored(): string[] {
    const found: string[] = [];
    for (let after: number | undefined = 0; after !== undefined;) {
      const page: Authored = this.#history.authored(ANN, after);
      found.push(...page.messages.map(({ room, seq }) => `${room} ${seq}`));
      after = page.next;
    }
    return found.sort();
  }
}

async function runInMemory(
  store: Store,
  copies: Copies,
  step: Exclude<Step, "reopen">,
): Promise<unknown> {
  if ("back" in step) return await copies.comeBack(store, step.back);
  if ("batch" in step) return await store.commit(step.batch);
  if ("policy" in step) return await store.retain(step.policy, NOW);
  const unread = await Promise.all(unreadQuery(step.range).map((query) => store.unread(query)));
  const authored: string[] = [];
  for (let after: number | undefined = 0; after !== undefined;) {
    const page: Authored = await store.authored(ANN, after);
    authored.push(...page.messages.map(({ room, seq }) => `${room} ${seq}`));
    after = page.next;
  }
  return {
    pages: await Promise.all(ROOMS.map((room) => store.read(room, step.range))),
    unread: unread.flat(),
    authored: authored.sort(),
    state: sorted(await store.roomsState()),
  };
}

function unreadQuery({ after = 0 }: Range) {
  const rooms = ROOMS.map((room) => ({ room, read: after }));
  return rooms.map((room) => ({ user: BOB, name: "Ann", rooms: [room] as const }));
}

/** The order of rooms and members is left open. */
function sorted({ rooms, members }: RoomsState): string[][] {
  const text = ({ room, user, role, read }: StoredMember) => `${room} ${user} ${role} ${read}`;
  return [rooms.map((settings) => Deno.inspect(settings)).sort(), members.map(text).sort()];
}

async function compare(dir: string, steps: readonly Step[]): Promise<void> {
  const memory = createMemoryStore();
  const copies = new Copies();
  const sqlite = new DirectStore(dir);
  try {
    for (const step of steps) {
      if (step === "reopen") {
        sqlite.close();
        sqlite.open();
      } else {
        const expected = await runInMemory(memory, copies, step);
        assertEquals(plain(await sqlite.take(step)), plain(expected));
      }
    }
  } finally {
    sqlite.close();
  }
}

Deno.test("Writer and History answer like the memory store, whatever is asked", () =>
  fc.assert(
    fc.asyncProperty(steps, (steps) => withDir((dir) => compare(dir, steps))),
    { numRuns: 150 },
  ));
