/** Which route a request takes. */
import { assertEquals } from "../support/assert.ts";
import { Problem } from "../../http/problem.ts";
import { type Handler, Router } from "../../http/router.ts";
import { problemOf } from "./bench.ts";

const echo: Handler = (request, { url, param }) =>
  new Response([request.method, param("a"), param("rest"), url.search].join(" "));

const router = new Router([
  { path: "/", get: echo },
  { path: "/both", get: echo, post: echo },
  { path: "/write", post: echo },
  { path: "/:a/x", get: echo },
  { path: "/all/*rest", get: echo },
  { path: "/broken", get: () => Promise.reject(new Error("a secret")) },
  {
    path: "/problem",
    get: () => {
      throw Problem.of("rate_limited", "Cannot do this: later", 1500);
    },
  },
]);

function fetch(path: string, method = "GET"): Promise<Response> {
  return router.fetch(new Request(`http://localhost${path}`, { method }));
}

const FOUND: readonly [method: string, path: string, text: string][] = [
  ["GET", "/", "GET   "],
  ["GET", "/both?x=1", "GET   ?x=1"],
  ["POST", "/both", "POST   "],
  ["HEAD", "/both", "HEAD   "],
  ["POST", "/write", "POST   "],
  ["GET", "/%C3%A4%2Fb/x", "GET ä/b  "],
  ["GET", "/all/b/c%20d/", "GET  b/c d/ "],
];

for (const [method, path, text] of FOUND) {
  Deno.test(`Router finds ${method} ${path}`, async () => {
    assertEquals(await (await fetch(path, method)).text(), text);
  });
}

for (const path of ["/none", "/both/", "//both", "/both/x/y", "//x", "/all", "/Both"]) {
  Deno.test(`Router answers 404 to ${path}`, async () => {
    assertEquals(await problemOf(await fetch(path)), [404, undefined]);
  });
}

const WRONG: readonly [method: string, path: string, allow: string][] = [
  ["POST", "/", "GET, HEAD"],
  ["PUT", "/both", "GET, HEAD, POST"],
  ["OPTIONS", "/both", "GET, HEAD, POST"],
  ["GET", "/write", "POST"],
  ["HEAD", "/write", "POST"],
  ["DELETE", "/all/x", "GET, HEAD"],
];

for (const [method, path, allow] of WRONG) {
  Deno.test(`Router answers 405 to ${method} ${path}`, async () => {
    const response = await fetch(path, method);
    assertEquals(response.headers.get("allow"), allow);
    if (method === "HEAD") assertEquals(response.status, 405);
    else assertEquals(await problemOf(response), [405, undefined]);
  });
}

Deno.test("Router answers 400 to a path that is not UTF-8", async () => {
  assertEquals(await problemOf(await fetch("/%FF/x")), [400, undefined]);
});

Deno.test("Router answers with the problem that a handler throws", async () => {
  const response = await fetch("/problem");
  assertEquals(response.headers.get("retry-after"), "2");
  assertEquals(await response.json(), {
    type: "about:blank",
    title: "Too Many Requests",
    status: 429,
    detail: "Cannot do this: later",
    code: "rate_limited",
  });
});

Deno.test("Router tells nobody what went wrong inside", async () => {
  const response = await fetch("/broken");
  assertEquals((await response.clone().text()).includes("secret"), false);
  assertEquals(await problemOf(response), [500, "internal"]);
});
