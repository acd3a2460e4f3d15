/**
 * What the hub asks about people, answered when the test lets it through.
 *
 * @module
 */
import { Channel } from "../../hub/channel.ts";
import { createMemoryPeople } from "../../people/memory/store.ts";
import { Sessions } from "../../people/sessions.ts";
import type { PeopleStore } from "../../people/store.ts";
import type { Arrival, UserState, Visit, Visits } from "../../people/visits.ts";
import type { User, UserId } from "../../protocol.ts";
import { type Gate, gate } from "./gated_store.ts";
import { openVisits } from "./hub_harness.ts";

/** A question that can be held back. */
type Question = "enter" | "find" | "describe" | "rename" | "state";

/** The clock of a hub on a harness stands still. */
const now = () => 1_000_000;

/** Knows people in memory, with a gate before each kind of question that is told. */
export class GatedVisits implements Visits {
  readonly people: PeopleStore = createMemoryPeople();
  /** Questions that wait, in order: what is asked, and about whom. */
  readonly gates = new Channel<Gate<string>>(10_000);
  /** What is held back from now on. */
  readonly held = new Set<Question>();
  /** Users who have left, in order. */
  readonly left: UserId[] = [];
  readonly #visits: Visits = openVisits(this.people, new Sessions(this.people, { now }), now);

  enter(arrival: Arrival): Promise<Visit> {
    const who = arrival.name ?? arrival.credential;
    return this.#gate("enter", `${who}`, () => this.#visits.enter(arrival));
  }

  leave(user: UserId, visit: number): void {
    this.left.push(user);
    this.#visits.leave(user, visit);
  }

  rename(user: UserId, name: string): Promise<User> {
    return this.#gate("rename", name, () => this.#visits.rename(user, name));
  }

  find(reference: string): Promise<User | undefined> {
    return this.#gate("find", reference, () => this.#visits.find(reference));
  }

  describe(ids: Iterable<UserId>): Promise<ReadonlyMap<UserId, User>> {
    return this.#gate("describe", "users", () => this.#visits.describe(ids));
  }

  state(user: UserId): Promise<UserState | undefined> {
    return this.#gate("state", user, () => this.#visits.state(user));
  }

  watch(changed: (user: UserId) => void): void {
    this.#visits.watch(changed);
  }

  #gate<R>(question: Question, about: string, ask: () => Promise<R>): Promise<R> {
    return this.held.has(question) ? gate(this.gates, `${question} ${about}`, ask) : ask();
  }
}
