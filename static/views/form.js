/**
 * Forms that ask the server: busy while it answers, and what went wrong said beside the field that it is
 * about.
 *
 * @module
 */
import { checkName } from "../../protocol/wire.js";
import { RefusedError } from "../../sdk/errors.js";
import { h, setAttributes, setText } from "./dom.js";
import { explain } from "./page.js";

/** @typedef {import("../logic/i18n.js").Speech} Speech */
/** @typedef {import("../logic/i18n.js").MessageKey} MessageKey */

/** Rules of the server. */
const PASSWORD_LENGTH = { least: 8, most: 256 };

/**
 * An input with its label.
 *
 * @param {string} id
 * @param {string} label
 * @param {import("./dom.js").Attributes} [attributes]
 */
export function makeField(id, label, attributes = {}) {
  const input = h("input", { id, type: "text", spellcheck: "false", ...attributes });
  const element = h("div", { class: "field" }, h("label", { for: id }, label), input);
  return { element, input };
}

/**
 * @param {string} id
 * @param {string} label
 * @param {"current-password" | "new-password"} autocomplete
 */
export function makePassword(id, label, autocomplete) {
  return makeField(id, label, { type: "password", autocomplete, required: true });
}

/**
 * For a password manager, which should know whose password it is.
 *
 * @param {string} name
 */
export function makeUsername(name) {
  const input = h("input", { type: "text", autocomplete: "username", hidden: true });
  input.value = name;
  return input;
}

/**
 * @param {HTMLInputElement} input
 * @returns {string} a name that is allowed
 * @throws {RefusedError} `bad_name`
 */
export function readName(input) {
  const checked = checkName(input.value.trim());
  if ("problem" in checked) throw new RefusedError("bad_name", checked.problem);
  return checked.name;
}

/**
 * @param {HTMLInputElement} input
 * @returns {string} a new password that is allowed
 * @throws {RefusedError} `bad_message`
 */
export function readNewPassword({ value }) {
  const length = [...value].length;
  const { least, most } = PASSWORD_LENGTH;
  if (length >= least && length <= most) return value;
  throw new RefusedError("bad_message", `A password has ${least} to ${most} characters`);
}

/**
 * @typedef {object} FormOptions
 * @property {string} submit what the button says
 * @property {string} [style] the button's class
 * @property {{ [code: string]: MessageKey }} [words] texts for codes that mean something special here
 * @property {{ [code: string]: HTMLInputElement }} [blame] which input a code is about
 */

/**
 * @param {Speech} speech
 * @param {FormOptions} options
 * @param {readonly (Node | null)[]} children before the button
 * @param {() => Promise<unknown>} run rejects with a `RefusedError`
 */
export function makeForm(speech, options, children, run) {
  const { submit, style = "primary", blame = {} } = options;
  const button = h("button", { type: "submit", class: style }, submit);
  const problem = makeProblem(speech, options.words);
  const element = h("form", { novalidate: true }, ...children, problem.element, button);
  const guarded = guard(button, problem, run);
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    setText(problem.element, "");
    for (const input of Object.values(blame)) mark(input, "");
    const code = await guarded();
    if (code === "") return;
    const input = blame[code];
    if (!input) return button.focus();
    mark(input, problem.element.id);
    input.focus();
  });
  return { element, button, problem };
}

let problems = 0;

/**
 * Where a refusal is told.
 *
 * @param {Speech} speech
 * @param {{ [code: string]: MessageKey }} [words] texts for codes that mean something special here
 */
export function makeProblem(speech, words = {}) {
  const element = h("p", { class: "problem", id: `problem-${++problems}`, role: "alert" });

  /**
   * @param {unknown} error
   * @returns {string} its code
   */
  function show(error) {
    const refused = error instanceof RefusedError ? error : new RefusedError("internal", "");
    setText(element, explain(speech, refused.code, { retryMs: refused.retryMs, words }));
    return refused.code;
  }

  return { element, show };
}

/**
 * Has a button do something that may be refused, once at a time.
 *
 * @param {HTMLButtonElement} button
 * @param {ReturnType<typeof makeProblem>} problem
 * @param {() => Promise<unknown>} run
 * @returns {() => Promise<string>} resolves to the code of the refusal; empty if there was none
 */
export function guard(button, problem, run) {
  return async () => {
    // Not `disabled`, which would throw the focus out of the form.
    if (button.getAttribute("aria-disabled") === "true") return "";
    setAttributes(button, { "aria-disabled": "true" });
    setText(problem.element, "");
    try {
      await run();
      return "";
    } catch (error) {
      return problem.show(error);
    } finally {
      setAttributes(button, { "aria-disabled": undefined });
    }
  };
}

/**
 * @param {HTMLInputElement} input
 * @param {string} problem id of the element that says what is wrong; empty: nothing is
 */
function mark(input, problem) {
  const isWrong = problem !== "";
  setAttributes(input, {
    "aria-invalid": isWrong ? "true" : undefined,
    "aria-describedby": isWrong ? problem : undefined,
  });
}
