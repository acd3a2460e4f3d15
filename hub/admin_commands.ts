/**
 * What admins ask of the hub: who is connected, and the end of connections and messages. Who may ask, the
 * HTTP side decides.
 *
 * @module
 */
import {
  CloseCode,
  type Delete,
  isDirectRoom,
  Refused,
  type ServerMessage,
  type User,
  type UserId,
} from "../protocol.ts";
import type { Batch, Requester } from "./batch.ts";
import { ask, type HubCommands } from "./commands.ts";
import type { RequestContext } from "./context.ts";
import { kickOut } from "./enforcement.ts";
import type { Participant } from "./participant.ts";

/** A connection, as an admin is shown it. */
export interface ConnectionRecord {
  number: number;
  /** The client's address; empty on a Unix socket. */
  ip: string;
  /** The `User-Agent` that opened it; may be empty. */
  agent: string;
  /** When it was opened, in milliseconds since 1970. */
  since: number;
  /** Absent before login. */
  user?: User;
  /** The one entered last at the end. */
  rooms: string[];
  /** Empty: none. */
  subprotocol: string;
  /** Bytes that wait for the client to read. */
  queued_bytes: number;
  /** Milliseconds since it last asked for something. */
  idle_ms: number;
}

/** Lists connections, the oldest first: those with greater numbers than `after`. */
export function listConnections(
  hub: HubCommands,
  { after = 0, limit }: { after?: number; limit: number },
): Promise<{ connections: ConnectionRecord[]; complete: boolean }> {
  return ask(hub, ({ registry }) => {
    const found = Iterator.from(registry.participants)
      .filter(({ number }) => number > after)
      .take(limit + 1)
      .toArray();
    return {
      connections: found.slice(0, limit).map(describe),
      complete: found.length <= limit,
    };
  });
}

function describe({ connection, user, isLoggedIn, rooms, since }: Participant): ConnectionRecord {
  const { number, ip, agent, codec: { subprotocol }, queuedBytes, idleMs } = connection;
  return {
    number,
    ip,
    agent,
    since,
    ...(isLoggedIn && { user: user.toUser() }),
    rooms: Array.from(rooms, ({ name }) => name),
    subprotocol,
    queued_bytes: queuedBytes,
    idle_ms: idleMs,
  };
}

/** How many connections each of the users has. */
export function countConnections(
  hub: HubCommands,
  users: readonly UserId[],
): Promise<ReadonlyMap<UserId, number>> {
  return ask(
    hub,
    ({ registry }) =>
      new Map(users.map((id) => [id, registry.findUser(id)?.participants.size ?? 0])),
  );
}

/** How many users are in each of the rooms. */
export function countOnline(
  hub: HubCommands,
  rooms: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  return ask(
    hub,
    ({ registry }) => new Map(rooms.map((name) => [name, registry.findRoom(name)?.userCount ?? 0])),
  );
}

/**
 * Ends one connection, or all of a user, for good (4505), after telling why.
 *
 * @param reason may be empty
 * @returns how many connections it were
 */
export function kick(
  hub: HubCommands,
  target: { user: UserId } | { connection: number },
  reason: string,
): Promise<number> {
  const content = `An admin has ended this connection${reason === "" ? "" : `: ${reason}`}`;
  return act(hub, (_batch, context) => {
    const kicked = "user" in target
      ? [...context.registry.findUser(target.user)?.participants ?? []]
      : find(context, [target.connection]);
    for (const participant of kicked) kickOut(participant, content, context);
    return kicked.length;
  });
}

/**
 * Deletes a message, whoever said it.
 *
 * @param by the admin, whom the event names
 * @throws {Refused} `no_such_room`, also for direct conversations; `no_such_message`; `unavailable`
 */
export function deleteMessage(
  hub: HubCommands,
  { room, seq }: { room: string; seq: number },
  { id: by, name: from }: User,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const requester: Requester = {
      withholds: () => false,
      // Only refusals are answered; everything else is the event.
      answer: (answers) => reject(refusalIn(answers)),
      repeat: () => {},
    };
    hub.command({
      run(batch, { registry, makers, files }) {
        if (isDirectRoom(room) || !makers.isSpoken(room)) {
          throw new Refused("no_such_room", `Cannot delete: nothing was ever said in ${room}`);
        }
        const event: Delete = { type: "delete", room, seq, from, by, change: 0 };
        batch.add({ kind: "delete", room, seq, by, also: "anybody" }, event, requester);
        registry.open(room).record(event);
        batch.afterCommit(() => {
          if (batch.dropped.has(event)) return;
          files?.withdraw(room, seq);
          resolve();
        });
      },
      refused: reject,
    });
  });
}

function refusalIn(answers: readonly ServerMessage[]): Refused {
  const error = answers.find((answer) => answer.type === "error");
  if (error === undefined) return new Refused("internal", "Cannot delete: an internal error");
  return new Refused(error.code, error.content, error.retry_ms);
}

/** Tells everybody something. */
export function announce(hub: HubCommands, content: string): Promise<void> {
  return act(hub, (batch) => batch.announce({ type: "system", content }));
}

/** The numbers of all connections, the oldest first. */
export function connectionNumbers(hub: HubCommands): Promise<number[]> {
  return ask(hub, ({ registry }) => Array.from(registry.participants, ({ number }) => number));
}

/**
 * Ends connections whose clients are to come back (4002), to this server or another one.
 *
 * @param reason for the close frame: at most 123 bytes of UTF-8 (RFC 6455 §5.5)
 * @returns how many of them were still there
 */
export function sendAway(
  hub: HubCommands,
  connections: readonly number[],
  reason: string,
): Promise<number> {
  return act(hub, (_batch, context) => {
    const there = find(context, connections);
    for (const { connection } of there) context.disconnect(connection, CloseCode.Drain, reason);
    return there.length;
  });
}

/** Those of the connections that are still there. */
function find({ registry }: RequestContext, connections: readonly number[]): Participant[] {
  return connections.flatMap((number) => registry.find({ number }) ?? [])
    .filter(({ connection }) => !connection.isClosed);
}

/** Has the loop do something; resolves when the batch is committed. */
function act<T>(
  hub: HubCommands,
  run: (batch: Batch, context: RequestContext) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    hub.command({
      run(batch, context) {
        const result = run(batch, context);
        batch.afterCommit(() => resolve(result));
      },
      refused: reject,
    });
  });
}
