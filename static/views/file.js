/**
 * A file in the log: a picture as a preview that opens the viewer, video and sound with a player,
 * anything else as a card with name and size.
 *
 * @module
 */
import { h, icon } from "./dom.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("../logic/types.js").FileInfo} FileInfo */

/** Image types that browsers show without running scripts. */
const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"]);

/**
 * The picture of a message, if it is one.
 *
 * @param {import("../logic/types.js").UserMessage} message
 * @returns {{ seq: number, url: string, name: string } | undefined}
 */
export function pictureOf({ seq, file }) {
  if (!file || !PICTURES.has(file.media_type)) return undefined;
  return { seq, url: ownUrl(file.url), name: file.name };
}

/**
 * @param {FileInfo} file
 * @param {Page} page
 */
export function fileView(file, page) {
  const url = ownUrl(file.url);
  if (PICTURES.has(file.media_type)) return preview(file, url, page);
  const card = fileCard(file, url, page);
  const player = playerOf(file.media_type);
  if (!player) return card;
  const media = h(player, { controls: true, preload: "metadata", src: url, class: "player" });
  return h("div", {}, media, card);
}

/** @param {string} mediaType */
function playerOf(mediaType) {
  if (/^video\/(mp4|webm|ogg)$/.test(mediaType)) return "video";
  return /^audio\/(mpeg|mp4|ogg|wav|webm|flac|aac)$/.test(mediaType) ? "audio" : null;
}

/**
 * @param {FileInfo} file
 * @param {string} url
 * @param {Page} page
 */
function preview(file, url, { speech }) {
  const image = h("img", { src: url, alt: file.name, loading: "lazy", decoding: "async" });
  const button = h("button", { type: "button", class: "preview", "data-verb": "view" }, image);
  button.setAttribute("aria-label", speech.say("view_image", { name: file.name }));
  image.addEventListener("error", () => button.classList.add("broken"), { once: true });
  const caption = h(
    "span",
    { class: "caption" },
    h("bdi", {}, file.name),
    ` · ${speech.size(file.size)}`,
  );
  return h("div", { class: "file" }, button, caption);
}

/**
 * @param {FileInfo} file
 * @param {string} url
 * @param {Page} page
 */
function fileCard(file, url, { speech }) {
  return h(
    "a",
    { class: "card", href: url, download: file.name },
    h("span", { class: "hidden-text" }, `${speech.say("download")} `),
    icon("file"),
    h(
      "span",
      { class: "card-text" },
      h("bdi", { class: "card-name" }, file.name),
      h("span", { class: "card-size" }, speech.size(file.size)),
    ),
    icon("download"),
  );
}

/**
 * A file's address, below that of the page: a message must not make it load from elsewhere.
 *
 * @param {string} url
 */
function ownUrl(url) {
  return `.${url}`;
}
