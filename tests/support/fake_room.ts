/**
 * A room without a hub around it, and members who remember what they are sent.
 *
 * @module
 */
import { LocalBroker } from "../../broker/local.ts";
import { type Delivery, FlushThrottle } from "../../client/outgoing.ts";
import { type Member, Room } from "../../hub/room.ts";
import { codecOf, type ServerMessage, type User } from "../../protocol.ts";

let connections = 0;

/** A user, with the connections that it has. */
export class FakeUser implements User {
  readonly id: string;
  name: string;
  readonly role = "guest";
  readonly participants = new Set<FakeMember>();

  constructor(name: string) {
    this.name = name;
    this.id = `id-${name}`;
  }

  toUser(): User {
    return { id: this.id, name: this.name, role: this.role };
  }
}

/** A connection in a room, which remembers each delivery. */
export class FakeMember implements Member {
  readonly user: FakeUser;
  readonly deliveries: Delivery[] = [];
  fellBehind = 0;
  copied = 0;
  readonly connection = {
    number: ++connections,
    codec: { direct: false, maxEventList: 0 },
    isClosed: false,
    deliver: (delivery: Delivery): number => {
      this.deliveries.push(delivery);
      return this.copied;
    },
    fallBehind: (): void => {
      this.fellBehind++;
    },
  };

  /** @param user a user, or the name of a new one */
  constructor(user: string | FakeUser) {
    this.user = typeof user === "string" ? new FakeUser(user) : user;
    this.user.participants.add(this);
  }

  /** What came since the last call, briefly: an array for each delivery. */
  take(): string[][] {
    const codec = codecOf("hubbub.v1");
    return this.deliveries.splice(0).map((delivery) =>
      delivery.frames(codec).flatMap(({ data }) => String(data).split("\n"))
        .map((line) => JSON.parse(line))
        .map(({ type, content }) =>
          type === "login" || type === "logout" ? `${content} ${type}` : content ?? type
        )
    );
  }
}

const NOTHING: ReadonlySet<ServerMessage> = new Set();

/** A message in the room "den". */
export function said(content: string, seq = 0): ServerMessage & { type: "user" } {
  return { type: "user", room: "den", from: "ann", content, seq, time: 0 };
}

/** An empty room. */
export function createRoom(): Room {
  return new Room("den", new LocalBroker().presence("den"));
}

/** Delivers what the room has recorded, as the hub does at the end of a batch. */
export function publish(
  room: Room,
  dropped: ReadonlySet<ServerMessage> = NOTHING,
  throttle = new FlushThrottle(),
): Promise<void> {
  return room.deliver(room.takeRecorded(dropped), throttle);
}

/** A room with members who have been in it for a while. */
export async function roomOf(...members: FakeMember[]): Promise<Room> {
  const room = createRoom();
  for (const member of members) room.enter(member, {});
  room.deliverDeferred();
  await publish(room);
  for (const member of members) member.take();
  return room;
}
