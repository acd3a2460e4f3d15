import { Memory, ownerOf } from "../../static/chat/memory.js";
import { assertEquals } from "../support/assert.ts";
import { FakeStorage } from "./fakes.ts";

const UNSENT = {
  id: "x",
  key: "lobby",
  type: "user",
  content: "later",
  time: 1,
  state: "waiting",
} as const;

/** What ann has left in a browser. */
function annsBrowser(): { storage: FakeStorage; ann: Memory } {
  const storage = new FakeStorage();
  const ann = new Memory(storage, "ann");
  ann.saveDraft("lobby", "a draft");
  ann.unsent = [UNSENT];
  ann.settings = { theme: "dark", language: "", sound: true, notify: false };
  return { storage, ann };
}

Deno.test("Memory is found again by its user, and by nobody else", () => {
  const { storage } = annsBrowser();
  const again = new Memory(storage, "ann");
  assertEquals(again.draft("lobby"), "a draft");
  assertEquals(again.unsent, [UNSENT]);
  assertEquals(again.settings.theme, "dark");
  const bob = new Memory(storage, "bob");
  assertEquals([bob.draft("lobby"), bob.unsent, bob.settings.theme], ["", [], "system"]);
  assertEquals([...storage.kept.keys()], ["hubbub.user"]);
  assertEquals(ownerOf(storage), "bob");
});

Deno.test("Memory neither reads nor writes nor forgets what is somebody else's by now", () => {
  const { storage, ann } = annsBrowser();
  const bob = new Memory(storage, "bob");
  bob.saveDraft("lobby", "bob's");
  ann.saveDraft("lobby", "ann's");
  assertEquals(ann.draft("lobby"), "");
  ann.forget();
  assertEquals(bob.draft("lobby"), "bob's");
});

Deno.test("Memory.forget() leaves what other programs keep, and nothing else", () => {
  const { storage, ann } = annsBrowser();
  storage.setItem("other", "1");
  ann.forget();
  ann.saveDraft("lobby", "too late");
  assertEquals([...storage.kept.keys()], ["other"]);
});

Deno.test("Memory removes what an earlier version kept for nobody in particular", () => {
  const storage = new FakeStorage();
  storage.setItem("hubbub.identity", `{"name":"ann","session":"secret"}`);
  new Memory(storage, ownerOf(storage)).forget();
  assertEquals(storage.length, 0);
});

Deno.test("Memory works without storage, and with one that is full", () => {
  const none = new Memory(null, "ann");
  none.saveDraft("lobby", "x");
  assertEquals([none.draft("lobby"), none.unsent], ["", []]);
  const full = new FakeStorage();
  full.setItem = () => {
    throw new DOMException("", "QuotaExceededError");
  };
  const memory = new Memory(full, "ann");
  memory.saveDraft("lobby", "x");
  assertEquals(memory.draft("lobby"), "");
});

Deno.test("Memory.unsent keeps what another tab has not sent yet", () => {
  const { storage } = annsBrowser();
  const [one, other] = [new Memory(storage, "ann"), new Memory(storage, "ann")];
  assertEquals(one.unsent, [UNSENT]);
  other.unsent = [{ ...UNSENT, id: "y" }];
  one.unsent = [];
  assertEquals(new Memory(storage, "ann").unsent.map(({ id }) => id), ["y"]);
  other.unsent = [];
  assertEquals(new Memory(storage, "ann").unsent, []);
});

Deno.test("Memory.isHidden() forgets a conversation in which something was said since", () => {
  const memory = new Memory(new FakeStorage(), "ann");
  memory.hide("@bob-id", 7);
  assertEquals([7, 8].map((last) => memory.isHidden("@bob-id", last)), [true, false]);
  assertEquals(memory.isHidden("@eve-id", 0), false);
});
