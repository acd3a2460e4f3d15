/**
 * The shapes that go in and out of a client; no code.
 *
 * @module
 */

/** @typedef {import("../protocol/messages.ts").ServerMessage} ServerMessage */
/** @typedef {import("../protocol/requests.ts").ClientRequest} ClientRequest */
/** @typedef {import("../protocol/messages.ts").UserMessage} UserMessage */

/**
 * What is to know about a message, beside what it says.
 *
 * @typedef {object} About
 * @property {boolean} missed it was said while the connection was broken
 * @property {boolean} own the same user said it, on this connection or another one
 * @property {boolean} mention it mentions the user's name, and somebody else said it
 */

/**
 * How far a room has been seen: what makes it possible to come back to it, also in another run of the
 * program. Plain data. Without `at`, `changes` or `run`, as an earlier version kept it, the server can vouch
 * for less, and the room may start over.
 *
 * @typedef {object} Position
 * @property {number} last greatest `seq` seen; 0 if none
 * @property {number} [at] `time` of that message
 * @property {number} [changes] number of the last change; nothing is missing up to there
 * @property {string} epoch of the server then
 * @property {string} [run] of the server then
 */

/**
 * The present form of messages of a room, in ascending order.
 *
 * @typedef {object} Changed
 * @property {string} room
 * @property {UserMessage[]} messages
 */

/**
 * Every message of the server is an event named after its type. Beside these:
 *
 * - `event`: the same messages, all of them, in their order;
 * - `message`: somebody said something in a room that the client is in or in a direct conversation, or
 *   announced a file: once, in order, what was missed included, what was said before the first visit not;
 * - `status`: the connection is in another phase;
 * - `refused`: the server refused the login; call `login` with another name, or `close`. If nobody
 *   listens, the client closes by itself;
 * - `reset`: the server has other data than before, of this epoch. What becomes of a room is told when it
 *   has been entered again;
 * - `restart`: what was told of a room is void, and the `history` that follows replaces all of it: too much
 *   was missed, or messages were removed, or the server's data are those of a backup;
 * - `changed`: the present form of messages that were edited, deleted or reacted to while the connection was
 *   broken, after the `history` with those that were missed. Those that are not held are of no interest;
 * - `failed`: a message was refused for good;
 * - `join-refused`: the server does not let the client into a room, which it does not enter again;
 * - `session-ended`: the session is over, for this reason. The client stops with the code 4504, unless it
 *   may log in anew as a guest.
 *
 * @typedef {{ [Type in ServerMessage["type"]]: [ServerMessage & { type: Type }] } & {
 *   event: [ServerMessage],
 *   message: [UserMessage, About],
 *   status: [import("./backoff.js").ConnectionState],
 *   refused: [import("../protocol/messages.ts").ErrorMessage],
 *   reset: [epoch: string],
 *   restart: [{ room: string }],
 *   changed: [Changed],
 *   failed: [Unsent, import("./errors.js").RefusedError],
 *   "join-refused": [{ room: string, error: import("./errors.js").RefusedError }],
 *   "session-ended": [reason: string],
 * }} Events
 */

/**
 * What `ask` takes: every request but those that the client has functions of its own for.
 *
 * @typedef {Exclude<ClientRequest, { type: "login" | "logout" | "join" | "user" | "file" | "direct" | "typing" | "rooms" }>
 *   | { type: "rooms", after?: string, content?: string, limit?: number }} Question
 */

/**
 * What answers which question.
 *
 * @typedef {object} Answers
 * @property {import("../protocol/messages.ts").Users} users
 * @property {import("../protocol/messages.ts").Rooms} rooms
 * @property {import("../protocol/messages.ts").History} history
 * @property {import("../protocol/messages.ts").Search} search
 * @property {import("../protocol/messages.ts").Edit} edit
 * @property {import("../protocol/messages.ts").Delete} delete
 * @property {import("../protocol/messages.ts").React} react
 * @property {import("../protocol/messages.ts").Rename} rename
 * @property {import("../protocol/messages.ts").Pong} ping
 * @property {import("../protocol/messages.ts").Create} create
 * @property {import("../protocol/messages.ts").Membership} invite
 * @property {import("../protocol/messages.ts").Membership} remove
 * @property {import("../protocol/messages.ts").Topic} topic
 * @property {import("../protocol/messages.ts").RoleChange} role
 * @property {import("../protocol/messages.ts").Read} read
 * @property {import("../protocol/messages.ts").Presence} leave
 */

/**
 * @typedef {object} ClientOptions
 * @property {string} [name] of a new guest, if neither a session nor a cookie tells who the client is;
 * without it, there is no login until one of them does or `login` is called
 * @property {string} [session] its secret: the client is the user that it belongs to. A page leaves it out:
 * its cookie goes with the handshake by itself
 * @property {string} [token] of an `--api-token NAME:SECRET`: the secret. Takes precedence over `session`
 * @property {boolean} [remember] whether a new guest is to be kept, with its name, while it is away
 * @property {string[] | "memberships"} [rooms] to enter, the first one with the login; `memberships`: the
 * lobby, and every room that the user is a member of; by default `lobby`
 * @property {string} [epoch] of the server that an earlier run of the program knew
 * @property {Persistence} [persistence] where unsent messages outlive the client
 * @property {Partial<import("./environment.js").Environment>} [environment] clock, timers, chance,
 * sockets and requests, for tests
 */

/**
 * A message that is not confirmed yet: plain data, to be kept over a restart.
 *
 * @typedef {object} Unsent
 * @property {string} id the idempotency key, the same each time it is sent
 * @property {string} key the conversation: a room's name, or `@` and the id of the other one; of type
 * `direct`: `@` and a person's name, folded
 * @property {"user" | "direct" | "file"} type
 * @property {string} content the text, or the id of an uploaded file
 * @property {number} time when it was said, in milliseconds since 1970
 * @property {string} [to] whom a message of type `direct` is for: a name, or `#NUMBER`
 * @property {string} [by] id of the user under whom it was sent; absent if it was not sent yet
 * @property {number} [replyTo] `seq` of the message that it answers
 * @property {string} [label] what to show instead of `content`: a file's name
 * @property {"waiting" | "failed"} state `failed`: refused for good; only where failed ones are kept
 * @property {string} [problem] why it failed: the code of a `RefusedError`
 * @property {string} [detail] the server's sentence about it: with `muted`, until when and why
 */

/**
 * Where unsent messages outlive the client: `items` from an earlier run, and a function that keeps
 * what there is now. With it, a message that was refused for good stays, as `failed`, until it is
 * retried or discarded; without, it is forgotten.
 *
 * @typedef {{ items: Unsent[], save: (items: Unsent[]) => void }} Persistence
 */

export {};
