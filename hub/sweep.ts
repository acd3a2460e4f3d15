/**
 * What the hub does every second: closes connections that did not log in in time, those of idle users and
 * those whose credential has ended, and has deferred entries and exits delivered.
 *
 * @module
 */
import type { Connection } from "../client.ts";
import { CloseCode } from "../protocol.ts";
import type { Participant } from "./participant.ts";
import type { Registry } from "./registry.ts";

/** Milliseconds; 0 is off. */
export interface SweepLimits {
  readonly loginTimeout: number;
  readonly idleKick: number;
}

/** Sweeps. */
export class Sweeper {
  readonly #limits: SweepLimits;
  readonly #disconnect: (connection: Connection, code: number, reason: string) => void;
  /** Participants that have not logged in, and since when, the longest waiting first. */
  readonly #unauthenticated = new Map<Participant, number>();

  constructor(
    limits: SweepLimits,
    disconnect: (connection: Connection, code: number, reason: string) => void,
  ) {
    this.#limits = limits;
    this.#disconnect = disconnect;
  }

  /** A connection is not logged in from now on, by the steady clock. */
  waitForLogin(participant: Participant, steady: number): void {
    this.#unauthenticated.set(participant, steady);
  }

  /** A connection has logged in, or is gone. */
  stopWaiting(participant: Participant): void {
    this.#unauthenticated.delete(participant);
  }

  /**
   * Does it.
   *
   * @param times `now` since 1970, for what ends at a certain time; `steady` for durations
   */
  sweep(registry: Registry, { now, steady }: { now: number; steady: number }): void {
    for (const room of registry.deferring) registry.touch(room).deliverDeferred();
    const { loginTimeout } = this.#limits;
    for (const [{ connection }, since] of this.#unauthenticated) {
      if (loginTimeout === 0 || steady - since < loginTimeout) break;
      this.#disconnect(connection, CloseCode.LoginTimeout, "No login in time");
    }
    for (const participant of registry.participants) {
      if (!participant.isLoggedIn || this.#endExpired(participant, now)) continue;
      this.#kickIfIdle(participant, registry, steady);
    }
  }

  #endExpired({ connection, principal }: Participant, now: number): boolean {
    if ((principal.expires ?? Infinity) > now) return false;
    this.#disconnect(connection, CloseCode.SessionEnded, "The session has ended");
    return true;
  }

  #kickIfIdle(participant: Participant, registry: Registry, steady: number): void {
    const { connection } = participant;
    const { idleKick } = this.#limits;
    if (idleKick === 0 || steady - connection.lastActive < idleKick) return;
    const content = `You were idle for ${Math.round(idleKick / 1000)} s and are logged out`;
    connection.answer([{ type: "system", content }]);
    registry.logout(participant);
    this.#disconnect(connection, CloseCode.Idle, "Idle");
  }
}
