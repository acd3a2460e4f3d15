/**
 * The tables of `hubbub.db`, as a list of steps from one format to the next.
 *
 * The messages that a room receives in one batch are stored as segments, one row each: a busy batch has
 * a thousand messages, and a row for each would cost twice as much. On disk the names of format 1
 * remain: a row of `runs` is a segment (a *run* of the contract is a row of `starts`), a `number` of `runs` and `changes` is a global id, a `number` of
 * `rooms` is a room id, and a `place` is a room key (`segments.ts`).
 *
 * @module
 */

/** Step n upgrades a database of format n to format n + 1. A released step never changes. */
export const MIGRATIONS: readonly string[] = [
  `
  -- 'epoch': see the contract. 'numbered': a message number that was given; greater ones may have been.
  CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;

  -- last: a seq that was given; the greatest, unless later messages are still there to show theirs.
  CREATE TABLE rooms (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    last INTEGER NOT NULL
  );

  -- number: of the first message, counting the messages of all rooms in order of arrival.
  -- place: of the first message, room number * 2^32 + seq.
  -- count: how many messages; seq and number rise by one from each to the next.
  -- time: of the newest of them.
  CREATE TABLE runs (
    number INTEGER PRIMARY KEY,
    place INTEGER NOT NULL,
    count INTEGER NOT NULL,
    time INTEGER NOT NULL,
    messages TEXT NOT NULL
  );
  CREATE UNIQUE INDEX runs_by_place ON runs (place);

  -- The messages that carry a client's id, to recognise a resend.
  CREATE TABLE ids (
    room INTEGER NOT NULL,
    author TEXT NOT NULL,
    id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (room, author, id)
  ) WITHOUT ROWID;

  -- Messages [number, number + count) are no longer what they were when they arrived. The search
  -- index reads this; what it has read is removed.
  CREATE TABLE changes (
    change INTEGER PRIMARY KEY AUTOINCREMENT,
    number INTEGER NOT NULL,
    count INTEGER NOT NULL
  );

  INSERT INTO meta VALUES ('numbered', 0);
  `,
  // Users. Segments need no rewriting: without a user id a message or a reaction belongs to nobody.
  `
  -- From here on, author: the user's id; empty if the message has none. It was a folded name, and a name
  -- is nobody's proof of having written something: a user whose id reads like an old name would be
  -- answered with somebody else's message. So nobody can send those messages again.
  DELETE FROM ids;

  -- What rooms are; a room without a row is public and has no topic. A room needs no messages to be here.
  CREATE TABLE room_settings (
    room TEXT PRIMARY KEY,
    private INTEGER NOT NULL,
    topic TEXT NOT NULL
  ) WITHOUT ROWID;

  -- read: the seq up to which the member has read.
  CREATE TABLE members (
    room TEXT NOT NULL,
    user TEXT NOT NULL,
    role TEXT NOT NULL,
    read INTEGER NOT NULL,
    PRIMARY KEY (room, user)
  ) WITHOUT ROWID;
  CREATE INDEX members_by_user ON members (user);
  `,
  // The log of a room. What was changed before is unknown, so whoever comes back from then starts over.
  `
  -- change: the number of the room's last change. trimmed: that of the last removal by retention; 0: none.
  -- first: the smallest seq that was not removed.
  ALTER TABLE rooms ADD COLUMN change INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE rooms ADD COLUMN first INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE rooms ADD COLUMN trimmed INTEGER NOT NULL DEFAULT 0;
  UPDATE rooms SET change = 1, trimmed = 1, first = coalesce(
    (SELECT min(place) - rooms.number * 4294967296 FROM runs
     WHERE place >= rooms.number * 4294967296 AND place < (rooms.number + 1) * 4294967296),
    last + 1
  );

  -- The last change of each message that was changed.
  CREATE TABLE amendments (
    room INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    change INTEGER NOT NULL,
    PRIMARY KEY (room, seq)
  ) WITHOUT ROWID;
  CREATE UNIQUE INDEX amendments_by_change ON amendments (room, change);

  -- Each opening of this file for writing: a run of the contract. time: in milliseconds since 1970.
  CREATE TABLE starts (
    start INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    time INTEGER NOT NULL
  );

  -- How far a room had got when it was first written to after a start.
  CREATE TABLE room_starts (
    room INTEGER NOT NULL,
    start INTEGER NOT NULL,
    last INTEGER NOT NULL,
    change INTEGER NOT NULL,
    PRIMARY KEY (room, start)
  ) WITHOUT ROWID;
  CREATE INDEX room_starts_by_start ON room_starts (start);

  -- What the message said at first, if it was edited or deleted since; see store/resend.ts.
  ALTER TABLE ids ADD COLUMN digest INTEGER;
  `,
  // Bounds on rooms. Who made the rooms that are there is unknown, so they count for nobody.
  `
  -- Who made a room, if that counts. network: of the address; time: in milliseconds since 1970.
  CREATE TABLE makers (
    room TEXT PRIMARY KEY,
    user TEXT NOT NULL,
    network TEXT NOT NULL,
    time INTEGER NOT NULL
  ) WITHOUT ROWID;
  `,
];
