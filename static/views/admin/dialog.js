/**
 * The administration, for admins: lists of who and what is there, and what can be done about it. Loaded when
 * it is opened first.
 *
 * @module
 */
import { Admin } from "../../../sdk/admin.js";
import { RefusedError } from "../../../sdk/errors.js";
import { describeAgent } from "../../logic/agent.js";
import { makeItem, makeSection, whenIs } from "../account/section.js";
import { makeDialog } from "../dialog.js";
import { h, setText } from "../dom.js";
import { makeProblem } from "../form.js";
import { explain } from "../page.js";
import { makeQuestion } from "./act.js";
import { adminWords } from "./words.js";

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
    button.addEventListener("click", () => {
      question.open({ act, whom, ...asks }, async (terms) => {
        await attempt(() => run(terms));
        for (const list of lists) await list.refresh();
      });
    });
    return button;
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

  const connections = makeList({
    title: say("connections"),
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

  const users = makeList({
    title: say("users"),
    async load(/** @type {import("../../../sdk/admin.js").AdminUser | undefined} */ last) {
      const page = await admin.users({ limit: PAGE, ...(last && { after: last.name }) });
      return { entries: page.users, complete: page.complete };
    },
    item({ id, name, role, connections: count, disabled, seen }) {
      const note = [
        role,
        count > 0 ? say("online", { count }) : whenIs(page, seen),
        disabled ? say("disabled") : "",
      ].filter((part) => part !== "").join(between);
      return withActions(name, note, userActions({ id, name, role }));
    },
  });

  const rooms = makeList({
    title: say("rooms"),
    async load(/** @type {import("../../../sdk/admin.js").AdminRoom | undefined} */ last) {
      const page = await admin.rooms({ limit: PAGE, ...(last && { after: last.room }) });
      return { entries: page.rooms, complete: page.complete };
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

  const bans = makeList({
    title: say("bans"),
    async load(/** @type {Sanction | undefined} */ _last) {
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

  const audit = makeList({
    title: say("audit"),
    async load(/** @type {import("../../../sdk/admin.js").AuditEntry | undefined} */ last) {
      const { entries, complete } = await admin.audit({
        limit: PAGE,
        ...(last && { before: last.number }),
      });
      return { entries, complete };
    },
    item({ name, act, target, detail, time }) {
      const note = [whenIs(page, time), name, detail].filter((part) => part !== "").join(between);
      return withActions(`${act} ${target}`, note, []);
    },
  });

  /**
   * A section with a list that is loaded when it is unfolded, a page at a time.
   *
   * @template T
   * @param {{ title: string, load: (last: T | undefined) => Promise<{ entries: T[], complete: boolean }>, item: (entry: T) => Node }} options
   */
  function makeList({ title, load, item }) {
    const list = h("ul", { class: "items" });
    const more = h("button", { type: "button", class: "secondary", hidden: true }, say("more"));
    /** @type {T | undefined} */
    let last;

    const problem = makeProblem(speech);
    /** Loading goes one page after the other. @type {Promise<unknown>} */
    let loading = Promise.resolve();

    /** @param {boolean} anew */
    async function addPage(anew) {
      const { entries, complete } = await load(anew ? undefined : last);
      if (anew) list.replaceChildren();
      last = entries.at(-1) ?? (anew ? undefined : last);
      list.append(...entries.map(item));
      if (list.childElementCount === 0) list.append(h("li", { class: "note" }, say("none")));
      more.hidden = complete;
    }

    /** @param {boolean} anew */
    function show(anew) {
      setText(problem.element, "");
      return loading = loading.then(() => addPage(anew)).catch(problem.show);
    }

    more.addEventListener("click", () => more.hidden || show(false));
    const { element } = makeSection(title, [list, problem.element, more], () => show(true));
    return { element, refresh: async () => element.open && await show(true) };
  }

  const lists = [connections, users, rooms, bans, audit];

  const text = h("input", { id: "admin-announce", type: "text", maxlength: 500 });
  const announce = h(
    "form",
    { class: "section", novalidate: true },
    h("label", { for: text.id }, say("announcement")),
    h(
      "div",
      { class: "with-button" },
      text,
      h("button", { type: "submit", class: "secondary" }, say("announce")),
    ),
  );
  announce.addEventListener("submit", async (event) => {
    event.preventDefault();
    const content = text.value.trim();
    if (content === "") return text.focus();
    await attempt(async () => {
      await admin.announce(content);
      text.value = "";
      return say("announced");
    });
  });

  const element = makeDialog(
    say("administration"),
    { close: speech.say("close"), class: "account-dialog" },
    status,
    announce,
    ...lists.map((list) => list.element),
    question.element,
  );

  function open() {
    setText(status, "");
    for (const section of element.querySelectorAll("details")) section.open = false;
    element.showModal();
  }

  return { element, open };
}

/**
 * One of a list, with what can be done about it.
 *
 * @param {string} text
 * @param {string} note
 * @param {readonly Node[]} actions
 */
function withActions(text, note, actions) {
  const item = makeItem(text, note, null);
  if (actions.length > 0) item.append(h("div", { class: "buttons" }, ...actions));
  return item;
}
