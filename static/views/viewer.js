/**
 * Shows a picture in full size, as long as its message is there. Arrows go to the other pictures of the
 * conversation that are loaded.
 *
 * @module
 */
import { h, icon, iconButton } from "./dom.js";
import { pictureOf } from "./file.js";

/**
 * @param {import("./page.js").Page} page
 * @returns {import("./page.js").View & { open: (seq: number) => void }}
 */
export function mountViewer({ chat, speech }) {
  const image = h("img", { alt: "" });
  const name = h("bdi");
  const download = h("a", { class: "icon-button" }, icon("download"));
  const close = iconButton("close", speech.say("close"));
  const element = h(
    "dialog",
    { class: "viewer", "aria-label": speech.say("picture") },
    h("div", { class: "viewer-head" }, name, download, close),
    image,
  );
  /** `seq` of the message whose picture is shown. */
  let shown = 0;

  close.addEventListener("click", () => element.close());
  element.addEventListener("click", (event) => {
    if (event.target === element) element.close();
  });
  element.addEventListener("close", () => image.removeAttribute("src"));
  element.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const all = pictures();
    const next = all[all.findIndex(({ seq }) => seq === shown) + step];
    if (step !== 0 && next) draw(next);
  });

  function pictures() {
    return chat.conversation?.log.entries.flatMap((entry) =>
      entry.kind === "message" ? pictureOf(entry.message) ?? [] : []
    ) ?? [];
  }

  /** @param {NonNullable<ReturnType<typeof pictureOf>>} picture */
  function draw(picture) {
    shown = picture.seq;
    image.src = picture.url;
    image.alt = picture.name;
    name.textContent = picture.name;
    download.href = picture.url;
    download.download = picture.name;
    const label = speech.say("download_name", { name: picture.name });
    download.setAttribute("aria-label", label);
    download.title = label;
  }

  /** @param {number} seq */
  function open(seq) {
    const picture = pictures().find((candidate) => candidate.seq === seq);
    if (!picture) return;
    draw(picture);
    element.showModal();
  }

  function update() {
    if (element.open && !pictures().some(({ seq }) => seq === shown)) element.close();
  }

  return { element, update, open };
}
