/**
 * Rows of `people.db` as values of the contract.
 *
 * @module
 */
import type { SQLOutputValue } from "node:sqlite";
import type { Role } from "../../protocol.ts";
import type {
  AuditEntry,
  InviteRecord,
  PasskeyRecord,
  SanctionRecord,
  SessionRecord,
  UserRecord,
} from "../store.ts";

/** A row, as statements return it. */
export type Row = Record<string, SQLOutputValue>;

const ROLES: readonly Role[] = ["guest", "member", "admin", "bot"];

/** A row of `users`. */
export function toUser(row: Row): UserRecord {
  return {
    id: String(row["id"]),
    name: String(row["name"]),
    role: toRole(row["role"]),
    remembered: row["remembered"] === 1,
    created: Number(row["created"]),
    disabled: row["disabled"] === 1,
    seen: Number(row["seen"]),
    visit: Number(row["visit"]),
  };
}

/** A row of `sessions`. */
export function toSession(row: Row): SessionRecord {
  return {
    id: String(row["id"]),
    user: String(row["user"]),
    created: Number(row["created"]),
    seen: Number(row["seen"]),
    expires: Number(row["expires"]),
    agent: String(row["agent"]),
    ip: String(row["ip"]),
  };
}

/** A row of `passkeys`. */
export function toPasskey(row: Row): PasskeyRecord {
  const publicKey = row["public_key"];
  if (!(publicKey instanceof Uint8Array)) throw new Error("Cannot read a passkey: it has no key");
  return {
    id: String(row["id"]),
    user: String(row["user"]),
    publicKey,
    counter: Number(row["counter"]),
    transports: toList(row["transports"]),
    label: String(row["label"]),
    created: Number(row["created"]),
    used: Number(row["used"]),
  };
}

/** A row of `invites`. */
export function toInvite(row: Row): InviteRecord {
  return {
    id: String(row["id"]),
    role: row["role"] === "admin" ? "admin" : "member",
    rooms: toList(row["rooms"]),
    uses: Number(row["uses"]),
    expires: Number(row["expires"]),
    ...(row["maker"] === null ? {} : { by: String(row["maker"]) }),
    created: Number(row["created"]),
  };
}

/** A row of `sanctions`. */
export function toSanction(row: Row): SanctionRecord {
  return {
    id: String(row["id"]),
    kind: toKind(row["kind"]),
    target: toTarget(row["target_type"], String(row["target"])),
    label: String(row["label"]),
    ...(row["until"] === null ? {} : { until: Number(row["until"]) }),
    reason: String(row["reason"]),
    by: String(row["admin"]),
    created: Number(row["created"]),
  };
}

/** A row of `audit`. */
export function toAuditEntry(row: Row): AuditEntry {
  return {
    number: Number(row["number"]),
    time: Number(row["time"]),
    by: String(row["admin"]),
    name: String(row["name"]),
    ip: String(row["ip"]),
    act: String(row["act"]),
    target: String(row["target"]),
    detail: String(row["detail"]),
  };
}

function toKind(value: SQLOutputValue | undefined): SanctionRecord["kind"] {
  if (value === "ban" || value === "mute" || value === "close") return value;
  throw new Error(`Cannot read a sanction: unknown kind "${value}"`);
}

function toTarget(type: SQLOutputValue | undefined, target: string): SanctionRecord["target"] {
  switch (type) {
    case "user":
      return { user: target };
    case "name":
      return { name: target };
    case "network":
      return { network: target };
    case "room":
      return { room: target };
    default:
      throw new Error(`Cannot read a sanction: unknown type of target "${type}"`);
  }
}

function toRole(value: SQLOutputValue | undefined): Role {
  const role = ROLES.find((one) => one === value);
  if (role === undefined) throw new Error(`Cannot read a user: unknown role "${value}"`);
  return role;
}

function toList(value: SQLOutputValue | undefined): string[] {
  const list: unknown = JSON.parse(String(value));
  return Array.isArray(list) ? list.map(String) : [];
}
