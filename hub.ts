/**
 * The one loop that owns who is where. Everything that changes state comes through its inbox as a
 * typed command; each turn takes what has gathered there, has the store keep what must be kept, and
 * only then shows anybody what happened.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { Channel } from "./hub/channel.ts";
import { Client, type ClientHost, type ClientIdentity, type ClientLimits } from "./client.ts";
import { Registry } from "./hub/registry.ts";
import { Delivery } from "./client/codec.ts";
import { RetryLoop } from "./client/send_queue.ts";
import {
  type ClientRequest,
  CloseCode,
  type ErrorMessage,
  foldName,
  LOBBY,
  MAX_NAME_LENGTH,
  MAX_PAGE,
  MAX_REPLAY,
  MAX_USER_LIST,
  refuse,
} from "./protocol.ts";
import { busy, type Call, type HubCommands } from "./hub/commands.ts";
import { FileService } from "./hub/file_service.ts";
import { Refused } from "./hub/refused.ts";
import { listRooms, type ReadCommand, Reads } from "./hub/reads.ts";
import { type RequestContext, serve } from "./hub/requests.ts";
import type { FileStore } from "./files/file_store.ts";
import type { Store } from "./store/store.ts";
import { FlushThrottle, macrotask } from "./hub/flush_throttle.ts";
import type { Socket } from "./transport/socket.ts";
import { Turn } from "./hub/batch.ts";

const logger = getLogger(["hubbub", "hub"]);

/** Commands that may wait for the loop. Requests beyond it are refused as `unavailable`. */
const INBOX_CAPACITY = 65_536;

/**
 * A turn ends after about so many bytes of messages, so that the frame it makes for each member stays
 * well below the least useful outgoing queue.
 */
const TURN_BYTES = 256 * 1024;

/** What a message adds to a frame beside its content, in bytes, for `TURN_BYTES`. */
const MESSAGE_OVERHEAD = 64;

/**
 * What any other request may add, in bytes. Also bounds how many enter or leave in one turn: each of
 * them sees a part of it that is encoded for it alone.
 */
const REQUEST_OVERHEAD = 1024;

/** What the loop is told to do. */
export type Command =
  | { kind: "register"; client: Client }
  | { kind: "unregister"; client: Client }
  | { kind: "request"; client: Client; request: ClientRequest }
  | { kind: "sweep" }
  | { kind: "announce"; content: string }
  | { kind: "call"; call: Call }
  | { kind: "stop"; content: string }
  | ReadCommand;

/** Limits of the hub. Milliseconds, bytes, counts; 0 is off for the two durations. */
export interface HubOptions extends ClientLimits {
  readonly maxRooms: number;
  readonly maxFile: number;
  readonly loginTimeout: number;
  readonly idleKick: number;
  /** Absent: no files. */
  readonly files?: FileStore;
  /** Names that nobody can have, because programs speak under them. */
  readonly reservedNames?: Iterable<string>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Makes a secret that nobody can guess. */
  readonly newSession?: () => string;
}

/** Who is where, and what happens next. */
export class Hub implements ClientHost, HubCommands {
  readonly #store: Store;
  readonly #options: HubOptions;
  readonly #now: () => number;
  readonly #inbox = new Channel<Command>(INBOX_CAPACITY);
  readonly #registry = new Registry();
  readonly #retryLoop = new RetryLoop();
  readonly #pace = new FlushThrottle();
  /** Connections that have not logged in, and since when. */
  readonly #strangers = new Map<Client, number>();
  readonly #context: RequestContext;
  #connections = 0;
  #stopping: string | undefined;

  constructor(store: Store, options: HubOptions) {
    this.#store = store;
    this.#options = options;
    this.#now = options.now ?? Date.now;
    const { files, maxFile, reservedNames = [] } = options;
    this.#context = {
      registry: this.#registry,
      files: files && new FileService(files, maxFile, this),
      reservedNames: new Set(Array.from(reservedNames, foldName)),
      // Half of the queue, so that the other half is left for what happens while it goes out.
      reads: new Reads(store, options.maxQueue / 2, (command) => this.#post(command)),
      maxRooms: options.maxRooms,
      disconnect: (client, code, reason) => this.disconnected(client, code, reason),
      loginChanged: (client) => this.#loginChanged(client),
    };
  }

  /** Takes an open socket in. Its client exists at once; the loop greets it in its next turn. */
  connect(socket: Socket, identity: Pick<ClientIdentity, "ip" | "codec">): Client {
    const client = new Client(socket, {
      ...identity,
      number: ++this.#connections,
      session: this.#options.newSession?.() ?? crypto.randomUUID(),
    }, { host: this, limits: this.#options, retryLoop: this.#retryLoop, now: this.#now });
    socket.listen(client);
    this.#post({ kind: "register", client });
    logger.debug("Connection {number} from {ip}", { number: client.number, ip: client.ip });
    return client;
  }

  request(client: Client, request: ClientRequest): boolean {
    return this.#inbox.trySend({ kind: "request", client, request });
  }

  upload(client: Client, frame: Uint8Array): ErrorMessage | undefined {
    const { files } = this.#context;
    if (files !== undefined) return files.receive(client, frame, this.#now());
    return refuse("forbidden", "Cannot keep file: uploads are switched off");
  }

  call(call: Call): void {
    if (!this.#inbox.trySend({ kind: "call", call })) call.refused(busy(this.#inbox.closed));
  }

  disconnected(client: Client, code: number, reason: string): void {
    if (client.gone) return;
    client.gone = true;
    client.close(code, reason);
    this.#post({ kind: "unregister", client });
    logger.debug("Connection {number} ended: {code} {reason}", {
      number: client.number,
      code,
      reason,
    });
  }

  /**
   * Looks for connections that did not log in in time and for idle members, and tells large rooms who
   * came and went. Call it every second.
   */
  sweep(): void {
    this.#inbox.trySend({ kind: "sweep" });
  }

  /** Tells everybody something. */
  announce(content: string): void {
    this.#post({ kind: "announce", content });
  }

  /**
   * Takes nothing more in, keeps what is pending, tells everybody why, closes their connections (1001)
   * and ends `run`. Does not wait for the peers' answers.
   */
  stop(content: string): void {
    this.#post({ kind: "stop", content });
  }

  /** The loop. Ends after `stop`; never throws. */
  async run(): Promise<void> {
    let waiting: Command[] = [];
    while (this.#stopping === undefined) {
      if (waiting.length === 0) waiting = await this.#inbox.receiveAll();
      // What has arrived meanwhile shares this turn's commit and frames.
      await macrotask();
      if (this.#inbox.size > 0 && waiting.length < INBOX_CAPACITY) {
        waiting = waiting.concat(this.#inbox.drain());
      }
      waiting = waiting.slice(await this.#turn(waiting));
    }
    this.#inbox.close();
    for (const command of waiting.concat(this.#inbox.drain())) this.#tooLate(command);
    for (const client of this.#registry.clients.values()) {
      client.answer([{ type: "system", content: this.#stopping }]);
      this.disconnected(client, CloseCode.GoingAway, this.#stopping);
    }
  }

  /** One turn over the commands. Returns the index of the first that is left for the next one. */
  async #turn(commands: readonly Command[]): Promise<number> {
    const turn = new Turn(this.#now());
    let next = 0;
    for (let bytes = 0; next < commands.length && bytes < TURN_BYTES; next++) {
      const command = commands[next];
      if (command === undefined) break;
      this.#apply(command, turn);
      if (command.kind === "request") bytes += weigh(command.request);
    }
    if (turn.changes.length > 0) await this.#commit(turn);
    turn.sendAnswers();
    this.#pace.begin();
    for (const room of this.#registry.takeTouched()) await room.publish(turn.dropped, this.#pace);
    turn.end();
    return next;
  }

  async #commit(turn: Turn): Promise<void> {
    try {
      turn.settle(await this.#store.commit(turn.changes));
    } catch (error) {
      logger.error("The store could not keep {count} changes: {error}", {
        count: turn.changes.length,
        error,
      });
      turn.fail();
    }
  }

  #apply(command: Command, turn: Turn): void {
    try {
      this.#dispatch(command, turn);
    } catch (error) {
      if (command.kind === "call" && error instanceof Refused) return command.call.refused(error);
      logger.error("Command {kind} failed: {error}", { kind: command.kind, error });
      if (command.kind === "call") command.call.refused(error);
      if (command.kind !== "request") return;
      const { client, request } = command;
      const reason = "Cannot serve request: an internal error, which was logged";
      turn.answer(client, refuse("internal", reason, request.id));
    }
  }

  #dispatch(command: Command, turn: Turn): void {
    switch (command.kind) {
      case "request":
        return serve(command.request, command.client, turn, this.#context);
      case "register":
        return this.#register(command.client);
      case "unregister":
        return this.#unregister(command.client);
      case "answer":
        command.client.reads--;
        return turn.answer(command.client, command.message);
      case "rooms":
        return this.#answerRooms(command, turn);
      case "caught_up":
        return this.#catchUp(command);
      case "sweep":
        return this.#sweep(turn.now);
      case "announce":
        for (const client of this.#registry.clients.values()) {
          turn.answer(client, { type: "system", content: command.content });
        }
        return;
      case "call":
        return command.call.run(turn, this.#registry);
      case "stop":
        this.#stopping = command.content;
    }
  }

  #register(client: Client): void {
    this.#registry.clients.set(client.number, client);
    this.#registry.setLineage(client, []);
    this.#strangers.set(client, this.#now());
    const { maxMessage, maxFile, maxRooms, rate, burst } = this.#options;
    const lobby = this.#registry.rooms.get(LOBBY);
    client.answer([{
      type: "handshake",
      session: client.session,
      number: client.number,
      ip: client.ip,
      epoch: this.#store.epoch,
      ...(lobby?.presence() ?? { user_count: 0, user_list: [] }),
      limits: {
        content_bytes: maxMessage,
        name_length: MAX_NAME_LENGTH,
        rate,
        burst,
        rooms: maxRooms,
        file_bytes: maxFile,
        page: MAX_PAGE,
        replay: MAX_REPLAY,
        user_list: MAX_USER_LIST,
      },
    }]);
  }

  #unregister(client: Client): void {
    this.#strangers.delete(client);
    if (!this.#registry.clients.delete(client.number)) return;
    this.#registry.forgetSessions(client);
    if (client.name !== "") this.#registry.logout(client);
  }

  #loginChanged(client: Client): void {
    if (client.name === "") this.#strangers.set(client, this.#now());
    else this.#strangers.delete(client);
  }

  #answerRooms(command: Extract<Command, { kind: "rooms" }>, turn: Turn): void {
    const { client, request: { id }, summaries } = command;
    client.reads--;
    const rooms = listRooms(this.#registry.rooms, summaries);
    turn.answer(client, { type: "rooms", rooms, ...(id !== undefined && { id }) });
  }

  #catchUp(command: Extract<Command, { kind: "caught_up" }>): void {
    const { client, room, held, history } = command;
    client.reads--;
    const events = room.release(client, held, history.last);
    if (events === undefined) return;
    client.answer([history]);
    client.deliver(new Delivery(events));
  }

  #sweep(now: number): void {
    this.#registry.tellPresence();
    const { loginTimeout, idleKick } = this.#options;
    for (const [client, since] of this.#strangers) {
      if (loginTimeout === 0 || now - since < loginTimeout) break;
      this.disconnected(client, CloseCode.LoginTimeout, "No login in time");
    }
    if (idleKick === 0) return;
    for (const client of this.#registry.clients.values()) {
      if (client.name === "" || now - client.lastActive < idleKick) continue;
      const content = `You were idle for ${Math.round(idleKick / 1000)} s and are logged out`;
      client.answer([{ type: "system", content }]);
      this.#registry.logout(client);
      this.disconnected(client, CloseCode.Idle, "Idle");
    }
  }

  /** Puts a command in that must not be lost, waiting for a place if need be. */
  #post(command: Command): void {
    // Refused only once the inbox is closed.
    this.#inbox.send(command).catch(() => this.#tooLate(command));
  }

  /** Lets go of who came in after the end; whatever else comes then has nobody left to be told. */
  #tooLate(command: Command): void {
    if (command.kind === "call") command.call.refused(busy(true));
    if (command.kind !== "register") return;
    this.disconnected(command.client, CloseCode.GoingAway, this.#stopping ?? "");
  }
}

/** About how many bytes a request adds to the frame of a turn. */
function weigh(request: ClientRequest): number {
  if (request.type === "user") return request.content.length + MESSAGE_OVERHEAD;
  return "content" in request ? request.content.length + REQUEST_OVERHEAD : REQUEST_OVERHEAD;
}
