/**
 * Delivers what the broker brings to the connections of this server.
 *
 * @module
 */
import type { DirectMessage, Publication, Subscriber } from "../broker/broker.ts";
import { Delivery, FlushThrottle } from "../client/outgoing.ts";
import { isDirectRoom, type ServerMessage, shownRoom } from "../protocol.ts";
import type { Registry } from "./registry.ts";

/** A publication that needed no waiting. */
const DELIVERED = Promise.resolve();

/** Takes publications. */
export class Deliverer implements Subscriber {
  readonly #registry: Registry;
  readonly #throttle = new FlushThrottle();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** A batch is about to be published. */
  begin(): void {
    this.#throttle.begin();
  }

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

  /**
   * Sends the connections of each user its messages in one frame. A connection that may see certain rooms
   * only is told nothing about others.
   */
  #deliverDirect(messages: readonly DirectMessage[]): void {
    for (const [to, own] of Map.groupBy(messages, ({ to }) => to)) {
      const shown = own.map(({ message }) =>
        "room" in message && isDirectRoom(message.room)
          ? { ...message, room: shownRoom(message.room, to) }
          : message
      );
      const delivery = new Delivery(shown, { isPersonal: true });
      for (const { connection, principal } of this.#registry.findUser(to)?.participants ?? []) {
        const { rooms } = principal;
        const isVisible = (message: ServerMessage) =>
          rooms === undefined || "room" in message && rooms.includes(message.room);
        if (shown.every(isVisible)) connection.deliver(delivery);
        else connection.deliver(new Delivery(shown.filter(isVisible), { isPersonal: true }));
      }
    }
  }
}
