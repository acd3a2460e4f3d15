/**
 * The one loop that owns who is where. Everything that changes state comes through its inbox as a typed
 * command. Each tick applies what has gathered there as one batch, has the store commit it, and only then
 * publishes it: nobody is shown anything that was not committed.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { getLogger } from "@logtape/logtape";
import type { Broker } from "./broker/broker.ts";
import { steadyNow } from "./clock/steady.ts";
import { LocalBroker } from "./broker/local.ts";
import { Connection, type ConnectionHost, type ConnectionInfo } from "./client.ts";
import { allowancesOf } from "./client/allowances.ts";
import { macrotask, RetryLoop } from "./client/outgoing.ts";
import { Batch } from "./hub/batch.ts";
import { Channel } from "./hub/channel.ts";
import { busy, type HubCommand, type HubCommands } from "./hub/commands.ts";
import type { RequestContext } from "./hub/context.ts";
import { Deliverer } from "./hub/delivery.ts";
import { endIfBanned, enforce, uploadRefusal } from "./hub/enforcement.ts";
import { FileService } from "./hub/file_service.ts";
import { handshake } from "./hub/handshake.ts";
import type { HubOptions } from "./hub/options.ts";
import { ReadAnswers } from "./hub/read_answers.ts";
import { type ReadCommand, Reads } from "./hub/reads.ts";
import { Memberships } from "./hub/memberships.ts";
import type { Participant } from "./hub/participant.ts";
import { PendingRequests } from "./hub/pending_requests.ts";
import { Registry } from "./hub/registry.ts";
import { renameLimit } from "./hub/rename.ts";
import { Sweeper } from "./hub/sweep.ts";
import { type UserChanged, UserChanges } from "./hub/user_changes.ts";
import { HubStatistics } from "./hub/statistics.ts";
import { RoomMakers } from "./hub/room_makers.ts";
import type { LookedUp } from "./hub/pending_requests.ts";
import type { Allowances } from "./limits/allowances.ts";
import { noteEnd, noteRefused, reasonOf, type Refusing } from "./hub/refused.ts";
import { NO_METRICS } from "./metrics/metrics.ts";
import { Policy } from "./people/policy.ts";
import { ANONYMOUS } from "./people/principal.ts";
import { NO_SANCTIONS } from "./people/sanctions.ts";
import {
  type ClientRequest,
  CloseCode,
  type ErrorMessage,
  LOBBY,
  MAX_FILE_FRAME_OVERHEAD,
  refuse,
  Refused,
} from "./protocol.ts";
import type { Store } from "./store/store.ts";
import type { Socket } from "./transport/socket.ts";

const logger = getLogger(["hubbub", "hub"]);

/** Maximum commands that wait for the loop. Requests beyond it are refused as `unavailable`. */
const INBOX_CAPACITY = 65_536;

/** What the loop is told to do. */
export type Command =
  | { kind: "register"; connection: Connection }
  | { kind: "unregister"; connection: Connection; code: number }
  | { kind: "request"; connection: Connection; request: ClientRequest }
  | LookedUp
  | UserChanged
  | { kind: "sanctions_changed" }
  | { kind: "sweep" }
  | { kind: "command"; command: HubCommand }
  | { kind: "stop"; content: string }
  | ReadCommand;

export type { HubOptions } from "./hub/options.ts";

/** Who is where, and what happens next. */
export class Hub implements ConnectionHost, HubCommands {
  readonly #store: Store;
  readonly #broker: Broker;
  readonly #statistics: HubStatistics;
  readonly #options: HubOptions;
  readonly #now: () => number;
  readonly #steady: () => number;
  readonly #inbox = new Channel<Command>(INBOX_CAPACITY);
  readonly #registry: Registry;
  readonly #retryLoop: RetryLoop;
  readonly #allowances: Allowances;
  readonly #deliverer: Deliverer;
  readonly #sweeper: Sweeper;
  readonly #userChanges: UserChanges;
  readonly #context: RequestContext;
  readonly #pending: PendingRequests;
  readonly #readAnswers: ReadAnswers;
  readonly #files: FileService | undefined;
  #connections = 0;
  #stopping: string | undefined;

  constructor(store: Store, options: HubOptions) {
    const { files, maxFile, register, maxRooms, broker, policy, metrics, now, visits, rooms } =
      options;
    const { sanctions = NO_SANCTIONS } = options;
    this.#store = store;
    this.#options = options;
    this.#now = now ?? Date.now;
    this.#steady = options.steady ?? steadyNow;
    this.#retryLoop = options.retryLoop ?? new RetryLoop();
    this.#allowances = options.allowances ?? allowancesOf(options, this.#steady);
    this.#broker = broker ?? new LocalBroker();
    const makers = new RoomMakers(options);
    this.#registry = new Registry(this.#broker, visits, makers);
    this.#broker.subscribe(this.#deliverer = new Deliverer(this.#registry));
    const post = (command: Command) => this.#post(command);
    const refused = (connection: Refusing, error: Refused) =>
      noteRefused(options.refusals, connection, reasonOf(error));
    this.#files = files && new FileService(files, { maxFile, register, hub: this, refused });
    const disconnect = (...args: Parameters<Hub["disconnected"]>) => this.disconnected(...args);
    this.#sweeper = new Sweeper(options, disconnect);
    this.#statistics = new HubStatistics(metrics ?? NO_METRICS, {
      inbox: this.#inbox,
      sweeper: this.#sweeper,
      registry: this.#registry,
    });
    const changes = this.#userChanges = new UserChanges(() => this.#context, post, disconnect);
    this.#context = {
      registry: this.#registry,
      memberships: new Memberships(rooms, sanctions),
      sanctions,
      makers,
      renames: renameLimit(options.rate, this.#steady),
      policy: policy ?? new Policy(),
      visits,
      files: this.#files,
      searches: options.searches,
      // Half of the queue; the other half is left for what happens while the answer goes out.
      reads: new Reads({ store, visits, statistics: this.#statistics }, options.maxQueue / 2, post),
      maxRooms,
      loginChanged: (participant) => this.#loginChanged(participant),
      disconnect,
      refused,
      now: this.#now,
      userChanges: changes,
    };
    this.#pending = new PendingRequests(
      this.#context,
      post,
      (connection) => this.#remove(connection),
    );
    this.#readAnswers = new ReadAnswers(this.#context);
    visits.watch((user) => changes.lookAgain(user));
    sanctions.watch(() => post({ kind: "sanctions_changed" }));
  }

  /** Takes an open socket. Its connection exists at once; the loop greets it in its next batch. */
  connect(
    socket: Socket,
    info:
      & Pick<ConnectionInfo, "ip" | "codec">
      & Partial<Pick<ConnectionInfo, "principal" | "agent" | "place">>,
  ): Connection {
    const connection = new Connection(socket, {
      principal: ANONYMOUS,
      agent: "",
      ...info,
      number: ++this.#connections,
      session: this.#newSession(),
    }, {
      host: this,
      limits: this.#options,
      allowance: this.#allowances.ofConnection(info.ip),
      maxUpload: this.#files === undefined ? 0 : this.#options.maxFile + MAX_FILE_FRAME_OVERHEAD,
      retryLoop: this.#retryLoop,
      now: this.#steady,
    });
    socket.listen(connection);
    this.#statistics.connectionsOpened++;
    this.#post({ kind: "register", connection });
    logger.debug("Connection {number} from {ip}", {
      number: connection.number,
      ip: connection.ip,
    });
    return connection;
  }

  request(connection: Connection, request: ClientRequest): boolean {
    return this.#inbox.trySend({ kind: "request", connection, request });
  }

  refused(connection: Connection, reason: "rate" | "too_large"): void {
    noteRefused(this.#options.refusals, connection, reason);
  }

  upload(connection: Connection, frame: Uint8Array): ErrorMessage | undefined {
    if (this.#files === undefined) {
      return refuse("forbidden", "Cannot store file: uploads are switched off");
    }
    return uploadRefusal(connection, this.#context) ??
      this.#files.receive(connection, frame, this.#steady());
  }

  command(command: HubCommand): void {
    if (!this.#inbox.trySend({ kind: "command", command })) {
      command.refused(busy(this.#inbox.closed));
    }
  }

  disconnected(connection: Connection, code: number, reason: string, byPeer = false): void {
    if (connection.isClosed) return;
    connection.close(code, reason);
    if (!byPeer) noteEnd(this.#options.refusals, connection, code);
    this.#statistics.ended(code);
    this.#post({ kind: "unregister", connection, code });
    logger.debug("Connection {number} ended: {code} {reason}", {
      number: connection.number,
      code,
      reason,
    });
  }

  /** See {@linkcode Sweeper}. Call it every second. */
  sweep(): void {
    this.#inbox.trySend({ kind: "sweep" });
  }

  /**
   * Takes nothing more, commits what is pending, tells everybody why, closes their connections (1001) and
   * ends `run`. Does not wait for the peers' answers.
   */
  stop(content: string): void {
    this.#post({ kind: "stop", content });
  }

  /** The loop. Ends after `stop`; never throws. */
  async run(): Promise<void> {
    let waiting: Command[] = [];
    while (this.#stopping === undefined) {
      if (waiting.length === 0) waiting = await this.#inbox.receiveAll();
      // What has arrived meanwhile shares this batch's commit and frames.
      await macrotask();
      if (this.#inbox.size > 0 && waiting.length < INBOX_CAPACITY) {
        waiting = waiting.concat(this.#inbox.drain());
      }
      waiting = waiting.slice(await this.#tick(waiting));
    }
    this.#inbox.close();
    for (const command of waiting.concat(this.#inbox.drain())) this.#tooLate(command);
    for (const { connection } of this.#registry.participants) {
      connection.answer([{ type: "system", content: this.#stopping }]);
      this.disconnected(connection, CloseCode.GoingAway, this.#stopping);
    }
  }

  /** One batch of the commands. Returns the index of the first that is left for the next one. */
  async #tick(commands: readonly Command[]): Promise<number> {
    const start = performance.now();
    const batch = new Batch(this.#now(), (name) => this.#registry.findRoom(name));
    let next = 0;
    for (const command of commands) {
      if (batch.isFull) break;
      this.#apply(command, batch);
      next++;
    }
    this.#context.makers.keep(batch, this.#context.memberships);
    if (batch.changes.length > 0) await this.#commit(batch);
    batch.runTasks();
    batch.sendAnswers();
    await this.#publish(batch);
    this.#statistics.served(batch, next, performance.now() - start);
    return next;
  }

  async #commit(batch: Batch): Promise<void> {
    const start = performance.now();
    try {
      batch.settle(await this.#store.commit(batch.changes));
    } catch (error) {
      this.#statistics.failedCommits++;
      logger.error("The store could not commit {count} changes: {error}", {
        count: batch.changes.length,
        error,
      });
      batch.fail(error);
    }
    this.#statistics.commitSeconds.observe((performance.now() - start) / 1000);
  }

  async #publish(batch: Batch): Promise<void> {
    this.#deliverer.begin();
    const { directMessages, announcements } = batch;
    const messages = directMessages.filter(({ message }) => !batch.dropped.has(message));
    if (messages.length > 0) await this.#broker.publish({ kind: "direct", messages });
    for (const message of announcements) {
      await this.#broker.publish({ kind: "everybody", message });
    }
    for (const room of this.#registry.takeTouched()) {
      const events = room.takeRecorded(batch.dropped);
      await this.#broker.publish({ kind: "room", room: room.name, events });
      this.#registry.removeIfEmpty(room);
    }
  }

  #apply(command: Command, batch: Batch): void {
    try {
      this.#dispatch(command, batch);
    } catch (error) {
      if (command.kind === "command") command.command.refused(error);
      if (command.kind === "command" && error instanceof Refused) return;
      logger.error("Command {kind} failed: {error}", { kind: command.kind, error });
    }
  }

  #dispatch(command: Command, batch: Batch): void {
    switch (command.kind) {
      case "request": {
        const from = this.#registry.find(command.connection);
        if (from !== undefined) this.#pending.serve(command.request, { from, batch });
        return;
      }
      case "looked_up":
        return this.#pending.resume(command, batch);
      case "user_changed":
        return this.#userChanges.apply(command, batch);
      case "register":
        return this.#register(command.connection, batch.now);
      case "unregister":
        return this.#unregister(command);
      case "answer":
      case "rooms":
      case "caught_up":
        return this.#readAnswers.apply(command, batch);
      case "sanctions_changed":
        return enforce(batch, this.#context);
      case "sweep":
        return this.#sweeper.sweep(this.#registry, { now: batch.now, steady: this.#steady() });
      case "command":
        return command.command.run(batch, this.#context);
      case "stop":
        this.#stopping = command.content;
    }
  }

  #register(connection: Connection, now: number): void {
    const participant = this.#registry.add(connection, now);
    this.#sweeper.waitForLogin(participant, this.#steady());
    const { policy, memberships } = this.#context;
    const { principal } = connection;
    const lobby = policy.maySee(principal, memberships.access(LOBBY, principal.user?.id))
      ? this.#registry.findRoom(LOBBY)
      : undefined;
    connection.answer([handshake(connection, {
      limits: this.#options,
      epoch: this.#store.epoch,
      run: this.#store.run,
      lobby: lobby?.presence() ?? { user_count: 0, user_list: [] },
    })]);
    // A ban may have come since the request to connect.
    endIfBanned(participant, this.#context);
  }

  #unregister({ connection, code }: Extract<Command, { kind: "unregister" }>): void {
    const participant = this.#registry.find(connection);
    const isOver = code === CloseCode.SessionEnded || code === CloseCode.Kicked;
    if (participant?.waiting === undefined || isOver) this.#remove(connection);
    else participant.hasEnded = true;
  }

  #remove(connection: Connection): void {
    const participant = this.#registry.find(connection);
    if (participant !== undefined) this.#sweeper.stopWaiting(participant);
    this.#registry.remove(connection);
  }

  #loginChanged(participant: Participant): void {
    if (participant.isLoggedIn) this.#sweeper.stopWaiting(participant);
    else {
      this.#sweeper.waitForLogin(participant, this.#steady());
      // What the handshake told is the session of whoever was logged in so far.
      participant.secret = this.#newSession();
    }
  }

  #newSession(): string {
    return this.#options.newSession?.() ?? randomBytes(32).toString("base64url");
  }

  /** Posts a command that must not be lost, waiting for room in the inbox if need be. */
  #post(command: Command): void {
    // Refused only once the inbox is closed.
    this.#inbox.send(command).catch(() => this.#tooLate(command));
  }

  /** Closes a connection that came after the end; other commands have nobody left to be answered. */
  #tooLate(command: Command): void {
    if (command.kind === "command") command.command.refused(busy(true));
    if (command.kind !== "register") return;
    this.disconnected(command.connection, CloseCode.GoingAway, this.#stopping ?? "");
  }
}
