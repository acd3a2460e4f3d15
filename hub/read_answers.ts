/**
 * Hands what was read from the store to whoever asked for it, if it is still there for them: they may have
 * left, logged out or been removed from the room since.
 *
 * @module
 */
import { Delivery } from "../client/outgoing.ts";
import { isDirectRoom, refuse } from "../protocol.ts";
import type { Batch } from "./batch.ts";
import type { RequestContext } from "./context.ts";
import type { Participant } from "./participant.ts";
import type { ReadCommand, Viewer } from "./reads.ts";
import { listRooms } from "./room_list.ts";

type CommandOf<K extends ReadCommand["kind"]> = Extract<ReadCommand, { kind: K }>;

/** What has been sent of a room that could not be read. */
const NOTHING_SHOWN = { first: 0, last: 0, change: 0 };

/** Hands out answers. */
export class ReadAnswers {
  readonly #context: RequestContext;

  constructor(context: RequestContext) {
    this.#context = context;
  }

  /** Hands out one answer. */
  apply(command: ReadCommand, batch: Batch): void {
    const participant = this.#findReader(command.viewer);
    if (command.kind === "caught_up") return this.#endCatchUp(command, participant);
    if (participant === undefined) return;
    // Memberships of this batch count only once they are committed.
    batch.afterCommit(() => {
      if (command.kind === "answer") this.#answer(command, participant, batch);
      else this.#answerRooms(command, participant, batch);
    });
  }

  /** Who waits for the answer; `undefined` if the connection is gone, or somebody else's by now. */
  #findReader({ connection, user }: Viewer): Participant | undefined {
    const participant = this.#context.registry.find(connection);
    if (participant === undefined) return undefined;
    participant.reads--;
    return participant.user.id === user ? participant : undefined;
  }

  #answer(
    { message, rooms }: CommandOf<"answer">,
    participant: Participant,
    batch: Batch,
  ): void {
    if (rooms.every((room) => this.#maySee(participant, room))) {
      return batch.answer(participant, message);
    }
    const id = "id" in message ? message.id : undefined;
    const problem = "you are not in this room any more; ask again";
    batch.answer(participant, refuse("not_in_room", `Cannot read: ${problem}`, id));
  }

  #answerRooms(
    { request, page }: CommandOf<"rooms">,
    participant: Participant,
    batch: Batch,
  ): void {
    const { registry, memberships } = this.#context;
    const isVisible = (room: string) => this.#maySee(participant, room);
    const visibility = { only: participant.principal.rooms, isVisible };
    batch.answer(participant, listRooms(page, request, registry, memberships, visibility));
  }

  #endCatchUp(
    { room: name, catchUp, answer }: CommandOf<"caught_up">,
    participant: Participant | undefined,
  ): void {
    const { registry } = this.#context;
    const room = registry.findRoom(name);
    const shown = answer.type === "history" ? answer : NOTHING_SHOWN;
    const events = participant && room?.endCatchUp(participant, catchUp, shown);
    if (room !== undefined && isDirectRoom(name)) registry.removeIfEmpty(room);
    if (participant === undefined || events === undefined) return;
    participant.connection.answer([answer]);
    participant.connection.deliver(new Delivery(events));
  }

  #maySee({ principal, user }: Participant, room: string): boolean {
    const { policy, memberships } = this.#context;
    return policy.maySee(principal, memberships.access(room, user.id));
  }
}
