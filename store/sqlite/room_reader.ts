/**
 * Reads what rooms are and who their members are, over any connection to `hubbub.db`.
 *
 * @module
 */
import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import { isDirectRoom, type RoomRole } from "../../protocol.ts";
import type { RoomsState } from "../store.ts";

/** The statements that read settings and memberships. */
export class RoomReader {
  #db: DatabaseSync;
  #isPrivate: StatementSync;
  #isHiddenId: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#isPrivate = db.prepare("SELECT private FROM room_settings WHERE room = ?");
    this.#isHiddenId = db.prepare(
      `SELECT substr(name, 1, 1) = '@' OR coalesce(private, 0) AS hidden
       FROM rooms LEFT JOIN room_settings ON room = name WHERE number = ?`,
    );
  }

  /** Whether a room is private or a direct conversation. */
  isHidden(room: string): boolean {
    return isDirectRoom(room) || this.#isPrivate.get(room)?.["private"] === 1;
  }

  /** The same of a room with messages, by its id. */
  isHiddenId(id: number): boolean {
    return this.#isHiddenId.get(id)?.["hidden"] === 1;
  }

  /** See `Store.roomsState`. */
  state(): RoomsState {
    const rooms = this.#db.prepare("SELECT room, private, topic FROM room_settings").all();
    const members = this.#db.prepare("SELECT room, user, role, read FROM members").all();
    const makers = this.#db.prepare("SELECT room, user, network, time FROM makers").all();
    const spoken = this.#db.prepare("SELECT name FROM rooms ORDER BY name").all();
    return {
      rooms: rooms.map(({ room, private: isPrivate, topic }) => ({
        room: String(room),
        private: isPrivate === 1,
        topic: String(topic),
      })),
      members: members.map(({ room, user, role, read }) => ({
        room: String(room),
        user: String(user),
        role: toRole(role),
        read: Number(read),
      })),
      makers: makers.map(({ room, user, network, time }) => ({
        room: String(room),
        user: String(user),
        network: String(network),
        time: Number(time),
      })),
      spoken: spoken.map(({ name }) => String(name)),
    };
  }
}

/** A role of a newer version counts as the least. */
function toRole(value: SQLOutputValue | undefined): RoomRole {
  return value === "owner" || value === "moderator" ? value : "member";
}
