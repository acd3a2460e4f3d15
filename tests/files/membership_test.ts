/** In which rooms a file is. */
import { directRoom } from "../../protocol.ts";
import { assertEquals } from "../support/assert.ts";
import { announce, upload, withFiles } from "./harness.ts";

/** A predicate that is true of one room, and notes what it is asked. */
function only(room: string): { asked: string[]; mayRead: (room: string) => boolean } {
  const asked: string[] = [];
  return { asked, mayRead: (one) => (asked.push(one), one === room) };
}

Deno.test("LocalFiles.isAnnouncedIn() is true of the rooms in which messages refer to the file", () =>
  withFiles(async (harness) => {
    const { files } = harness;
    const [file, other] = [await upload(files, "hello"), await upload(files, "other")];
    const direct = directRoom("ann", "bob");
    for (const room of ["lobby", "secret", direct]) await announce(harness, file, { room });
    await announce(harness, other, { room: "elsewhere" });
    for (const room of ["lobby", "secret", direct]) {
      assertEquals(files.isAnnouncedIn(file.id, only(room).mayRead), true, room);
    }
    for (const room of ["elsewhere", directRoom("ann", "cid"), ""]) {
      assertEquals(files.isAnnouncedIn(file.id, only(room).mayRead), false, room);
    }
    assertEquals(files.isAnnouncedIn(file.id, () => false), false);
  }));

Deno.test("LocalFiles.isAnnouncedIn() is false of a file that is not announced, or that there is not", () =>
  withFiles(async ({ files }) => {
    const { id } = await upload(files, "hello");
    assertEquals(files.isAnnouncedIn(id, () => true), false);
    assertEquals(files.isAnnouncedIn("unknown", () => true), false);
  }));

Deno.test("LocalFiles.isAnnouncedIn() asks once for each room, and stops at the first that may be read", () =>
  withFiles(async (harness) => {
    const { files } = harness;
    const file = await upload(files, "hello");
    const rooms = Array.from({ length: 300 }, (_, index) => `r${String(index).padStart(3, "0")}`);
    for (const room of rooms) {
      for (let again = 0; again < 3; again++) await announce(harness, file, { room });
    }
    const early = only("r002");
    assertEquals(files.isAnnouncedIn(file.id, early.mayRead), true);
    assertEquals(early.asked, ["r000", "r001", "r002"]);
    const never = only("none");
    assertEquals(files.isAnnouncedIn(file.id, never.mayRead), false);
    assertEquals(never.asked, rooms);
  }));

Deno.test("LocalFiles.isAnnouncedIn() no longer finds a room once its last message about the file is deleted", () =>
  withFiles(async (harness) => {
    const { files } = harness;
    const file = await upload(files, "hello");
    const first = await announce(harness, file, { room: "secret" });
    const second = await announce(harness, file, { room: "secret" });
    await announce(harness, file, { room: "lobby" });
    files.withdrawn("secret", first);
    assertEquals(files.isAnnouncedIn(file.id, only("secret").mayRead), true);
    files.withdrawn("secret", second);
    assertEquals(files.isAnnouncedIn(file.id, only("secret").mayRead), false);
    assertEquals(files.isAnnouncedIn(file.id, only("lobby").mayRead), true);
    assertEquals(files.announcements(file.id), 1);
  }));
