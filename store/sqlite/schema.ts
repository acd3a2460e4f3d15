/**
 * The tables of `hubbub.db`, as a list of steps from one format to the next.
 *
 * The messages that a room receives in one batch are stored as segments, one row each: a busy batch has
 * a thousand messages, and a row for each would cost twice as much. On disk the names of format 1
 * remain: a row of `runs` is a segment, a `number` of `runs` and `changes` is a global id, a `number` of
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
];
