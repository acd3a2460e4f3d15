/**
 * The programs that have an API token of the configuration: each is a user.
 *
 * @module
 */
import type { ApiToken } from "../config/config.ts";
import { StartError } from "../config/errors.ts";
import type { User, UserId } from "../protocol.ts";
import { quote } from "../text/wording.ts";
import { digestOf, newId } from "./secrets.ts";
import type { PeopleStore } from "./store.ts";

/** Issuer of the identities of these users; the subject is the token's name. */
export const API_TOKEN_ISSUER = "api-token";

/** A program that may authenticate. */
export interface Bot {
  readonly id: UserId;
  /** SHA-256 of its token. */
  readonly digest: Uint8Array;
}

/**
 * Makes the users of those tokens that have none yet. A user whose token is no longer configured stays, as
 * the author of what it has said.
 *
 * @param now milliseconds since 1970
 * @throws {StartError} if a name is held by somebody else
 */
export async function ensureBots(
  store: PeopleStore,
  apiTokens: readonly ApiToken[],
  now: number = Date.now(),
): Promise<Bot[]> {
  const bots: Bot[] = [];
  for (const { name, secret } of apiTokens) {
    const id = await store.findIdentity(API_TOKEN_ISSUER, name) ?? await addBot(store, name, now);
    bots.push({ id, digest: digestOf(secret.reveal()) });
  }
  return bots;
}

async function addBot(store: PeopleStore, name: string, now: number): Promise<UserId> {
  const bot: User = { id: newId(), name, role: "bot" };
  if (!await store.add({ ...bot, remembered: true, created: now })) {
    // The name may be that of a bot whose identity was not written: a crash came in between.
    const holder = await store.findByName(name);
    if (holder?.role !== "bot") throw nameTaken(name);
    bot.id = holder.id;
  }
  if (!await store.addIdentity(API_TOKEN_ISSUER, name, bot.id)) throw nameTaken(name);
  return bot.id;
}

function nameTaken(name: string): StartError {
  return new StartError(
    `Cannot use --api-token of ${quote(name)}: a user has this name; give the token another one`,
  );
}
