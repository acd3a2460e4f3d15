/**
 * The administration, for admins: lists of who and what is there, and what can be done about it. Loaded when
 * it is opened first.
 *
 * @module
 */
import { Admin } from "../../../sdk/admin.js";
import { RefusedError } from "../../../sdk/errors.js";
import { describeAgent } from "../../logic/agent.js";
import { makeSection, whenIs } from "../account/section.js";
import { makeDialog } from "../dialog.js";
import { h, setText } from "../dom.js";
import { makeField } from "../form.js";
import { explain } from "../page.js";
import { makeQuestion } from "./act.js";
import { makeList, withActions } from "./list.js";
import { adminWords, describeAct } from "./words.js";

/** @typedef {import("../page.js").Page} Page */
/** @typedef {import("../../../sdk/admin.js").Sanction} Sanction */

/** Entries that a list shows at a time. */
const PAGE = 50;

/** @param {Page} page */
export function mountAdmin(page) {
  const { speech } = page;
  const say = adminWords(speech);
  const admin = new Admin(location.href);
  const question = makeQuestion(page, say);
  const status = h("p", { class: "news", role: "status" });
  const between = speech.say("separator");

  /** Does something, and says what came of it. @param {() => Promise<string>} run */
  async function attempt(run) {
    try {
      setText(status, await run());
    } catch (error) {
      const { code, message, retryMs } = error instanceof RefusedError
        ? error
        : new RefusedError("internal", "");
      const why = explain(speech, code, { retryMs });
      // Only the server knows what exactly it does not take; it says so in English.
      setText(status, message === "" ? why : `${why} ${message}`);
    }
  }

  /**
   * A button that asks before it does something.
   *
   * @param {string} act
   * @param {string} whom
   * @param {{ lasts?: boolean, explains?: boolean }} asks
   * @param {(terms: import("../../../sdk/admin.js").Terms) => Promise<string>} run
   */
  function action(act, whom, asks, run) {
    const button = h("button", { type: "button", class: "secondary" }, act);
    button.setAttribute("aria-label", say("question", { act, whom }));
    button.addEventListener("click", () => ask({ act, whom, ...asks }, run));
    return button;
  }

  /**
   * Asks, does it, and shows what has changed.
   *
   * @param {Parameters<typeof question.open>[0]} what
   * @param {(terms: import("../../../sdk/admin.js").Terms) => Promise<string>} run
   */
  function ask(what, run) {
    question.open(what, async (terms) => {
      await attempt(() => run(terms));
      for (const list of lists) await list.refresh();
    });
  }

  /** @param {Sanction} sanction */
  const imposed = ({ label }) => say("imposed", { label });

  /**
   * What can be done to a user.
   *
   * @param {{ id: string, name: string, role: string }} user
   */
  function userActions({ id, name, role }) {
    if (role === "admin") return [];
    const user = `@${id}`;
    return [
      action(say("kick"), name, {}, async (terms) => {
        return say("kicked", { count: await admin.kick({ user, ...terms }) });
      }),
      action(say("mute"), name, { lasts: true }, async (terms) => {
        return imposed(await admin.mute({ user, ...terms }));
      }),
      action(say("ban"), name, { lasts: true }, async (terms) => {
        return imposed(await admin.ban({ user, ...terms }));
      }),
      action(say("delete_all"), name, { explains: false }, async () => {
        return say("deleted", { count: await admin.remove({ user }) });
      }),
    ];
  }

  const connections = makeList(page, say, {
    title: say("connections"),
    key: ({ number }) => number,
    async load(/** @type {import("../../../sdk/admin.js").AdminConnection | undefined} */ last) {
      const { connections: entries, complete } = await admin.connections({
        limit: PAGE,
        ...(last && { after: last.number }),
      });
      return { entries, complete };
    },
    item({ number, user, ip, agent, since, rooms }) {
      const note = [
        ip,
        describeAgent(agent),
        whenIs(page, since),
        ...rooms.map((room) => `#${room}`),
      ]
        .filter((part) => part !== "").join(between);
      const actions = user ? userActions(user) : [
        action(say("kick"), `${number}`, {}, async (terms) => {
          return say("kicked", { count: await admin.kick({ connection: number, ...terms }) });
        }),
      ];
      if (ip !== "" && user?.role !== "admin") {
        actions.push(action(say("ban_address"), ip, { lasts: true }, async (terms) => {
          return imposed(await admin.ban({ address: ip, ...terms }));
        }));
      }
      return withActions(user?.name ?? say("nobody"), note, actions);
    },
  });

  const users = makeList(page, say, {
    title: say("users"),
    key: ({ id }) => id,
    find: "admin-find-users",
    async load(/** @type {import("../../../sdk/admin.js").AdminUser | undefined} */ last, content) {
      const { users: entries, complete } = await admin.users({
        limit: PAGE,
        content,
        ...(last && { after: last.name }),
      });
      return { entries, complete };
    },
    item({ id, name, role, connections: count, disabled, seen }) {
      const note = [
        role === "bot" ? say("bot") : speech.say(role),
        count > 0 ? say("online", { count }) : whenIs(page, seen),
        disabled ? say("disabled") : "",
      ].filter((part) => part !== "").join(between);
      return withActions(name, note, userActions({ id, name, role }));
    },
  });

  const rooms = makeList(page, say, {
    title: say("rooms"),
    key: ({ room }) => room,
    find: "admin-find-rooms",
    async load(/** @type {import("../../../sdk/admin.js").AdminRoom | undefined} */ last, content) {
      const { rooms: entries, complete } = await admin.rooms({
        limit: PAGE,
        content,
        ...(last && { after: last.room }),
      });
      return { entries, complete };
    },
    item(entry) {
      const { room, online, last } = entry;
      const note = [
        say("online", { count: online }),
        say("messages", { count: last }),
        entry.private ? say("private") : "",
        entry.closed ? say("closed") : "",
      ].filter((part) => part !== "").join(between);
      const actions = entry.closed ? [] : [
        action(say("close"), `#${room}`, { lasts: true }, async (terms) => {
          return imposed(await admin.close({ room, ...terms }));
        }),
      ];
      return withActions(`#${room}`, note, actions);
    },
  });

  const bans = makeList(page, say, {
    title: say("bans"),
    key: ({ id }) => id,
    before: [makeBanForm()],
    async load() {
      return { entries: await admin.bans(), complete: true };
    },
    item({ id, kind, label, until, reason }) {
      const words = { ban: say("ban"), mute: say("mute"), close: say("close") };
      const note = [
        words[kind],
        until === undefined ? say("for_ever") : say("until", { time: whenIs(page, until) }),
        reason,
      ].filter((part) => part !== "").join(between);
      const lift = action(say("lift"), label, { explains: false }, async () => {
        await admin.lift(id);
        return say("lifted");
      });
      return withActions(label, note, [lift]);
    },
  });

  const audit = makeList(page, say, {
    title: say("audit"),
    key: ({ number }) => number,
    async load(/** @type {import("../../../sdk/admin.js").AuditEntry | undefined} */ last) {
      const { entries, complete } = await admin.audit({
        limit: PAGE,
        ...(last && { before: last.number }),
      });
      return { entries, complete };
    },
    item({ name, detail, time, ...entry }) {
      const parts = [whenIs(page, time), name].filter((part) => part !== "");
      // The server's words.
      const more = detail === "" ? [] : [between, h("span", { lang: "en" }, detail)];
      const note = h("span", {}, parts.join(between), ...more);
      return withActions(describeAct(say, entry), note, []);
    },
  });

  const lists = [connections, users, rooms, bans, audit];

  const element = makeDialog(
    say("administration"),
    { close: speech.say("close"), class: "account-dialog" },
    status,
    makeAnnouncement(),
    ...lists.map((list) => list.element),
    makeMaintenance(),
    question.element,
  );

  /** Tells everybody something. */
  function makeAnnouncement() {
    const { element, input } = makeField("admin-announce", say("announcement"), { maxlength: 500 });
    const submit = h("button", { type: "submit", class: "secondary" }, say("announce"));
    const form = h("form", { class: "section", novalidate: true }, element, submit);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const content = input.value.trim();
      if (content === "") return input.focus();
      await attempt(async () => {
        await admin.announce(content);
        input.value = "";
        return say("announced");
      });
    });
    return form;
  }

  /** Bans somebody who is not in a list. */
  function makeBanForm() {
    const kind = h(
      "select",
      { id: "admin-ban-kind" },
      h("option", { value: "name" }, say("ban_name")),
      h("option", { value: "address" }, say("ban_network")),
    );
    const { element, input } = makeField("admin-ban", say("value"), { maxlength: 100 });
    const form = h(
      "form",
      { novalidate: true },
      h("div", { class: "field" }, h("label", { for: kind.id }, say("ban_what")), kind),
      element,
      h("button", { type: "submit", class: "secondary" }, say("ban_stranger")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const whom = input.value.trim();
      if (whom === "") return input.focus();
      const target = kind.value === "name" ? { name: whom } : { address: whom };
      ask({ act: say("ban"), whom, lasts: true }, async (terms) => {
        const sanction = await admin.ban({ ...target, ...terms });
        input.value = "";
        return imposed(sanction);
      });
    });
    return form;
  }

  /** Sends everybody to another server. */
  function makeMaintenance() {
    const buttons = h(
      "div",
      { class: "buttons" },
      action(say("drain"), say("everybody"), { explains: false }, async () => {
        await admin.drain();
        return say("drained");
      }),
      action(say("end_drain"), say("everybody"), { explains: false }, async () => {
        await admin.endDrain();
        return say("drain_ended");
      }),
    );
    const note = h("p", { class: "note" }, say("drain_note"));
    return makeSection(say("maintenance"), [note, buttons]).element;
  }

  /** @param {string | null} name of a user who is shown at once */
  function open(name) {
    setText(status, "");
    for (const section of element.querySelectorAll("details")) section.open = false;
    element.showModal();
    if (name !== null) users.search(name);
  }

  return { element, open };
}
