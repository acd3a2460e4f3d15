import { chatOnTerminal } from "../../cli/chat/terminal.ts";
import type { TerminalOptions } from "../../cli/chat/terminal.ts";
import type { ServerUrl } from "../../cli/server_url.ts";
import { beginSession } from "../../cli/session_request.ts";
import type { Secret } from "../../config/secret.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { DEADLINE, within } from "../support/within.ts";
import { FakeScreen } from "./fake_screen.ts";
import { openClient, withServer } from "./real_server.ts";

/** The session of a guest who is remembered. */
async function remember(url: ServerUrl, name: string): Promise<Secret> {
  return (await beginSession(url.base, { name })).session;
}

/** A chat of somebody with a session. */
function startChat(url: ServerUrl, session: Secret, more: Partial<TerminalOptions> = {}) {
  const terminal = new FakeScreen();
  const stop = new AbortController();
  const options = { url, name: "?", room: "lobby", mayChangeName: false, signal: stop.signal };
  const chat = chatOnTerminal(terminal, { ...options, session, ...more });
  const ending = () => within(DEADLINE, "the chat to end", chat);
  return {
    terminal,
    ending,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await ending();
    },
  };
}

Deno.test("chatOnTerminal() is the user of the session, on two terminals at once", async () => {
  await withServer([], async (url) => {
    const session = await remember(url, "ann");
    await using one = startChat(url, session);
    await using other = startChat(url, session);
    await one.terminal.shows(/#lobby · 1 here: ann/);
    await other.terminal.shows(/#lobby · 1 here: ann/);
    await one.terminal.type("hello\r");
    await other.terminal.shows(/ann: hello$/);
    await other.terminal.type("/edit hello there\r");
    await one.terminal.shows(/ann: hello there \(edited\)$/);
    await one.terminal.type("/nick anna\r");
    await other.terminal.shows(/^anna› /);
    await other.terminal.shows(/anna: hello there/);
    await one.terminal.type("/whoami\r");
    await one.terminal.shows(/You are anna, a guest of http/);
  });
});

Deno.test("chatOnTerminal() enters the rooms of the user's memberships and reads them there", async () => {
  await withServer([], async (url) => {
    const session = await remember(url, "ann");
    {
      await using first = startChat(url, session);
      await first.terminal.shows(/1 here/);
      await first.terminal.type("/join kitchen\r");
      await first.terminal.shows(/#kitchen · 1 here/);
    }
    await using bo = await openClient(url, { name: "bo", room: "kitchen" });
    await bo.client.say("kitchen", "soup, @ann");
    {
      await using ann = startChat(url, session);
      await ann.terminal.shows(/#lobby.*#kitchen 1!/);
      await ann.terminal.type("\x1b2");
      await ann.terminal.shows(/─ new ─/);
      await ann.terminal.shows(/bo: soup, @ann/);
      await ann.terminal.shows(/#kitchen.*#lobby/);
    }
    await using again = startChat(url, session);
    await again.terminal.shows(/#lobby.*#kitchen +$/);
  });
});

Deno.test("chatOnTerminal() makes a private room, invites, gives roles, and removes", async () => {
  await withServer([], async (url) => {
    await using ann = startChat(url, await remember(url, "ann"));
    await using bo = startChat(url, await remember(url, "bo"));
    await bo.terminal.shows(/2 here/);
    await ann.terminal.type("/private board Money\r");
    await ann.terminal.shows(/^ #board · 1 here: ann · Money/);
    await bo.terminal.type("/join board\r");
    await bo.terminal.shows(/#board: Cannot join/);
    await ann.terminal.type("/invite bo\r");
    await ann.terminal.shows(/ann has invited bo/);
    await bo.terminal.shows(/ann has invited you to #board: \/join board/);
    await bo.terminal.type("/join board\r");
    await bo.terminal.shows(/^ #board · 2 here: .* · Money/);
    await ann.terminal.type("/role bo moderator\r");
    await bo.terminal.shows(/ann has made bo a moderator/);
    await bo.terminal.type("/members\r");
    await bo.terminal.shows(/ann: owner, guest, online/);
    await bo.terminal.shows(/bo: moderator, guest, online/);
    await bo.terminal.type("/topic Tea\r");
    await ann.terminal.shows(/^ #board · 2 here: .* · Tea/);
    await ann.terminal.type("/topic\r");
    await ann.terminal.shows(/Topic: Tea/);
    await ann.terminal.type("/remove @bo\r");
    await bo.terminal.shows(/ann has removed you from #board/);
    await bo.terminal.shows(/^ #lobby · 2 here: ann, bo +$/);
    await ann.terminal.type("/role bo chief\r");
    await ann.terminal.shows(/There is no role chief/);
    await ann.terminal.type("/invite nobody\r");
    await ann.terminal.shows(/Cannot invite: /);
  });
});

Deno.test("chatOnTerminal() keeps a direct conversation for somebody who is away", async () => {
  await withServer([], async (url) => {
    const session = await remember(url, "bo");
    await using ann = startChat(url, await remember(url, "ann"));
    await ann.terminal.shows(/1 here/);
    await ann.terminal.type("/msg bo first\r");
    await ann.terminal.shows(/ann → bo: first/);
    await ann.terminal.type("/join @bo\r");
    await ann.terminal.shows(/^ @bo +#lobby $/);
    await ann.terminal.shows(/\d ann: first$/);
    await ann.terminal.type("second\r");
    await ann.terminal.shows(/ann: second$/);
    await using bo = startChat(url, session);
    await bo.terminal.shows(/#lobby.*@ann 2/);
    await bo.terminal.type("\x1b2");
    await bo.terminal.shows(/^ @ann/);
    await bo.terminal.shows(/ann: first$/);
    await bo.terminal.type("third\r");
    await ann.terminal.shows(/bo: third$/);
    await bo.terminal.type("/invite ann\r");
    await bo.terminal.shows(/This is a direct conversation/);
    await bo.terminal.type("/leave\r");
    await bo.terminal.shows(/^ #lobby · 2 here: ann, bo +$/);
    await bo.terminal.type("/join @nobody\r");
    await bo.terminal.shows(/there is nobody called/);
  });
});

Deno.test("chatOnTerminal() tells of direct messages that come from other conversations", async () => {
  await withServer([], async (url) => {
    await using ann = startChat(url, await remember(url, "ann"));
    await ann.terminal.shows(/1 here/);
    await using bo = await openClient(url, { name: "bo", room: "lobby" });
    await bo.client.tell("ann", "psst");
    await ann.terminal.shows(/bo → ann: psst/);
    await ann.terminal.shows(/#lobby.*@bo 1/);
    assert(ann.terminal.written.includes("\x07"));
  });
});

Deno.test("chatOnTerminal() ends with the session, and says how to log in again", async () => {
  await withServer([], async (url) => {
    const session = await remember(url, "ann");
    const { terminal, ending } = startChat(url, session);
    await terminal.shows(/1 here/);
    const response = await fetch(new URL("api/session", url.base), {
      method: "DELETE",
      headers: { authorization: `Bearer ${session.reveal()}` },
    });
    assertEquals(response.status, 204);
    const text = `Your session has ended: log in again with hubbub login ${url.base}`;
    assertEquals(await ending(), { exitCode: 1, text });
    // The next one does not even begin.
    assertEquals(await startChat(url, session).ending(), { exitCode: 1, text });
  });
});

Deno.test("chatOnTerminal() goes to the lobby if the room of a guest is private", async () => {
  await withServer([], async (url) => {
    await using ann = startChat(url, await remember(url, "ann"));
    await ann.terminal.shows(/1 here/);
    await ann.terminal.type("/private board\r");
    await ann.terminal.shows(/^ #board · 1 here/);
    const terminal = new FakeScreen();
    const signal = AbortSignal.timeout(DEADLINE);
    const guest = { url, name: "cy", room: "board", mayChangeName: false, signal };
    const ending = chatOnTerminal(terminal, guest);
    await terminal.shows(/^ #lobby · 2 here/);
    assertMatch(await terminal.shows(/Cannot join/), /#board: /);
    await terminal.type("/quit\r");
    assertEquals((await ending).exitCode, 0);
  });
});
