/** A position in a time of which the data are gone is never vouched for: not after a restore by hand, not after a loss. */
import { assert, assertEquals } from "../../support/assert.ts";
import { join } from "node:path";
import type { Position, Store } from "../../../store/store.ts";
import { ANN, contents, message, say } from "../conformance.ts";
import { openStore, withDir } from "./harness.ts";

const ROOM = "lobby";
const LIMIT = 1000;

/** Where a client that has everything is now. */
async function here(store: Store): Promise<Position> {
  const { last, change, messages } = await store.read(ROOM, { limit: 1 });
  const at = messages[0]?.time;
  return { since: last, at, changes: change, epoch: store.epoch, run: store.run };
}

/** Opens a store, does something with it, and closes it. */
async function using<T>(dir: string, act: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(dir);
  try {
    return await act(store);
  } finally {
    await store.close();
  }
}

/** Messages and changes that are different each time, one batch each. */
async function grow(store: Store, word: string, count: number): Promise<void> {
  for (let n = 1; n <= count; n++) {
    await store.commit([message(ROOM, `${word} ${n}`, { time: 1000 })]);
    const { last: seq } = await store.read(ROOM, { limit: 1 });
    await store.commit([
      { kind: "edit", room: ROOM, seq, content: `${word} ${n}!`, time: 1, by: ANN },
    ]);
  }
}

function copy(from: string, to: string, suffixes = [""]): void {
  for (const suffix of suffixes) {
    Deno.copyFileSync(join(from, `hubbub.db${suffix}`), join(to, `hubbub.db${suffix}`));
  }
}

/** Asserts what a client that comes back is told, and that the completed copy is right. */
async function assertResumes(
  store: Store,
  position: Position,
  held: string[],
  vouched: boolean,
): Promise<void> {
  const missed = await store.resume(ROOM, position, LIMIT);
  assertEquals(missed !== undefined, vouched, Deno.inspect(position));
  if (missed === undefined) return;
  const changed = new Map(missed.changed.map(({ seq, content }) => [seq, content]));
  const completed = held.map((text, index) => changed.get(index + 1) ?? text)
    .concat(missed.messages.map(({ content }) => content));
  assertEquals(completed, await contents(store, ROOM));
}

Deno.test("SqliteStore.resume() vouches for no position of the time that an older copy has lost", () =>
  withDir((backup) =>
    withDir(async (dir) => {
      const kept = await using(dir, async (store) => {
        await grow(store, "kept", 5);
        return { position: await here(store), texts: await contents(store, ROOM) };
      });
      copy(dir, backup);
      const lost = await using(dir, async (store) => {
        const early = { ...await here(store), run: store.run };
        const texts = await contents(store, ROOM);
        await grow(store, "lost", 3);
        return { early, texts, late: await here(store) };
      });
      copy(backup, dir);
      for (const word of ["anew", "further"]) {
        // At first the room is shorter than it was, then longer: with all times alike.
        await using(dir, async (store) => {
          await assertResumes(store, kept.position, kept.texts, true);
          await assertResumes(store, lost.late, [], false);
          // Of a run that the older copy does not know, not even the beginning is believed.
          await assertResumes(store, lost.early, lost.texts, false);
          await grow(store, word, 4);
          await assertResumes(store, kept.position, kept.texts, true);
          await assertResumes(store, lost.late, [], false);
        });
      }
    })
  ));

Deno.test("SqliteStore.resume() vouches for a part of the run in which a copy was made, and no more", () =>
  withDir((backup) =>
    withDir(async (dir) => {
      const positions: Position[] = [];
      let held: string[] = [];
      await using(dir, async (store) => {
        await grow(store, "kept", 3);
        positions.push(await here(store));
        held = await contents(store, ROOM);
        copy(dir, backup, ["", "-wal"]);
        await grow(store, "lost", 1);
        positions.push(await here(store));
        await store.commit([{ kind: "delete", room: ROOM, seq: 1, by: ANN }]);
        positions.push(await here(store));
      });
      copy(backup, dir, ["", "-wal"]);
      await using(dir, async (store) => {
        await grow(store, "anew", 9);
        const [kept, ...lost] = positions;
        assert(kept !== undefined);
        await assertResumes(store, kept, held, true);
        for (const position of lost) await assertResumes(store, position, [], false);
        // A change alone tells too.
        await assertResumes(store, { ...kept, changes: kept.changes + 1 }, [], false);
      });
    })
  ));

/** Has a store write a room that is still in its log, and keeps the files as a power cut would. */
async function crash(
  dir: string,
  crashed: string,
): Promise<{ positions: Position[]; texts: string[] }> {
  const positions: Position[] = [];
  const texts = await using(dir, async (store) => {
    for (let n = 0; n < 20; n++) {
      await grow(store, "said", 1);
      positions.push(await here(store));
    }
    copy(dir, crashed, ["", "-wal"]);
    return await contents(store, ROOM);
  });
  return { positions, texts };
}

/** What is wrong with the log, given its size. */
const DAMAGES: Record<string, (path: string, size: number) => void> = {
  "cut in the middle": (path, size) => Deno.truncateSync(path, Math.floor(size / 2)),
  "missing": (path) => Deno.removeSync(path),
  "altered in the middle": (path, size) => {
    const file = Deno.openSync(path, { write: true });
    file.seekSync(Math.floor(size / 2), Deno.SeekMode.Start);
    file.writeSync(new Uint8Array(64).fill(7));
    file.close();
  },
};

for (const [what, damage] of Object.entries(DAMAGES)) {
  Deno.test(`SqliteStore.resume() vouches for no position of a time that was lost with a log ${what}`, () =>
    withDir((dir) =>
      withDir(async (crashed) => {
        const { positions, texts } = await crash(dir, crashed);
        const path = join(crashed, "hubbub.db-wal");
        damage(path, Deno.statSync(path).size);
        await using(crashed, async (store) => {
          const { last: left } = await store.read(ROOM, { limit: 1 });
          assert(left < 20, "the damage has lost something");
          for (const round of ["before", "after"]) {
            for (const position of positions) {
              const held = texts.slice(0, position.since);
              const isThere = position.since < left;
              const missed = await store.resume(ROOM, position, LIMIT);
              // Of the last message the edit may be lost.
              if (position.since > left) assertEquals(missed, undefined, round);
              else if (isThere) await assertResumes(store, position, held, true);
              else if (missed !== undefined) await assertResumes(store, position, held, true);
            }
            await grow(store, "anew", 30);
          }
        });
      })
    ));
}

Deno.test("SqliteStore.resume() vouches for positions of earlier runs, as far as they got", () =>
  withDir(async (dir) => {
    const positions: { position: Position; texts: string[] }[] = [];
    for (let run = 0; run < 4; run++) {
      await using(dir, async (store) => {
        if (run !== 2) await grow(store, `run ${run}`, 2);
        positions.push({ position: await here(store), texts: await contents(store, ROOM) });
      });
    }
    await using(dir, async (store) => {
      for (const { position, texts } of positions) {
        await assertResumes(store, position, texts, true);
      }
      const [first] = positions;
      assert(first !== undefined);
      const beyond = { ...first.position, since: 3, at: undefined };
      await assertResumes(store, beyond, [], false);
      await say(store, ROOM, "on");
      await assertResumes(store, first.position, first.texts, true);
    });
  }));

Deno.test("openSqliteStore() tells its run, the one before, and the time that was noted; it can renew the epoch", () =>
  withDir(async (dir) => {
    const first = await openStore(dir);
    assertEquals([first.previousRun, first.lastNoted], [undefined, undefined]);
    await first.noteTime(5);
    await first.noteTime(7);
    assertEquals(first.lastNoted, undefined);
    await first.close();
    const second = await openStore(dir);
    assertEquals([second.previousRun, second.lastNoted, second.epoch], [first.run, 7, first.epoch]);
    assert(second.run !== first.run);
    await say(second, ROOM, "1");
    const position = await here(second);
    await second.close();
    const third = await openStore(dir, { renewEpoch: true });
    assertEquals(third.previousRun, second.run);
    assert(third.epoch !== first.epoch);
    assertEquals(await third.resume(ROOM, position, LIMIT), undefined);
    const { epoch } = third;
    await third.close();
    await using(dir, (fourth) => Promise.resolve(assertEquals(fourth.epoch, epoch)));
  }));
