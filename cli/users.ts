/**
 * `hubbub users`: shows and changes the users in the server's data directory. A running server hears of
 * it through `PeopleStore.watch`.
 *
 * @module
 */
import { StartError, UsageError } from "../config/errors.ts";
import type {
  PeopleStore,
  SanctionRecord,
  UserChange,
  UserRecord,
  UserRefusal,
} from "../people/store.ts";
import { foldName } from "../protocol.ts";
import { harmlessJson, harmlessLine } from "../text/harmless.ts";
import { didYouMean, quote } from "../text/wording.ts";
import { audit } from "./audit.ts";
import { USER_ACTIONS, type USERS_FLAGS } from "./account_flags.ts";
import type { Input } from "./command.ts";
import { withPeople } from "./people_data.ts";
import { formatTable, formatTime } from "./table.ts";

type Action = typeof USER_ACTIONS[number];

/** What an action shows: a value as JSON, or a text for people. */
interface Shown {
  readonly json: unknown;
  readonly text: string;
}

/** An action on one user. */
type UserAction = (people: PeopleStore, user: UserRecord, role?: string) => Promise<Shown>;

/** Users read at once. */
const PAGE = 500;

/** Most users whose names are looked through for one that is similar. */
const MAX_SUGGESTED = 10_000;

/** Runs the command on the data directory. */
export async function run(input: Input<typeof USERS_FLAGS>): Promise<number> {
  console.log(await withPeople(input.flags.data, (people) => users(people, input)));
  return 0;
}

/**
 * Does what the operands say. Resolves to what is to be printed.
 *
 * @throws {UsageError} if they say nothing that can be done
 * @throws {StartError} if there is no such user, or it is the last admin
 */
export async function users(
  people: PeopleStore,
  { flags, operands }: Pick<Input<typeof USERS_FLAGS>, "flags" | "operands">,
): Promise<string> {
  const [word = "list", reference, role] = operands;
  const action = findAction(word);
  checkOperands(action, reference, role);
  const { json, text } = action === "list" || reference === undefined
    ? await list(people)
    : await act(people, action, await findUser(people, reference), role);
  return flags.json ? harmlessJson(json) : text;
}

/** Does one thing to a user, and notes it if it changes anything. */
async function act(
  people: PeopleStore,
  action: Exclude<Action, "list">,
  user: UserRecord,
  role: string | undefined,
): Promise<Shown> {
  const shown = await ACTIONS[action](people, user, role);
  if (action === "show" || action === "sessions") return shown;
  const target = `${user.name} (@${user.id})`;
  await audit(people, { act: action, target, ...role !== undefined && { detail: role } });
  return shown;
}

function findAction(word: string): Action {
  const action = USER_ACTIONS.find((one) => one === word);
  if (action !== undefined) return action;
  const hint = didYouMean(word, USER_ACTIONS) ?? "see hubbub users --help";
  throw new UsageError(`Unknown action ${quote(word)}: ${hint}`);
}

function checkOperands(
  action: Action,
  reference: string | undefined,
  role: string | undefined,
): void {
  const surplus = action === "list" ? reference : action === "role" ? undefined : role;
  if (surplus !== undefined) {
    const allowed = action === "list" ? "no argument" : "only a NAME";
    throw new UsageError(`Surplus argument ${quote(surplus)}: ${action} takes ${allowed}`);
  }
  if (action !== "list" && reference === undefined) {
    throw new UsageError(`Missing argument NAME: whom to ${action}; hubbub users shows all`);
  }
  if (action === "role" && role !== "member" && role !== "admin") {
    const received = role === undefined ? "nothing" : quote(role);
    throw new UsageError(`Cannot read ROLE: must be member or admin, received ${received}`);
  }
}

/** Finds whom a name or `@ID` means; an id comes first. */
async function findUser(people: PeopleStore, reference: string): Promise<UserRecord> {
  const byId = reference.startsWith("@") ? await people.find(reference.slice(1)) : undefined;
  const user = byId ?? await people.findByName(reference);
  if (user !== undefined) return user;
  const names: string[] = [];
  for await (const { name } of allUsers(people)) {
    if (names.push(name) >= MAX_SUGGESTED) break;
  }
  const hint = didYouMean(reference, names) ?? "hubbub users shows all";
  throw new StartError(`Cannot find user ${quote(reference)}: ${harmlessLine(hint)}`);
}

async function* allUsers(people: PeopleStore): AsyncGenerator<UserRecord> {
  let page = await people.list({ limit: PAGE });
  while (page.length > 0) {
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    page = await people.list({ after: foldName(last.name), limit: PAGE });
  }
}

async function list(people: PeopleStore): Promise<Shown> {
  const all = await Array.fromAsync(allUsers(people));
  const rows = all.map(({ id, name, role, created, seen, ...state }) => [
    name,
    `@${id}`,
    role,
    formatTime(created),
    formatTime(seen),
    describeState(state),
  ]);
  return {
    json: all.map(toJson),
    text: rows.length === 0
      ? "There are no users."
      : formatTable([["NAME", "ID", "ROLE", "CREATED", "SEEN", "STATE"], ...rows]),
  };
}

function describeState({ disabled, remembered }: Pick<UserRecord, "disabled" | "remembered">) {
  return disabled ? "disabled" : remembered ? "" : "not remembered";
}

function toJson({ id, name, role, disabled, remembered, created, seen }: UserRecord) {
  return { id, name, role, disabled, remembered, created, seen };
}

const ACTIONS: Readonly<Record<Exclude<Action, "list">, UserAction>> = {
  show,
  sessions,
  disable: (people, user) => change(people, user, { disabled: true }, "is disabled"),
  enable: (people, user) => change(people, user, { disabled: false }, "is enabled"),
  role: setRole,
  "end-sessions": endSessions,
  remove,
};

async function show(people: PeopleStore, user: UserRecord): Promise<Shown> {
  const password = await people.password(user.id) !== undefined;
  const passkeys = (await people.passkeys(user.id)).length;
  const sessions = (await people.sessions(user.id)).length;
  const sanctions = (await people.sanctions())
    .filter(({ target, until = Infinity }) =>
      "user" in target && target.user === user.id && until > Date.now()
    );
  return {
    json: {
      ...{ ...toJson(user), password, passkeys, sessions },
      sanctions: sanctions.map(({ id, kind, until, reason }) => ({ id, kind, until, reason })),
    },
    text: formatTable([
      ["Name", user.name],
      ["ID", `@${user.id}`],
      ["Role", user.role],
      ["State", describeState(user) || "enabled"],
      ["Created", formatTime(user.created)],
      ["Seen", formatTime(user.seen)],
      ["Password", password ? "yes" : "no"],
      ["Passkeys", String(passkeys)],
      ["Sessions", String(sessions)],
      ...sanctions.map(describeSanction),
    ]),
  };
}

function describeSanction({ kind, until, reason }: SanctionRecord): [string, string] {
  const end = until === undefined ? "for ever" : `until ${formatTime(until)}`;
  return [kind === "ban" ? "Banned" : "Muted", reason === "" ? end : `${end}: ${reason}`];
}

async function sessions(people: PeopleStore, user: UserRecord): Promise<Shown> {
  const found = await people.sessions(user.id);
  const rows = found.map((
    { id, created, seen, expires, ip, agent },
  ) => [id, formatTime(created), formatTime(seen), formatTime(expires), ip, agent]);
  return {
    json: found.map(({ user: _user, ...session }) => session),
    text: rows.length === 0
      ? `${harmlessLine(user.name)} has no sessions.`
      : formatTable([["ID", "CREATED", "SEEN", "EXPIRES", "ADDRESS", "DEVICE"], ...rows]),
  };
}

async function setRole(people: PeopleStore, user: UserRecord, role?: string): Promise<Shown> {
  if (role !== "member" && role !== "admin") throw new TypeError(`Unknown role ${role}`);
  if (user.role === "bot") {
    throw new StartError(
      `Cannot change the role of ${quote(user.name)}: it is a bot, and a bot stays one`,
    );
  }
  const done = role === "admin" ? "is an admin" : "is a member";
  return await change(people, user, { role, remembered: true }, done);
}

async function change(
  people: PeopleStore,
  user: UserRecord,
  change: UserChange,
  done: string,
): Promise<Shown> {
  checkRefusal(`change ${quote(user.name)}`, await people.change(user.id, change));
  return {
    json: toJson({ ...user, ...change }),
    text: `${harmlessLine(user.name)} (@${user.id}) ${done}`,
  };
}

async function endSessions(people: PeopleStore, user: UserRecord): Promise<Shown> {
  const ended = await people.endSessions(user.id);
  const count = ended === 1 ? "1 session" : `${ended} sessions`;
  return { json: { ended }, text: `${count} of ${harmlessLine(user.name)} ended` };
}

async function remove(people: PeopleStore, user: UserRecord): Promise<Shown> {
  checkRefusal(`remove ${quote(user.name)}`, await people.remove(user.id));
  return {
    json: toJson(user),
    text: `${harmlessLine(user.name)} (@${user.id}) is removed`,
  };
}

function checkRefusal(verb: string, refusal: UserRefusal | undefined): void {
  switch (refusal) {
    case undefined:
      return;
    case "no_such_user":
      throw new StartError(`Cannot ${verb}: the user was removed meanwhile`);
    case "last_admin":
      throw new StartError(
        `Cannot ${verb}: no admin would be left; make another first, with hubbub users role NAME ` +
          "admin or hubbub invite --role admin",
      );
  }
}
