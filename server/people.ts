/**
 * Puts together what knows people: before the hub, what tells who somebody is; with the hub, what accounts
 * are made of.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { ServeConfig } from "../config/config.ts";
import type { Access } from "../http/access.ts";
import type { AccountServices } from "../http/accounts/accounts.ts";
import type { AdminServices } from "../http/admin/services.ts";
import type { Mount } from "../http/base_path.ts";
import type { HubCommands } from "../hub/commands.ts";
import { forgetMessages, joinRooms, mayInviteTo } from "../hub/people_commands.ts";
import { NO_REFUSALS, type Refusals } from "../log/refusals.ts";
import { SignInLog } from "../log/sign_ins.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { Accounts } from "../people/accounts.ts";
import { Attempts } from "../people/attempts.ts";
import { type Authenticate, createAuthenticator } from "../people/authenticator.ts";
import { ensureBots } from "../people/bots.ts";
import { ensureFirstAdmin } from "../people/first_admin.ts";
import { Identities } from "../people/identities.ts";
import { Invites } from "../people/invites.ts";
import { OidcSignIn } from "../people/oidc.ts";
import { openPeople } from "../people/open.ts";
import { Passkeys } from "../people/passkeys.ts";
import { Passwords } from "../people/passwords.ts";
import { openSanctionList, type SanctionList } from "../people/sanction_list.ts";
import { Sessions } from "../people/sessions.ts";
import { createSignInLimit, type SignInLimit } from "../people/sign_in_limit.ts";
import type { PeopleStore } from "../people/store.ts";
import { createTokenVerifier } from "../people/tokens.ts";
import { VisitService } from "../people/visit_service.ts";
import type { Store } from "../store/store.ts";

const logger = getLogger(["hubbub", "people"]);

/** What tells who somebody is. */
export interface People {
  readonly store: PeopleStore;
  readonly sessions: Sessions;
  readonly identities: Identities;
  readonly visits: VisitService;
  readonly authenticate: Authenticate;
  readonly sanctions: SanctionList;
  /** Counts those who enter, over WebSockets and HTTP together. */
  readonly signIns: SignInLimit;
}

/**
 * Opens the people's store, and makes the users of the API tokens.
 *
 * @param now the clock for removals, in milliseconds since 1970: a wrong time of day must end no sessions
 * @throws {StartError} if the data or the configuration cannot be used
 */
export async function openPeopleServices(
  config: ServeConfig,
  now: () => number,
): Promise<People> {
  const store = await openPeople({ ...config, serve: true, now });
  try {
    return await createPeople(config, store, now);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function createPeople(
  config: ServeConfig,
  store: PeopleStore,
  now: () => number,
): Promise<People> {
  const { access, apiTokens, holdNames, jwt, password } = config;
  const sanctions = await openSanctionList({ store, now });
  const sessions = new Sessions(store, { now, sanctions });
  const identities = new Identities(store);
  const signIns = createSignInLimit(config);
  const { authenticate, authenticateCredential } = createAuthenticator({
    store,
    sessions,
    bots: await ensureBots(store, apiTokens),
    ...(jwt !== undefined && { verifyToken: createTokenVerifier(jwt, identities) }),
  });
  const visits = new VisitService(store, sessions, {
    access,
    needsPassword: password !== undefined,
    holdNames,
    authenticateCredential,
    sanctions,
    signIns,
    now,
  });
  return { sanctions, store, sessions, identities, visits, authenticate, signIns };
}

/** The part of the configuration that concerns accounts. */
export type AccountConfig =
  & Pick<ServeConfig, "access" | "oidc" | "password" | "register">
  & Mount;

/** Makes what the routes about accounts work with. */
export function createAccountServices(
  config: AccountConfig,
  { store, sessions, identities, sanctions, signIns }: Omit<People, "visits" | "authenticate">,
  { hub, messages, access, metrics, refusals, now }: {
    /** Default: nobody is told of who signs in. */
    metrics?: Metrics;
    refusals?: Refusals;
    hub: HubCommands;
    messages: Store;
    access: Access;
    /** The clock of the sessions, in milliseconds since 1970. Default: the time of day. */
    now?: () => number;
  },
): AccountServices {
  const { register, oidc, password, publicUrl, basePath } = config;
  const passwords = new Passwords();
  metrics?.register({
    name: "hubbub_waiting_passwords",
    help: "Passwords that wait to be hashed",
    type: "gauge",
    read: () => passwords.waiting,
  });
  const accounts = new Accounts({
    store,
    sessions,
    passwords,
    attempts: new Attempts(),
    signIns,
  }, {
    access: config.access,
    register,
    sanctions,
    ...(password !== undefined && { sharedPassword: password }),
    ...(now !== undefined && { now }),
  });
  const invites = new Invites({
    store,
    sessions,
    accounts,
    mayInviteTo: (principal, room) => mayInviteTo(hub, principal, room),
    joinRooms: ({ id }, rooms) => joinRooms(hub, id, rooms),
  }, { register });
  const isOpen = register === "open";
  return {
    accounts,
    invites,
    sessions,
    passkeys: new Passkeys(store, { mayBecomeMember: isOpen, signIns }),
    ...(oidc !== undefined && {
      oidc: new OidcSignIn(store, identities, { ...oidc, mayRegister: register !== "off" }),
    }),
    settings: {
      access: config.access,
      register,
      oidc: oidc !== undefined,
      passkeys: true,
      password: password !== undefined,
    },
    checkSite: (request) => access.checkSite(request),
    async forget(id, { messages: all }) {
      const user = await store.find(id);
      if (all && user !== undefined) await forgetMessages(hub, messages, user);
    },
    signIns,
    ...(basePath !== undefined && { basePath }),
    ...(metrics !== undefined && { signInLog: new SignInLog(metrics, refusals ?? NO_REFUSALS) }),
    ...(publicUrl !== undefined && { publicUrl }),
    ...(now !== undefined && { now }),
  };
}

/** Makes what the routes for admins work with. */
export function createAdminServices(
  { drainFor }: Pick<ServeConfig, "drainFor">,
  { store, visits, sanctions }: Pick<AdminServices, "visits" | "sanctions"> & Pick<People, "store">,
  { clock, ...services }:
    & Pick<AdminServices, "access" | "drain" | "hub" | "messages">
    & { readonly clock: { now(): number } },
): AdminServices {
  return { ...services, people: store, visits, sanctions, drainFor, now: () => clock.now() };
}

/**
 * Prints the link with which the first admin is made, on a server that has none.
 *
 * @param url where people reach the server
 */
export async function announceFirstAdmin(
  { store }: People,
  url: string,
  print: (line: string) => void,
): Promise<void> {
  const admin = await ensureFirstAdmin(store);
  if (admin.kind === "invited") {
    const link = new URL(`#invite=${admin.code}`, url).href;
    print(`This server has no admin yet. Whoever opens this link, once, becomes it: ${link}`);
  } else if (admin.kind === "all-disabled") {
    logger.warn(
      "All admins are disabled: hubbub invite --role admin makes a link for another one, " +
        "hubbub users enable NAME lets one in again",
    );
  }
}
