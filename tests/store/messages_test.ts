import { assertEquals } from "../support/assert.ts";
import { MAX_REACTION_NAMES } from "../../protocol.ts";
import { toChange, toReactions, toStored, toUserMessage } from "../../store/messages.ts";
import type { StoredMessage, StoredReactions } from "../../store/store.ts";
import { ANN, BOB, plain } from "./conformance.ts";
import { FILE } from "./message_cases.ts";

const STORED = {
  ...{ room: "@a:b", seq: 3, time: 1000, from: "ann", by: ANN, content: "hi" },
  ...{ id: "i", reply_to: 2, edited: 2000 },
} satisfies StoredMessage;

const REACTIONS: StoredReactions = {
  "👍": [{ from: "bob" }, { by: BOB, from: "bob" }],
  "🎉": [{ by: ANN, from: "ann" }],
};

/** Ann is called otherwise today, Bob is no more. */
const names = (id: string) => id === ANN ? "Ann Today" : undefined;

Deno.test("toUserMessage() shows what is stored, as a copy", () => {
  const shown = toUserMessage(STORED);
  assertEquals(shown, { type: "user", ...STORED });
  shown.content = "changed";
  assertEquals(STORED.content, "hi");
});

Deno.test("toUserMessage() shows present names where there are any, and the reader's name of the room", () => {
  const expected = { type: "user", ...STORED, from: "Ann Today", room: "@b" };
  assertEquals<unknown>(toUserMessage(STORED, { names, room: "@b" }), expected);
  const gone = { ...STORED, by: BOB };
  assertEquals(toUserMessage(gone, { names }), { type: "user", ...gone });
  const { by: _, ...nobodys } = STORED;
  assertEquals(toUserMessage(nobodys, { names }), { type: "user", ...nobodys });
});

Deno.test("toUserMessage() shows reactions as counts and names, and files as files", () => {
  const stored = { ...STORED, reactions: REACTIONS, file: FILE };
  const party = { count: 1, names: ["ann"] };
  const shownNames = { "👍": { count: 2, names: ["bob", "bob"] }, "🎉": party };
  const shown = toUserMessage(stored);
  assertEquals<unknown>(plain(shown), { type: "file", ...stored, reactions: shownNames });
  assertEquals(Object.getPrototypeOf(shown.reactions), null);
  const present = { ...shownNames, "🎉": { count: 1, names: ["Ann Today"] } };
  assertEquals(plain(toUserMessage(stored, { names }).reactions), present);
  assertEquals(plain(toReactions(REACTIONS, { names })), present);
  assertEquals(plain(toReactions(REACTIONS)), shownNames);
});

Deno.test("toReactions() marks the reader's own, and no more names than anybody needs", () => {
  const own = plain(toReactions(REACTIONS, { viewer: ANN }));
  assertEquals(own["🎉"], { count: 1, names: ["ann"], mine: true });
  assertEquals(own["👍"], { count: 2, names: ["bob", "bob"] });
  const crowd = Array.from(
    { length: 1000 },
    (_, index) => ({ by: `u${index}`, from: `n${index}` }),
  );
  const { x } = toReactions({ x: crowd }, { viewer: "u999" });
  const names = crowd.slice(0, MAX_REACTION_NAMES).map(({ from }) => from);
  assertEquals(x, { count: 1000, names, mine: true });
});

Deno.test("toChange() and toStored() keep all that an author says, and nothing undefined", () => {
  const { edited: _, ...said } = STORED;
  const change = toChange({ type: "file", ...said, file: FILE });
  assertEquals(toStored(change, 3), { ...said, file: FILE });
  const bare = { room: "lobby", seq: 1, time: 5, from: "ann", content: "x" };
  assertEquals(toStored(toChange({ type: "user", ...bare }), 1), bare);
});
