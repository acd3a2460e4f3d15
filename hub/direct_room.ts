/**
 * A direct conversation: a room of two in which all connections of both users are, without entering. Each of
 * the two is shown it under the other's id; clients that know no such rooms are shown `direct` messages.
 *
 * @module
 */
import type { RoomPresence } from "../broker/broker.ts";
import { Delivery } from "../client/outgoing.ts";
import { type ServerMessage, shownRoom, type User, type UserMessage } from "../protocol.ts";
import { type Member, Room } from "./room.ts";

/** A direct conversation in which something is on its way. */
export class DirectRoom extends Room {
  readonly #users: readonly [User, User];

  /** @param users the two; twice the same for somebody's conversation with themselves */
  constructor(name: string, presence: RoomPresence, users: readonly [User, User]) {
    super(name, presence);
    this.#users = users;
  }

  override get userCount(): number {
    return this.users().length;
  }

  /** The two, connected or not. */
  override users(): User[] {
    const [one, other] = this.#users;
    return one.id === other.id ? [one] : [one, other];
  }

  override get isIdle(): boolean {
    return !this.isCatchingUp;
  }

  override show(events: readonly ServerMessage[], member: Member): ServerMessage[] {
    const { user, connection: { codec } } = member;
    const room = shownRoom(this.name, user.id);
    return events.map((event): ServerMessage => {
      if (codec.direct && (event.type === "user" || event.type === "file")) {
        return this.#toDirect(event);
      }
      return "room" in event ? { ...event, room } : event;
    });
  }

  protected override share(events: readonly ServerMessage[]): (member: Member) => Delivery {
    const deliveries = new Map<string, Delivery>();
    return (member) => {
      const key = `${member.connection.codec.direct} ${member.user.id}`;
      let delivery = deliveries.get(key);
      if (delivery === undefined) {
        deliveries.set(key, delivery = this.#deliveryTo(member, events));
      }
      return delivery;
    };
  }

  #deliveryTo(member: Member, events: readonly ServerMessage[]): Delivery {
    return new Delivery(this.show(events, member), { isPersonal: true });
  }

  #toDirect({ from, by = "", content, time, id, file }: UserMessage): ServerMessage {
    const [one, other] = this.#users;
    return {
      type: "direct",
      from,
      by,
      to: one.id === by ? other.name : one.name,
      content: file === undefined ? content : `${content} ${file.url}`,
      time,
      ...(id !== undefined && { id }),
    };
  }
}
