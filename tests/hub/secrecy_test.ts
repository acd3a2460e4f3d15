/** Nobody receives a byte of what they must not see, whatever anybody does in whatever order. */
import fc from "fast-check";
import { assert, assertEquals } from "../support/assert.ts";
import { withFiles } from "../files/harness.ts";
import type { Person } from "../support/hub_harness.ts";
import { task } from "../support/lagging_store.ts";
import { type Actor, World } from "./secrecy_world.ts";

const NAMES = ["ann", "bob", "cid", "dan"];
const RUNS = 50;

/** What can happen next. */
interface Step {
  readonly kind: keyof typeof ACTIONS;
  readonly who: number;
  /** Which of their connections. */
  readonly nth: number;
  /** A room; `@`: the conversation with `other`. */
  readonly room: string;
  readonly other: number;
  /** Whether everything is done before the next step. */
  readonly waits: boolean;
}

/** Who acts, and on what. */
interface Scene {
  readonly world: World;
  readonly actor: Actor;
  /** Absent: none of their connections is left. */
  readonly person: Person | undefined;
  readonly other: Actor;
  readonly room: string;
  readonly seq: number;
}

type Action = (scene: Scene) => void | Promise<void>;

/** Sends a request on a connection, if there is one. */
function request(make: (scene: Scene) => object): Action {
  return (scene) => scene.person?.send(make(scene));
}

const ACTIONS = {
  say: request(({ world, actor, room }) => ({
    type: "user",
    room,
    content: world.text(actor),
    id: world.id(),
  })),
  direct: request(({ world, actor, other }) => ({
    type: "direct",
    to: `@${other.user.id}`,
    content: world.text(actor),
  })),
  edit: request(({ world, actor, room, seq }) => ({
    type: "edit",
    room,
    seq,
    content: world.text(actor),
  })),
  delete: request(({ room, seq }) => ({ type: "delete", room, seq })),
  react: request(({ room, seq }) => ({ type: "react", room, seq, content: "👍" })),
  topic: request(({ world, actor, room }) => ({ type: "topic", room, content: world.text(actor) })),
  create: request(({ world, actor, room }) => ({
    type: "create",
    room: room.startsWith("p") ? room : "p0",
    private: true,
    topic: world.text(actor),
  })),
  invite: request(({ room, other }) => ({ type: "invite", room, user: `@${other.user.id}` })),
  remove: request(({ room, other }) => ({ type: "remove", room, user: `@${other.user.id}` })),
  role: request(({ room, other, seq }) => ({
    type: "role",
    room,
    user: `@${other.user.id}`,
    content: seq === 1 ? "owner" : "moderator",
  })),
  join: request(({ room, seq }) => ({ type: "join", room, ...(seq > 2 && { since: 0 }) })),
  leave: request(({ room }) => ({ type: "leave", room })),
  history: request(({ room }) => ({ type: "history", room })),
  search: request(({ room, seq }) => ({
    type: "search",
    content: "word",
    ...(seq > 2 && { room }),
  })),
  users: request(({ room }) => ({ type: "users", room, all: true })),
  rooms: request(() => ({ type: "rooms" })),
  typing: request(({ room }) => ({ type: "typing", room })),
  read: request(({ room, seq }) => ({ type: "read", room, seq })),
  rename: request(({ world, seq, actor }) => ({
    type: "rename",
    content: seq === 1 ? actor.user.name : world.id(),
  })),
  async file({ world, actor, person, room }) {
    person?.send({ type: "file", room, content: await world.upload(actor) });
  },
  connect({ world, actor, room, seq }) {
    const login = { ...(room.startsWith("@") ? {} : { room }), ...(seq > 2 && { since: 0 }) };
    world.connect(actor, login, { plain: seq === 1 });
  },
  token: ({ world, room }) => world.connectWithToken(room.startsWith("@") ? "p0" : room),
  terminal: ({ world, actor, room }) => world.connectTerminal(actor, room),
  logOut: request(() => ({ type: "logout" })),
  hangUp({ actor, person }) {
    if (person === undefined) return;
    actor.connections.splice(actor.connections.indexOf(person), 1);
    person.socket.hangUp();
  },
  httpRead: ({ world, actor, room }) => world.ask(actor, `/api/rooms/${room}/messages`),
  httpSay: ({ world, actor, room }) =>
    world.ask(actor, `/api/rooms/${room}/messages`, world.text(actor)),
  httpSearch: ({ world, actor, room, seq }) =>
    world.ask(actor, `/api/search?q=word${seq > 2 ? `&room=${room}` : ""}`),
  httpRooms: ({ world, actor }) => world.ask(actor, "/api/rooms"),
  httpFiles({ world, actor }) {
    for (const url of world.urls) world.ask(actor, url);
  },
  httpStranger({ world, room }) {
    const paths = [`/api/rooms/${room}/messages`, "/api/search?q=word", "/api/rooms"];
    for (const path of [...paths, ...world.urls]) {
      world.ask(undefined, path);
      world.askWithToken(path);
    }
  },
  /** The lobby stays open: everybody enters there. */
  close({ world, room }) {
    return world.close(room.startsWith("p") ? room : "p0");
  },
  /** A room is closed while somebody waits for what they have asked for. */
  closeReader({ world, actor, other, room }) {
    const closed = room.startsWith("p") ? room : "p0";
    const search = { type: "search", content: "word" };
    for (const reader of other.connections) {
      reader.send({ type: "history", room: closed }, search, {
        type: "join",
        room: closed,
        since: 0,
      });
    }
    world.ask(actor, "/api/search?q=word");
    return world.close(closed);
  },
  reopen({ world, room }) {
    world.reopen(room.startsWith("p") ? room : "p0");
  },
  fail({ world }) {
    world.failing = 1;
  },
  endSessions: ({ world, actor }) => world.endSessions(actor),
  replace({ world, actor }) {
    return world.replace(actor, NAMES[world.actors.indexOf(actor)] ?? "");
  },
  /** Somebody is removed while they wait for what they have asked for. */
  removeReader({ world, actor, person, other, room }) {
    const search = { type: "search", content: "word" };
    for (const reader of other.connections) {
      reader.send({ type: "history", room }, search, { type: "join", room, since: 0 });
    }
    world.ask(other, `/api/rooms/${room}/messages`);
    const say = () => ({ type: "user", room, content: world.text(actor) });
    person?.send(say(), { type: "remove", room, user: `@${other.user.id}` }, say());
  },
  /** Somebody enters by an invitation that is not committed. */
  async inviteInVain({ world, actor, person, other, room, seq }) {
    person?.send({ type: "invite", room, user: `@${other.user.id}` });
    for (let n = 1; n < seq; n++) await task();
    world.failing = 1;
    for (const guest of other.connections) guest.send({ type: "join", room });
    await task();
    person?.send({ type: "user", room, content: world.text(actor) });
  },
} satisfies Record<string, Action>;

/** What makes the rest interesting happens more often. */
const kind = fc.oneof(
  { weight: 9, arbitrary: fc.constant("say" as const) },
  {
    weight: 12,
    arbitrary: fc.constantFrom(
      ...(["join", "invite", "invite", "remove", "connect", "fail"] as const),
      ...(["removeReader", "inviteInVain", "closeReader", "reopen", "reopen"] as const),
    ),
  },
  {
    weight: 12,
    arbitrary: fc.constantFrom(...Object.keys(ACTIONS).filter(isKind)),
  },
);

const step: fc.Arbitrary<Step> = fc.record({
  kind,
  // The first owns a room, in which the second is from the beginning.
  who: fc.constantFrom(0, 0, 0, 1, 1, 2, 2, 3),
  nth: fc.nat(3),
  room: fc.constantFrom("p0", "p0", "p0", "p1", "lobby", "@"),
  other: fc.nat(NAMES.length - 1),
  waits: fc.boolean(),
});

function isKind(name: string): name is keyof typeof ACTIONS {
  return name in ACTIONS;
}

Deno.test("Hub and HTTP API show nobody anything that was said where they may not be, whatever happens when", async () => {
  let secretsSeen = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 60, size: "max" }),
      fc.array(fc.nat(4), { minLength: 1, maxLength: 20 }),
      async (steps, delays) => {
        secretsSeen += await run(steps, delays);
      },
    ),
    // So that shrinking ends too.
    { numRuns: RUNS, interruptAfterTimeLimit: 30_000 },
  );
  assert(secretsSeen > RUNS, `only ${secretsSeen} secrets were told at all`);
});

/** Returns how many secrets those were told who may know them. */
async function run(steps: readonly Step[], delays: readonly number[]): Promise<number> {
  let secretsSeen = 0;
  await withFiles(async (files) => {
    await using world = new World(files, delays);
    for (const name of NAMES) world.actors.push(await world.admit(name));
    await begin(world);
    for (const [index, step] of steps.entries()) {
      await take(world, step, index);
      assertEquals(world.oracle.leaks, []);
    }
    await world.settled();
    assertEquals(world.oracle.leaks, []);
    secretsSeen = world.oracle.secretsSeen;
  });
  return secretsSeen;
}

/** Has two of the people in a private room. */
async function begin(world: World): Promise<void> {
  const [ann, bob] = world.actors;
  const [person] = ann?.connections ?? [];
  if (ann === undefined || bob === undefined || person === undefined) return;
  person.send({ type: "create", room: "p0", private: true, topic: world.text(ann) });
  person.send({ type: "invite", room: "p0", user: "bob" });
  person.send({ type: "user", room: "p0", content: world.text(ann) });
  await world.settled();
  bob.connections[0]?.send({ type: "join", room: "p0" });
}

async function take(world: World, step: Step, index: number): Promise<void> {
  const { actors } = world;
  const actor = actors[step.who];
  const other = actors[step.other];
  if (actor === undefined || other === undefined) throw new Error("Nobody acts");
  const person = actor.connections[step.nth % Math.max(1, actor.connections.length)];
  const room = step.room === "@" ? `@${other.user.id}` : step.room;
  await ACTIONS[step.kind]({ world, actor, person, other, room, seq: index % 4 + 1 });
  if (step.waits) await task();
}
