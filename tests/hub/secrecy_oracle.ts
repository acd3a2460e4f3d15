/**
 * Knows who may have learned what: reads along what the store commits, which is the one order of
 * everything that is said and of everybody who becomes a member or ceases to be one.
 *
 * Everything that somebody must not learn contains a marker, which occurs nowhere else.
 *
 * @module
 */
import { isDirectRoom, type UserId, usersOf } from "../../protocol.ts";
import type { Change, Outcome } from "../../store/store.ts";

/** A marker, in whatever it stands. */
const MARKER = /\b(?:mk|sk)\d{5}z/g;

/** Whoever receives bytes. */
export interface Observer {
  /** Absent: nobody who is known. */
  user?: UserId | undefined;
  /** The only rooms that they may see. */
  readonly rooms?: readonly string[] | undefined;
  /** Markers that they have made or sent themselves. */
  readonly own: Set<string>;
  /** For messages of a failing test. */
  readonly name: string;
}

interface Stay {
  readonly from: number;
  to: number;
}

/** Where and when a marker was said. */
interface Said {
  readonly room: string;
  readonly at: number;
}

/** Judges what arrives. */
export class Oracle {
  /** What arrived where it must not, for people. */
  readonly leaks: string[] = [];
  /** Rooms that everybody was put out of, and that nobody may learn anything of, but for what is their own. */
  readonly closed = new Set<string>();
  /** How often a marker of a private room or a conversation has arrived where it may. */
  secretsSeen = 0;
  /** Number of changes committed so far. */
  #clock = 0;
  #markers = 0;
  readonly #said = new Map<string, Said[]>();
  readonly #stays = new Map<string, Stay[]>();
  /** Since when a room is private, by what the store or the answer to `create` says. */
  readonly #privateSince = new Map<string, number>();
  /** What the bytes of a file contain, by the file's name. */
  readonly #bodies = new Map<string, string>();
  readonly #secrets = new Map<string, Observer>();

  /** Makes a marker. */
  mark(kind: "mk" | "sk" = "mk"): string {
    return `${kind}${String(++this.#markers).padStart(5, "0")}z`;
  }

  /** Whoever learns a file's name that is `name` may learn what is in it. */
  file(name: string, body: string): void {
    this.#bodies.set(name, body);
  }

  /** Somebody was told that a room is private. */
  claimPrivate(room: string): void {
    if (!this.#privateSince.has(room)) this.#privateSince.set(room, this.#clock);
  }

  /** The store has committed a batch. */
  committed(batch: readonly Change[], outcomes: readonly Outcome[]): void {
    for (const [index, change] of batch.entries()) {
      this.#clock++;
      const outcome = outcomes[index];
      const isMade = typeof outcome === "number" ||
        typeof outcome === "object" && "change" in outcome;
      if (isMade) this.#take(change);
    }
  }

  /** Something has arrived at somebody. */
  see(observer: Observer, bytes: string | Uint8Array): void {
    const text = typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes);
    for (const [marker] of text.matchAll(MARKER)) {
      if (this.#mayKnow(observer, marker)) continue;
      const said = JSON.stringify(this.#said.get(marker) ?? "nowhere");
      this.leaks.push(`${observer.name} received ${marker}, said in ${said}: ${text}`);
    }
  }

  #take(change: Change): void {
    switch (change.kind) {
      case "message":
        this.#say(change.room, `${change.content} ${change.file?.name ?? ""}`);
        for (const [name, body] of this.#bodies) {
          if (change.file?.name === name) this.#say(change.room, body);
        }
        return;
      case "edit":
        return this.#say(change.room, change.content);
      case "room":
        if (change.private) this.claimPrivate(change.room);
        return this.#say(change.room, change.topic);
      case "member": {
        const stays = this.#staysOf(change);
        if ((stays.at(-1)?.to ?? 0) < Infinity) stays.push({ from: this.#clock, to: Infinity });
        return;
      }
      case "unmember": {
        const stay = this.#staysOf(change).at(-1);
        if (stay !== undefined) stay.to = Math.min(stay.to, this.#clock);
      }
    }
  }

  #say(room: string, text: string): void {
    for (const [marker] of text.matchAll(MARKER)) {
      const said = this.#said.get(marker) ?? [];
      this.#said.set(marker, [...said, { room, at: this.#clock }]);
    }
  }

  #staysOf({ room, user }: { room: string; user: UserId }): Stay[] {
    const key = `${room} ${user}`;
    const stays = this.#stays.get(key) ?? [];
    this.#stays.set(key, stays);
    return stays;
  }

  #mayKnow(observer: Observer, marker: string): boolean {
    if (observer.own.has(marker)) return true;
    if (marker.startsWith("sk")) {
      // A secret belongs to whoever is told it first.
      if (!this.#secrets.has(marker)) this.#secrets.set(marker, observer);
      return this.#secrets.get(marker) === observer;
    }
    return (this.#said.get(marker) ?? []).some((said) => this.#maySee(observer, said));
  }

  /** Whether somebody was a member of the room when it was said, or has become one since. */
  #maySee({ user, rooms }: Observer, { room, at }: Said): boolean {
    if (this.closed.has(room)) return false;
    if (rooms !== undefined) return rooms.includes(room);
    const isPrivate = isDirectRoom(room) || at >= (this.#privateSince.get(room) ?? Infinity);
    if (!isPrivate) return true;
    if (user === undefined) return false;
    const may = isDirectRoom(room)
      ? usersOf(room).includes(user)
      : this.#staysOf({ room, user }).some(({ to }) => to > at);
    if (may) this.secretsSeen++;
    return may;
  }
}
