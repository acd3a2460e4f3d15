/**
 * What the tests about people share: asking for something and reading the answer.
 *
 * @module
 */
import type { ServerMessage } from "../../../protocol.ts";
import { brief, type HubHarness, type Person } from "../../support/hub_harness.ts";

let ids = 0;

/** Somebody new, who is kept. */
export function admit(harness: HubHarness, name: string, login: object = {}): Promise<Person> {
  return harness.enter(name, { remember: true, ...login });
}

/** Sends a request and waits for whatever answers it: its event, its answer or an error. */
export async function ask(person: Person, request: object): Promise<ServerMessage> {
  const id = `ask-${++ids}`;
  person.send({ ...request, id });
  return await person.answerTo(id);
}

/** The code of the error that answers a request; `ok` if it is none. */
export async function codeOf(person: Person, request: object): Promise<string> {
  const answer = await ask(person, request);
  return answer.type === "error" ? answer.code : "ok";
}

/** A private room of somebody, with others whom they have invited and who have entered it. */
export async function makePrivate(
  harness: HubHarness,
  owner: Person,
  room: string,
  ...members: Person[]
): Promise<void> {
  await ask(owner, { type: "create", room, private: true });
  for (const member of members) {
    await ask(owner, { type: "invite", room, user: `@${member.user.id}` });
    await ask(member, { type: "join", room });
  }
  await harness.settled();
  for (const person of [owner, ...members]) person.take();
}

/** What somebody has received, shortened, once everything is done. */
export async function seen(harness: HubHarness, person: Person): Promise<string[]> {
  await harness.settled();
  return person.take().map(brief);
}
