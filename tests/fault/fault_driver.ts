/**
 * A seeded schedule of faults over a real server: it is killed, stopped, cut off from its clients, put back to
 * an earlier state, damaged and made to forget, while they talk; and at each quiet point everybody's copy is
 * compared with what somebody new reads.
 *
 * @module
 */
import { Random } from "../support/random.ts";
import { Crowd, isFaultless, type Snapshot } from "./crowd.ts";
import type { Faults } from "./oracle.ts";
import { StartRefused, Target } from "./target.ts";

/** How much is to happen. The same seed makes the same schedule; what meets what depends on timing. */
export interface Plan {
  readonly seed: number;
  readonly kills: number;
  readonly cuts: number;
  readonly transport: string;
  readonly clients?: number;
  /** Deeds that are not done. */
  readonly without?: readonly string[];
  /** Takes a line for each quiet point. */
  readonly report?: (line: string) => void;
}

/** What has happened. */
export interface Figures {
  kills: number;
  stops: number;
  cuts: number;
  backups: number;
  restores: number;
  damages: number;
  retentions: number;
  refusedStarts: number;
  quietPoints: number;
  acknowledged: number;
  takenAway: number;
  unprovable: number;
  repeats: number;
  returns: number;
  restarts: number;
  lost: number;
  doubled: number;
  reordered: number;
  stale: number;
  conflicts: number;
  /** How often each deed was done. */
  deeds: Readonly<Partial<Record<Deed, number>>>;
}

/** What may be done besides a kill in a round. */
type Deed =
  | "nothing"
  | "stop"
  | "copy"
  | "backup"
  | "put back"
  | "put changes back"
  | "copy over"
  | "restore"
  | "damage log"
  | "spoil search"
  | "damage search"
  | "delete search"
  | "damage files"
  | "delete files"
  | "retain";

/** Something to go back to. */
interface Backup {
  readonly path: string;
  readonly kept: Snapshot;
  readonly isCopy: boolean;
}

/**
 * Runs a plan to its end.
 *
 * @throws {Error} with the seed, the step and the first differences, if anything is wrong
 */
export async function runPlan(plan: Plan): Promise<Figures> {
  const random = new Random(plan.seed);
  await using target = await Target.create(plan.transport);
  await target.start();
  await using crowd = new Crowd(plan.clients ?? 8, { random, target });
  const driver = new FaultDriver(plan, { random, target, crowd });
  return await driver.run();
}

class FaultDriver {
  readonly #plan: Plan;
  readonly #random: Random;
  readonly #target: Target;
  readonly #crowd: Crowd;
  readonly #deeds: readonly Deed[];
  #backups: Backup[] = [];
  /** What has been done, in order. */
  readonly #steps: string[] = [];
  readonly #deedCounts: Partial<Record<Deed, number>> = {};
  readonly #counts = {
    kills: 0,
    stops: 0,
    backups: 0,
    restores: 0,
    damages: 0,
    retentions: 0,
    refusedStarts: 0,
    quietPoints: 0,
  };

  constructor(
    plan: Plan,
    parts: { random: Random; target: Target; crowd: Crowd },
  ) {
    this.#plan = plan;
    this.#random = parts.random;
    this.#target = parts.target;
    this.#crowd = parts.crowd;
    this.#deeds = DEEDS.filter((deed) => !plan.without?.includes(deed));
  }

  async run(): Promise<Figures> {
    try {
      this.#crowd.mend();
      this.#crowd.stir();
      await this.#quiet();
      for (let round = 1; this.#counts.kills < this.#plan.kills; round++) await this.#round(round);
      this.#crowd.allBack();
      await this.#quiet();
    } catch (error) {
      const { seed, transport, kills, cuts } = this.#plan;
      const again = `--seed ${seed} --kills ${kills} --cuts ${cuts} --transport ${transport}`;
      const steps = this.#steps.slice(-12).join(", ");
      const log = this.#target.log.split("\n").slice(-6).join("\n");
      throw new Error(`${again}\nafter ${this.#steps.length} steps: … ${steps}\n${error}\n${log}`, {
        cause: error,
      });
    }
    return this.figures();
  }

  figures(): Figures {
    const { clients, cuts, takenAway, unprovable } = this.#crowd;
    const sum = (count: (client: typeof clients[number]) => number) =>
      clients.reduce((total, client) => total + count(client), 0);
    return {
      ...this.#counts,
      cuts,
      acknowledged: this.#crowd.acknowledged() + takenAway,
      takenAway,
      unprovable,
      repeats: sum(({ said }) => said.counts.repeats),
      returns: sum(({ said }) => said.counts.returns),
      restarts: sum(({ rooms }) => [...rooms.values()].reduce((all, one) => all + one.restarts, 0)),
      lost: sum(({ complaints }) => complaints.gap.length),
      doubled: sum(({ complaints }) => complaints.doubled.length),
      reordered: sum(({ complaints }) => complaints.reordered.length),
      stale: sum(({ complaints }) => complaints.stale.length),
      conflicts: sum(({ said }) => said.counts.conflicts),
      deeds: this.#deedCounts,
    };
  }

  async #round(round: number): Promise<void> {
    this.#crowd.comeAndGo();
    this.#crowd.stir();
    const deed = this.#chooseDeed(round);
    this.#steps.push(`${round}: ${deed}`);
    this.#deedCounts[deed] = (this.#deedCounts[deed] ?? 0) + 1;
    const due = Math.ceil(this.#plan.cuts * (this.#counts.kills + 1) / this.#plan.kills);
    while (this.#crowd.cuts < due) await this.#crowd.disturb();
    await this.#whileRunning(deed);
    this.#crowd.stir();
    await this.#crowd.disturb();
    if (deed === "stop" || deed === "copy") await this.#stop();
    else {
      await this.#target.kill();
      this.#counts.kills++;
    }
    await this.#crowd.sever();
    this.#target.retain = deed === "retain" ? this.#random.between(60, 400) : undefined;
    await this.#whileStopped(deed);
    await this.#quiet();
    if (deed.endsWith("search")) await this.#crowd.searchable();
    if (deed === "copy") await this.#copy();
    if (deed === "put changes back") await this.#putChangesBack();
  }

  #chooseDeed(round: number): Deed {
    // First of all something to go back to.
    if (round === 1) return "copy";
    const deed = this.#random.pick(this.#deeds);
    return deed === "restore" && this.#backups.length === 0 ? "nothing" : deed;
  }

  async #whileRunning(deed: Deed): Promise<void> {
    if (deed === "spoil search" && await this.#target.spoilSearch(this.#random)) {
      this.#counts.damages++;
      await this.#crowd.searchable();
    }
    if (deed === "backup") {
      const kept = this.#crowd.snapshot();
      const [path] = await Promise.all([this.#target.backup(), this.#crowd.disturb()]);
      this.#backups.push({ path, kept, isCopy: false });
      this.#counts.backups++;
    }
  }

  async #whileStopped(deed: Deed): Promise<void> {
    switch (deed) {
      case "put back":
      case "copy over":
      case "restore":
        return await this.#goBack(deed);
      case "damage log":
        if (!await this.#target.damageLog(this.#random)) break;
        this.#counts.damages++;
        return await this.#startDamaged(undefined);
      case "delete files":
        await this.#target.delete("files.db");
        this.#counts.damages++;
        this.#mayLoseUploads();
        break;
      case "damage files":
        if (await this.#target.damage("files.db", this.#random)) this.#counts.damages++;
        this.#mayLoseUploads();
        break;
      case "delete search":
        await this.#target.delete("search.db");
        this.#counts.damages++;
        break;
      case "damage search":
        return await this.#damageSearch();
      case "retain":
        this.#counts.retentions++;
        // With the messages that announced them; nobody may have heard of these.
        this.#mayLoseUploads();
        break;
      default:
    }
    await this.#target.start();
  }

  async #goBack(deed: Deed): Promise<void> {
    const copies = this.#backups.filter(({ isCopy }) => isCopy || deed !== "copy over");
    const backup = this.#random.pick(copies);
    this.#counts.restores++;
    this.#mayLoseUploads();
    if (deed === "restore") await this.#target.restore(backup.path);
    else await this.#target.putBack(backup.path, deed === "copy over");
    if (deed !== "copy over") return await this.#startDamaged(backup.kept);
    try {
      await this.#target.start();
    } catch (error) {
      if (!(error instanceof StartRefused)) throw error;
      this.#counts.refusedStarts++;
      await this.#target.putBack(backup.path, false);
      return await this.#startDamaged(backup.kept);
    }
    this.#check(await this.#crowd.accept(undefined), "after the start");
  }

  #mayLoseUploads(): void {
    for (const client of this.#crowd.clients) client.said.damages++;
  }

  /** @throws {Error} if the server goes on with an index that was overwritten */
  async #damageSearch(): Promise<void> {
    const isDamaged = await this.#target.damage("search.db", this.#random);
    if (isDamaged) this.#counts.damages++;
    const before = isDamaged ? await this.#target.lastPage("search.db") : "";
    await this.#target.start();
    if (!isDamaged) return;
    await this.#crowd.searchable();
    const after = await this.#target.lastPage("search.db");
    if (after === before) throw new Error("The index is still the damaged one");
  }

  /** Starts after something was taken away, and takes what is there as what must be there. */
  async #startDamaged(kept: Snapshot | undefined): Promise<void> {
    try {
      await this.#target.start();
    } catch (error) {
      if (!(error instanceof StartRefused)) throw error;
      this.#counts.refusedStarts++;
      this.#steps.push("refused");
      if (kept !== undefined) throw error;
      await this.#target.repair();
      await this.#target.start();
    }
    this.#check(await this.#crowd.accept(kept), "after the start");
  }

  async #stop(): Promise<void> {
    const code = await this.#target.stop();
    if (code !== 0) throw new Error(`The server was told to stop and ended with ${code}`);
    this.#counts.stops++;
  }

  /** Copies the data at a quiet point, with the server stopped. */
  async #copy(): Promise<void> {
    await this.#stop();
    await this.#crowd.sever();
    const path = await this.#target.copy();
    this.#backups = [...this.#backups.slice(-3), {
      path,
      kept: this.#crowd.snapshot(),
      isCopy: true,
    }];
    this.#counts.backups++;
    await this.#target.start();
    this.#crowd.mend();
  }

  /**
   * Loses changes and no message, while somebody who has seen them is away until others have made as many:
   * only the run that he has seen shows it.
   */
  async #putChangesBack(): Promise<void> {
    this.#crowd.allBack();
    await this.#crowd.change();
    const kept = this.#crowd.snapshot();
    const path = await this.#target.backup();
    this.#counts.backups++;
    await this.#crowd.change();
    const away = this.#random.pick(this.#crowd.present.filter(({ withRun }) => withRun));
    away.away();
    await this.#target.kill();
    this.#counts.kills++;
    await this.#crowd.sever();
    this.#counts.restores++;
    this.#mayLoseUploads();
    await this.#target.putBack(path, false);
    await this.#startDamaged(kept);
    for (let times = 0; times < 3; times++) await this.#crowd.change();
    away.back();
    await this.#quiet();
  }

  async #quiet(): Promise<void> {
    const faults = await this.#crowd.quiet();
    this.#counts.quietPoints++;
    this.#check(faults, "at a quiet point");
    for (const { complaints } of this.#crowd.clients) this.#check(complaints, "by a client");
    this.#plan.report?.(`${this.#steps.at(-1) ?? "begun"} ${JSON.stringify(this.figures())}`);
  }

  /** @throws {Error} with the smallest of what is wrong of each kind */
  #check(faults: Faults | Record<string, string[]>, when: string): void {
    if (isFaultless(faults as Faults)) return;
    const found = Object.entries(faults).filter(([, list]) => list.length > 0).map(
      ([kind, list]) => {
        const smallest = list.toSorted((a, b) => a.length - b.length)[0] ?? "";
        return `${list.length} ${kind}: ${smallest.slice(0, 2000)}`;
      },
    );
    throw new Error(`Wrong ${when}: ${found.join("\n")}`);
  }
}

/** One of them is picked in each round. */
const DEEDS: readonly Deed[] = [
  "nothing",
  "nothing",
  "nothing",
  "stop",
  "copy",
  "backup",
  "put back",
  "put changes back",
  "copy over",
  "restore",
  "damage log",
  "damage log",
  "spoil search",
  "damage search",
  "delete search",
  "damage files",
  "delete files",
  "retain",
  "retain",
];
