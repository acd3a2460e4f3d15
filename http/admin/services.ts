/**
 * What the routes for admins work with. Types only.
 *
 * @module
 */
import type { HubCommands } from "../../hub/commands.ts";
import type { SanctionList } from "../../people/sanction_list.ts";
import type { PeopleStore } from "../../people/store.ts";
import type { Visits } from "../../people/visits.ts";
import type { User } from "../../protocol.ts";
import type { Store } from "../../store/store.ts";
import type { Access } from "../access.ts";

/** Sends clients to another server, a few at a time. */
export interface Drain {
  readonly isDraining: boolean;
  /**
   * Begins, or goes on within another time.
   *
   * @param forMs time within which the last client is sent away, in milliseconds
   */
  start(forMs: number): void;
  /** Stops sending clients away, and lets new ones in again. */
  callOff(): void;
}

/** What the routes need. */
export interface AdminServices {
  readonly hub: HubCommands;
  readonly messages: Store;
  readonly people: Pick<PeopleStore, "addAudit" | "audit" | "list">;
  readonly visits: Visits;
  readonly sanctions: Pick<SanctionList, "add" | "closureOf" | "list" | "remove">;
  readonly access: Pick<Access, "admin">;
  readonly drain: Drain;
  /** Time for a drain for which none is given, in milliseconds. */
  readonly drainFor: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The admin who asks, and from where. */
export interface Admin {
  readonly user: User;
  /** May be empty. */
  readonly ip: string;
}
