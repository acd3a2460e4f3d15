/**
 * `/relay` and `/relay/NAME`: raw fan-out. Every frame goes, one for one and unchanged, to everyone
 * else on the same relay, and with `?self=true` back to its sender too. A relay exists while somebody
 * is on it; the one without a name is a relay of its own.
 *
 * @module
 */
import type { ConnectionLimits } from "../client.ts";
import type { Allowances } from "../limits/allowances.ts";
import type { Endpoint } from "./endpoint.ts";
import { NO_SANCTIONS, type Sanctions } from "../people/sanctions.ts";
import { CloseCode, ROOM_PATTERN } from "../protocol.ts";
import type { Frame } from "../transport/socket.ts";
import { RetryLoop } from "../client/outgoing.ts";
import { allowanceOf, RawConnection } from "./raw.ts";

const PATH = "/relay";

/** The endpoint that passes frames on. */
export function relayEndpoint(
  limits: ConnectionLimits,
  allowances: Allowances,
  retryLoop: RetryLoop = new RetryLoop(),
  sanctions: Sanctions = NO_SANCTIONS,
): Endpoint {
  /** The connections of each relay, by path. */
  const relays = new Map<string, Set<RawConnection>>();

  function open(path: string): Set<RawConnection> {
    let members = relays.get(path);
    if (members === undefined) relays.set(path, members = new Set());
    return members;
  }

  function forEach(act: (member: RawConnection) => void): void {
    for (const members of relays.values()) members.forEach(act);
  }

  sanctions.watch(() => forEach((member) => member.endIfBanned(sanctions)));
  return {
    subprotocols: [],
    matches: (path) => path === PATH || isNamed(path),
    opened(socket, { url, peer, principal }) {
      const allowance = allowanceOf(peer, principal, allowances);
      const members = open(url.pathname);
      const includesSender = url.searchParams.get("self") === "true";
      const member = new RawConnection(socket, {
        from: { peer, principal },
        limits,
        allowance,
        retryLoop,
        received: (frame, from) => fanOut(frame, members, includesSender ? undefined : from),
        ended(connection) {
          members.delete(connection);
          if (members.size === 0) relays.delete(url.pathname);
        },
      });
      members.add(member);
      // A ban may have come while it opened.
      member.endIfBanned(sanctions);
    },
    stop(reason) {
      forEach((member) => member.close(CloseCode.GoingAway, reason));
    },
  };
}

function isNamed(path: string): boolean {
  return path.startsWith(`${PATH}/`) && ROOM_PATTERN.test(path.slice(PATH.length + 1));
}

function fanOut(
  frame: Frame,
  members: Iterable<RawConnection>,
  except: RawConnection | undefined,
): void {
  for (const member of members) if (member !== except) member.push(frame);
}
