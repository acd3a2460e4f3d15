/**
 * The page after login: sidebar, log and composer, side panel. Lays out the views and decides which drawer is
 * open; `actions.js` handles the verbs of the views.
 *
 * @module
 */
import { conversationOf, hashOf } from "../logic/rooms.js";
import { mountComposer } from "./composer.js";
import { mountConnectionBanner } from "./connection_banner.js";
import { lateDialog, mountConfirm } from "./dialog.js";
import { h, setAttributes } from "./dom.js";
import { followDrops } from "./drop_zone.js";
import { mountEmojiPicker } from "./emoji_picker.js";
import { mountHeader } from "./header.js";
import { mountLog } from "./log.js";
import { mountMembers } from "./members.js";
import { mountRoomsDialog } from "./rooms_dialog.js";
import { mountSearchPanel } from "./search_panel.js";
import { mountSidebar } from "./sidebar.js";
import { mountTypingLine } from "./typing_line.js";
import { mountUploadTray } from "./upload_tray.js";
import { mountViewer } from "./viewer.js";

/** From this window width the members are shown beside the log at the start. In pixels. */
const WIDE = 1100;

/**
 * @param {import("./page.js").Page} page
 */
export function mountWorkspace(page) {
  const { speech } = page;
  let side = innerWidth >= WIDE ? "members" : "";
  let drawer = false;
  const sidebar = mountSidebar(page);
  const header = mountHeader(page, () => side);
  const banner = mountConnectionBanner(page);
  const log = mountLog(page);
  const typing = mountTypingLine(page);
  const uploads = mountUploadTray(page);
  const composer = mountComposer(page);
  const members = mountMembers(page);
  const search = mountSearchPanel(page);
  const picker = mountEmojiPicker(page);
  const rooms = mountRoomsDialog(page);
  const viewer = mountViewer(page);
  const confirm = mountConfirm(page);
  const scrim = h("div", { class: "scrim", hidden: true });
  const skip = h("button", { type: "button", class: "skip" }, speech.say("skip"));
  const panel = h(
    "aside",
    { class: "side", "aria-label": speech.say("side_panel") },
    members.element,
    search.element,
  );
  const main = h(
    "main",
    { class: "main" },
    header.element,
    banner.element,
    log.element,
    typing.element,
    uploads.element,
    composer.element,
  );
  const dialogs = [
    picker.element,
    rooms.element,
    viewer.element,
    confirm.element,
  ];
  const element = h(
    "div",
    { class: "workspace" },
    skip,
    sidebar.element,
    main,
    panel,
    scrim,
    ...dialogs,
  );
  const roomDialog = () => import("./room_dialog.js");
  const createRoom = lateDialog(element, async () => (await roomDialog()).mountCreateRoom(page));
  const topic = lateDialog(element, async () => (await roomDialog()).mountTopicDialog(page));
  const invite = lateDialog(
    element,
    async () => (await import("./invite_dialog.js")).mountInviteDialog(page),
  );
  const member = lateDialog(
    element,
    async () => (await import("./member_dialog.js")).mountMemberDialog(page),
  );
  const settings = lateDialog(
    element,
    async () => (await import("./settings.js")).mountSettings(page),
  );
  followDrops(main, page, speech.say("drop_files"));
  skip.addEventListener("click", () => composer.focus());
  scrim.addEventListener("click", closeDrawers);

  /** @param {boolean} open */
  function setDrawer(open) {
    drawer = open;
    update();
    if (open) sidebar.element.querySelector("a")?.focus();
  }

  function closeDrawers() {
    drawer = false;
    if (innerWidth < WIDE) side = "";
    update();
  }

  /** @param {string} wanted "members", "search", or empty to close */
  function toggleSide(wanted) {
    const closing = side === wanted || wanted === "";
    side = closing ? "" : wanted;
    update();
    if (closing) composer.focus();
    else if (side === "search") search.focus();
    else if (innerWidth < WIDE) members.element.querySelector("button")?.focus();
  }

  const views = [
    sidebar,
    header,
    banner,
    typing,
    uploads,
    composer,
    members,
    search,
    rooms,
    invite,
    log,
    viewer,
  ];

  let located = page.chat.current;

  /** The address follows when the conversation that was shown is gone, or was meant by another name. */
  function locate() {
    const { conversation, current } = page.chat;
    if (!conversation || current === located) return;
    located = current;
    if (conversationOf(location.hash)?.key === current) return;
    history.replaceState(null, "", hashOf(conversation));
  }

  function update() {
    locate();
    const shown = side === "members" && page.chat.conversation?.kind === "direct" ? "" : side;
    panel.hidden = shown === "";
    members.element.hidden = shown !== "members";
    search.element.hidden = shown !== "search";
    scrim.hidden = !drawer && (shown === "" || innerWidth >= WIDE);
    setAttributes(element, {
      "data-drawer": drawer ? "open" : undefined,
      "data-side": shown || undefined,
    });
    for (const view of views) view.update();
  }

  return {
    element,
    update,
    setDrawer,
    closeDrawers,
    toggleSide,
    log,
    composer,
    search,
    picker,
    rooms,
    createRoom,
    topic,
    invite,
    member,
    settings,
    viewer,
    confirmDelete: confirm.open,
  };
}
