/**
 * The tables of `people.db`, as a list of steps from one format to the next.
 *
 * @module
 */

/** Tells `people.db` from databases of other programs: "Hbub" (`PRAGMA application_id`). */
export const APPLICATION_ID = 0x48627562;

/** Step n upgrades a database of format n to format n + 1. A released step never changes. */
export const MIGRATIONS: readonly string[] = [
  `
  PRAGMA application_id = ${APPLICATION_ID};

  -- key: the folded name, while the user has it; NULL for a guest who has given it up.
  -- visit: number of the latest visit. visiting: whether it goes on.
  CREATE TABLE users (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    key TEXT UNIQUE,
    role TEXT NOT NULL,
    remembered INTEGER NOT NULL,
    disabled INTEGER NOT NULL,
    created INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    visit INTEGER NOT NULL,
    visiting INTEGER NOT NULL
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX users_away ON users (remembered, seen) WHERE role = 'guest' AND visiting = 0;
  CREATE INDEX users_visiting ON users (id) WHERE visiting = 1;
  CREATE INDEX users_admins ON users (disabled) WHERE role = 'admin';

  CREATE TABLE passwords (
    user TEXT PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    hash TEXT NOT NULL
  ) WITHOUT ROWID, STRICT;

  -- transports: a JSON array.
  CREATE TABLE passkeys (
    id TEXT PRIMARY KEY,
    user TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
    public_key BLOB NOT NULL,
    counter INTEGER NOT NULL,
    transports TEXT NOT NULL,
    label TEXT NOT NULL,
    created INTEGER NOT NULL,
    used INTEGER NOT NULL
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX passkeys_by_user ON passkeys (user);

  CREATE TABLE identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
    PRIMARY KEY (issuer, subject)
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX identities_by_user ON identities (user);

  -- digest: SHA-256 of the secret, as in 'invites'.
  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    user TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
    created INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    agent TEXT NOT NULL,
    ip TEXT NOT NULL
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX sessions_by_user ON sessions (user);
  CREATE INDEX sessions_by_end ON sessions (expires);

  -- rooms: a JSON array.
  CREATE TABLE invites (
    id TEXT PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    role TEXT NOT NULL,
    rooms TEXT NOT NULL,
    uses INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    maker TEXT REFERENCES users ON DELETE CASCADE,
    created INTEGER NOT NULL
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX invites_by_maker ON invites (maker);
  CREATE INDEX invites_by_end ON invites (expires);
  CREATE INDEX invites_used_up ON invites (uses) WHERE uses <= 0;

  CREATE TABLE ceremonies (
    id TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    expires INTEGER NOT NULL
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX ceremonies_by_end ON ceremonies (expires);

  -- Users whose name, role or sessions changed, or who were disabled or removed, for other processes.
  -- origin: a random number of the connection that made the change.
  CREATE TABLE changed (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user TEXT NOT NULL,
    origin INTEGER NOT NULL
  ) STRICT;
  `,
  `
  -- skeleton: of the name, while the user has it (text/skeleton.ts). Not unique: names that look alike
  -- may be older than it.
  ALTER TABLE users ADD COLUMN skeleton TEXT;
  CREATE INDEX users_by_skeleton ON users (skeleton);

  -- 'skeletons': the version of the skeletons in 'users'; not there until they are computed.
  CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) WITHOUT ROWID, STRICT;

  -- target: a user's id, a skeleton, a network or a room, which target_type tells. admin: who imposed it,
  -- and may have been removed since. until: NULL for ever.
  CREATE TABLE sanctions (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    target_type TEXT NOT NULL,
    target TEXT NOT NULL,
    label TEXT NOT NULL,
    until INTEGER,
    reason TEXT NOT NULL,
    admin TEXT NOT NULL,
    created INTEGER NOT NULL
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX sanctions_by_creation ON sanctions (created DESC, id);
  CREATE INDEX sanctions_by_end ON sanctions (until);

  -- What admins did. admin: as in 'sanctions'; empty for the server.
  CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL,
    admin TEXT NOT NULL,
    name TEXT NOT NULL,
    ip TEXT NOT NULL,
    act TEXT NOT NULL,
    target TEXT NOT NULL,
    detail TEXT NOT NULL
  ) STRICT;
  `,
];
