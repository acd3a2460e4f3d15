/**
 * The one loop that owns who is where. Everything that changes state comes through its inbox as a typed
 * command. Each tick applies what has gathered there as one batch, has the store commit it, and only then
 * publishes it: nobody is shown anything that was not committed.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Broker, DirectMessage, Publication, Subscriber } from "./broker/broker.ts";
import { LocalBroker } from "./broker/local.ts";
import {
  Connection,
  type ConnectionHost,
  type ConnectionInfo,
  type ConnectionLimits,
} from "./client.ts";
import { Delivery, FlushThrottle, macrotask, RetryLoop } from "./client/outgoing.ts";
import type { FileStore } from "./files/file_store.ts";
import { Batch } from "./hub/batch.ts";
import { Channel } from "./hub/channel.ts";
import { busy, type HubCommand, type HubCommands } from "./hub/commands.ts";
import type { RequestContext } from "./hub/context.ts";
import { FileService } from "./hub/file_service.ts";
import { handshake } from "./hub/handshake.ts";
import { listRooms, type ReadCommand, Reads } from "./hub/reads.ts";
import { Refused } from "./hub/refused.ts";
import { type Participant, Registry } from "./hub/registry.ts";
import { serve } from "./hub/requests.ts";
import { HubStatistics } from "./hub/statistics.ts";
import { type Metrics, NO_METRICS } from "./metrics/metrics.ts";
import { Policy } from "./people/policy.ts";
import { ANONYMOUS } from "./people/principal.ts";
import { type ClientRequest, CloseCode, type ErrorMessage, LOBBY, refuse } from "./protocol.ts";
import type { Store } from "./store/store.ts";
import type { Socket } from "./transport/socket.ts";

const logger = getLogger(["hubbub", "hub"]);

/** Maximum commands that wait for the loop. Requests beyond it are refused as `unavailable`. */
const INBOX_CAPACITY = 65_536;

/** A publication that needed no waiting. */
const DELIVERED = Promise.resolve();

/** What the loop is told to do. */
export type Command =
  | { kind: "register"; connection: Connection }
  | { kind: "unregister"; connection: Connection }
  | { kind: "request"; connection: Connection; request: ClientRequest }
  | { kind: "sweep" }
  | { kind: "announce"; content: string }
  | { kind: "command"; command: HubCommand }
  | { kind: "stop"; content: string }
  | ReadCommand;

/** Limits of the hub, and what is handed in. Milliseconds, bytes, counts; a duration of 0 is off. */
export interface HubOptions extends ConnectionLimits {
  readonly maxRooms: number;
  readonly maxFile: number;
  readonly loginTimeout: number;
  readonly idleKick: number;
  /** Absent: no files. */
  readonly files?: FileStore;
  /** Default: one that reserves no names. */
  readonly policy?: Policy;
  /** Default: that of a single server. */
  readonly broker?: Broker;
  /** Default: none. */
  readonly metrics?: Metrics;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Makes a secret that nobody can guess. */
  readonly newSession?: () => string;
}

/** Who is where, and what happens next. */
export class Hub implements ConnectionHost, HubCommands, Subscriber {
  readonly #store: Store;
  readonly #broker: Broker;
  readonly #statistics: HubStatistics;
  readonly #options: HubOptions;
  readonly #now: () => number;
  readonly #inbox = new Channel<Command>(INBOX_CAPACITY);
  readonly #registry: Registry;
  readonly #retryLoop = new RetryLoop();
  readonly #throttle = new FlushThrottle();
  /** Participants that have not logged in, and since when. */
  readonly #unauthenticated = new Map<Participant, number>();
  readonly #context: RequestContext;
  #connections = 0;
  #stopping: string | undefined;

  constructor(store: Store, options: HubOptions) {
    const { files, maxFile, maxRooms, broker, policy, metrics, now } = options;
    this.#store = store;
    this.#options = options;
    this.#now = now ?? Date.now;
    this.#statistics = new HubStatistics(metrics ?? NO_METRICS);
    this.#broker = broker ?? new LocalBroker();
    this.#broker.subscribe(this);
    this.#registry = new Registry(this.#broker);
    this.#context = {
      registry: this.#registry,
      policy: policy ?? new Policy(),
      files: files && new FileService(files, maxFile, this),
      // Half of the queue; the other half is left for what happens while the answer goes out.
      reads: new Reads(store, options.maxQueue / 2, (command) => this.#post(command)),
      maxRooms,
      disconnect: ({ connection }, code, reason) => this.disconnected(connection, code, reason),
      loginChanged: (participant) => this.#loginChanged(participant),
    };
  }

  /** Takes an open socket. Its connection exists at once; the loop greets it in its next batch. */
  connect(
    socket: Socket,
    info: Pick<ConnectionInfo, "ip" | "codec"> & Partial<Pick<ConnectionInfo, "principal">>,
  ): Connection {
    const connection = new Connection(socket, {
      principal: ANONYMOUS,
      ...info,
      number: ++this.#connections,
      session: this.#options.newSession?.() ?? crypto.randomUUID(),
    }, { host: this, limits: this.#options, retryLoop: this.#retryLoop, now: this.#now });
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

  upload(connection: Connection, frame: Uint8Array): ErrorMessage | undefined {
    const { files } = this.#context;
    if (files !== undefined) return files.receive(connection, frame, this.#now());
    return refuse("forbidden", "Cannot store file: uploads are switched off");
  }

  command(command: HubCommand): void {
    if (!this.#inbox.trySend({ kind: "command", command })) {
      command.refused(busy(this.#inbox.closed));
    }
  }

  disconnected(connection: Connection, code: number, reason: string): void {
    if (connection.isClosed) return;
    connection.close(code, reason);
    this.#statistics.ended(code);
    this.#post({ kind: "unregister", connection });
    logger.debug("Connection {number} ended: {code} {reason}", {
      number: connection.number,
      code,
      reason,
    });
  }

  /**
   * Closes connections that did not log in in time and those of idle members, and delivers entries and
   * exits that large rooms deferred. Call it every second.
   */
  sweep(): void {
    this.#inbox.trySend({ kind: "sweep" });
  }

  /** Tells everybody something. */
  announce(content: string): void {
    this.#post({ kind: "announce", content });
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

  /** Delivers what the broker brings to the connections of this server. */
  deliver(publication: Publication): Promise<void> {
    switch (publication.kind) {
      case "room": {
        const room = this.#registry.findRoom(publication.room);
        return room?.deliver(publication.events, this.#throttle) ?? DELIVERED;
      }
      case "direct":
        this.#deliverDirect(publication.messages);
        return DELIVERED;
      case "everybody": {
        const delivery = new Delivery([publication.message]);
        for (const { connection } of this.#registry.participants) connection.deliver(delivery);
        return DELIVERED;
      }
    }
  }

  /** Sends each connection its messages in one frame. */
  #deliverDirect(messages: readonly DirectMessage[]): void {
    for (const [to, own] of Map.groupBy(messages, ({ to }) => to)) {
      this.#registry.find({ number: to })?.answer(own.map(({ message }) => message));
    }
  }

  /** One batch of the commands. Returns the index of the first that is left for the next one. */
  async #tick(commands: readonly Command[]): Promise<number> {
    const batch = new Batch(this.#now());
    let next = 0;
    for (const command of commands) {
      if (batch.isFull) break;
      this.#apply(command, batch);
      next++;
    }
    if (batch.changes.length > 0) await this.#commit(batch);
    batch.runTasks();
    batch.sendAnswers();
    await this.#publish(batch);
    this.#statistics.requests += next;
    this.#statistics.changes += batch.changes.length;
    this.#statistics.batches++;
    return next;
  }

  async #commit(batch: Batch): Promise<void> {
    try {
      batch.settle(await this.#store.commit(batch.changes));
    } catch (error) {
      this.#statistics.failedCommits++;
      logger.error("The store could not commit {count} changes: {error}", {
        count: batch.changes.length,
        error,
      });
      batch.fail();
    }
  }

  async #publish(batch: Batch): Promise<void> {
    this.#throttle.begin();
    const { directMessages: messages, announcements } = batch;
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
      if (command.kind !== "request") return;
      const { connection, request } = command;
      const reason = "Cannot serve request: an internal error, which was logged";
      connection.answer([refuse("internal", reason, request.id)]);
    }
  }

  #dispatch(command: Command, batch: Batch): void {
    switch (command.kind) {
      case "request": {
        const from = this.#registry.find(command.connection);
        batch.weigh(command.request);
        if (from !== undefined) serve(command.request, { from, batch }, this.#context);
        return;
      }
      case "register":
        return this.#register(command.connection);
      case "unregister":
        return this.#unregister(command.connection);
      case "answer":
        return this.#answerRead(command.connection, (participant) => {
          batch.answer(participant, command.message);
        });
      case "rooms":
        return this.#answerRead(command.connection, (participant) => {
          const { request: { id }, summaries } = command;
          const rooms = listRooms(this.#registry.rooms, summaries);
          batch.answer(participant, { type: "rooms", rooms, ...(id !== undefined && { id }) });
        });
      case "caught_up":
        return this.#endCatchUp(command);
      case "sweep":
        return this.#sweep(batch.now);
      case "announce":
        return batch.announce({ type: "system", content: command.content });
      case "command":
        return command.command.run(batch, this.#registry);
      case "stop":
        this.#stopping = command.content;
    }
  }

  #register(connection: Connection): void {
    this.#unauthenticated.set(this.#registry.add(connection), this.#now());
    const lobby = this.#registry.findRoom(LOBBY);
    connection.answer([handshake(connection, {
      limits: this.#options,
      epoch: this.#store.epoch,
      lobby: lobby?.presence() ?? { user_count: 0, user_list: [] },
    })]);
  }

  #unregister(connection: Connection): void {
    const participant = this.#registry.find(connection);
    if (participant !== undefined) this.#unauthenticated.delete(participant);
    this.#registry.remove(connection);
  }

  #loginChanged(participant: Participant): void {
    if (participant.isLoggedIn) this.#unauthenticated.delete(participant);
    else this.#unauthenticated.set(participant, this.#now());
  }

  #answerRead(connection: Connection, answer: (participant: Participant) => void): void {
    const participant = this.#registry.find(connection);
    if (participant === undefined) return;
    participant.reads--;
    answer(participant);
  }

  #endCatchUp({ returning, history }: Extract<Command, { kind: "caught_up" }>): void {
    const { connection, room, catchUp } = returning;
    this.#answerRead(connection, (participant) => {
      const events = participant.room(room)?.endCatchUp(participant, catchUp, history.last);
      if (events === undefined) return;
      connection.answer([history]);
      connection.deliver(new Delivery(events));
    });
  }

  #sweep(now: number): void {
    for (const room of this.#registry.rooms) {
      if (room.hasDeferred) this.#registry.touch(room.name).deliverDeferred();
    }
    const { loginTimeout, idleKick } = this.#options;
    for (const [{ connection }, since] of this.#unauthenticated) {
      if (loginTimeout === 0 || now - since < loginTimeout) break;
      this.disconnected(connection, CloseCode.LoginTimeout, "No login in time");
    }
    if (idleKick === 0) return;
    for (const participant of this.#registry.participants) {
      const { connection } = participant;
      if (!participant.isLoggedIn || now - connection.lastActive < idleKick) continue;
      const content = `You were idle for ${Math.round(idleKick / 1000)} s and are logged out`;
      connection.answer([{ type: "system", content }]);
      this.#registry.logout(participant);
      this.disconnected(connection, CloseCode.Idle, "Idle");
    }
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
