/**
 * Shows a picture in full size. Arrows go to the other pictures that are in the document.
 *
 * @module
 */
import { h, icon, iconButton } from "./dom.js";

/**
 * @param {import("./page.js").Page} page
 */
export function mountViewer({ speech }) {
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
  /** @type {{ url: string, name: string }[]} */
  let pictures = [];
  let index = 0;

  close.addEventListener("click", () => element.close());
  element.addEventListener("click", (event) => {
    if (event.target === element) element.close();
  });
  element.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    index = Math.max(0, Math.min(pictures.length - 1, index + step));
    draw();
  });

  function draw() {
    const picture = pictures[index];
    if (!picture) return;
    image.src = picture.url;
    image.alt = picture.name;
    name.textContent = picture.name;
    download.href = picture.url;
    download.download = picture.name;
    const label = speech.say("download_name", { name: picture.name });
    download.setAttribute("aria-label", label);
    download.title = label;
  }

  /**
   * @param {{ url: string, name: string }[]} all
   * @param {string} url the first one shown
   */
  function open(all, url) {
    pictures = all;
    index = Math.max(0, all.findIndex((picture) => picture.url === url));
    draw();
    element.showModal();
  }

  return { element, open };
}
