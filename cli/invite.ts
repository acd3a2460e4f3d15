/**
 * `hubbub invite`: makes, lists and revokes invitations in the server's data directory.
 *
 * @module
 */
import { StartError, UsageError } from "../config/errors.ts";
import { Secret } from "../config/secret.ts";
import { digestOf, newId, newInviteCode } from "../people/secrets.ts";
import type { InviteRecord, PeopleStore } from "../people/store.ts";
import { didYouMean, quote } from "../text/wording.ts";
import type { INVITE_FLAGS } from "./account_flags.ts";
import { audit } from "./audit.ts";
import type { Input } from "./command.ts";
import { formatInviteLink } from "./invite_link.ts";
import { withPeople } from "./people_data.ts";
import { formatTable, formatTime } from "./table.ts";

type InviteInput = Pick<Input<typeof INVITE_FLAGS>, "flags" | "operands">;

/** What a command prints. */
export interface Printed {
  readonly stdout: string;
  /** A remark on standard error; absent: none. */
  readonly stderr?: string;
}

/** Runs the command on the data directory. */
export async function run(input: Input<typeof INVITE_FLAGS>): Promise<number> {
  const { stdout, stderr } = await withPeople(
    input.flags.data,
    (people) => invite(people, input, Date.now()),
  );
  console.log(stdout);
  if (stderr !== undefined) console.error(stderr);
  return 0;
}

/**
 * Does what the operands say.
 *
 * @throws {UsageError} if they say nothing that can be done
 * @throws {StartError} if the invitation to revoke does not exist
 */
export async function invite(
  people: PeopleStore,
  { flags, operands }: InviteInput,
  now: number,
): Promise<Printed> {
  const [action, id] = operands;
  if (action === "revoke") return await revoke(people, id);
  if (id !== undefined) {
    throw new UsageError(`Surplus argument ${quote(id)}: only revoke takes an ID`);
  }
  if (action === undefined) return await create(people, flags, now);
  if (action === "list") return { stdout: await list(people, now) };
  const hint = didYouMean(action, ["list", "revoke"]) ?? "see hubbub invite --help";
  throw new UsageError(`Unknown action ${quote(action)}: ${hint}`);
}

async function create(
  people: PeopleStore,
  { role, rooms = [], uses, expires, url }: InviteInput["flags"],
  now: number,
): Promise<Printed> {
  const code = new Secret(newInviteCode());
  const record: InviteRecord = {
    id: newId(),
    role,
    rooms,
    uses,
    created: now,
    expires: now + expires,
  };
  await people.addInvite(record, digestOf(code.reveal()));
  const detail = [role, uses === 1 ? "once" : `${uses} times`, ...rooms].join(", ");
  await audit(people, { act: "invite", target: record.id, detail });
  const times = uses === 1 ? "once" : `${uses} times`;
  return {
    stdout: formatInviteLink(url, code),
    stderr: `Makes ${role === "admin" ? "an admin" : "a member"}, ${times}, until ` +
      `${formatTime(record.expires)}; end it with hubbub invite revoke ${argument(record.id)}`,
  };
}

/** An id as it stands on a command line, where one that begins with a dash would be taken for a flag. */
function argument(id: string): string {
  return id.startsWith("-") ? `-- ${id}` : id;
}

async function list(people: PeopleStore, now: number): Promise<string> {
  const invites = await people.invites(now);
  if (invites.length === 0) return "There are no invitations that can still be used.";
  const makers = new Set(invites.flatMap(({ by }) => by ?? []));
  const found = await people.findMany([...makers]);
  const names = new Map(found.map(({ id, name }) => [id, name]));
  return formatTable([
    ["ID", "ROLE", "USES", "EXPIRES", "MADE BY", "ROOMS"],
    ...invites.map(({ id, role, rooms, uses, expires, by }) => [
      id,
      role,
      String(uses),
      formatTime(expires),
      by === undefined ? "the server" : names.get(by) ?? `@${by}`,
      rooms.join(","),
    ]),
  ]);
}

async function revoke(people: PeopleStore, id: string | undefined): Promise<Printed> {
  if (id === undefined) {
    throw new UsageError("Missing argument ID: hubbub invite list shows the ids of invitations");
  }
  if (await people.removeInvite(id)) {
    await audit(people, { act: "revoke invitation", target: id });
    return { stdout: `Invitation ${id} is revoked` };
  }
  throw new StartError(
    `Cannot revoke ${quote(id)}: there is no such invitation; see hubbub invite list`,
  );
}
