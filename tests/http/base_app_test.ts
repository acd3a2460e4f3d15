/** Routing, and the responses where no route fits or a handler throws. */
import type { Context } from "hono";
import { assertEquals } from "../support/assert.ts";
import { Problem } from "../../http/problem.ts";
import { createBaseApp } from "../../http/base_app.ts";
import { problemOf } from "./harness.ts";

const echo = ({ req }: Context) =>
  new Response([req.method, req.param("a"), req.param("rest"), req.query("x")].join(" "));

const app = createBaseApp();
app.get("/", echo);
app.on(["GET", "POST"], "/both", echo);
app.post("/write", echo);
app.get("/hello", (c) => c.text("hello"));
app.get("/:a/x", echo);
app.get("/all/:rest{.+}", echo);
app.get("/broken", () => Promise.reject(new Error("a secret")));
app.get("/thrown", () => {
  throw "a secret";
});
app.get("/problem", () => {
  throw Problem.of("rate_limited", "Cannot do this: later", 1500);
});

async function fetch(path: string, method = "GET"): Promise<Response> {
  return await app.fetch(new Request(`http://localhost${path}`, { method }));
}

const FOUND: readonly [method: string, path: string, text: string][] = [
  ["GET", "/", "GET   "],
  ["GET", "/both?x=1", "GET   1"],
  ["POST", "/both", "POST   "],
  ["HEAD", "/both", ""],
  ["POST", "/write", "POST   "],
  ["GET", "/%C3%A4%2Fb/x", "GET ä/b  "],
  ["GET", "/all/b/c%20d/", "GET  b/c d/ "],
];

for (const [method, path, text] of FOUND) {
  Deno.test(`The app finds ${method} ${path}`, async () => {
    assertEquals(await (await fetch(path, method)).text(), text);
  });
}

for (const path of ["/none", "/both/", "//both", "/both/x/y", "//x", "/all", "/Both"]) {
  Deno.test(`The app answers 404 to ${path}`, async () => {
    assertEquals(await problemOf(await fetch(path)), [404, undefined]);
  });
}

Deno.test("The app answers HEAD with the length of the body of GET", async () => {
  for (const path of ["/hello", "/none", "/problem"]) {
    const { byteLength } = await (await fetch(path)).arrayBuffer();
    const head = await fetch(path, "HEAD");
    assertEquals([await head.text(), head.headers.get("content-length")], ["", String(byteLength)]);
  }
});

const WRONG: readonly [method: string, path: string, allow: string][] = [
  ["POST", "/", "GET, HEAD"],
  ["PUT", "/both", "GET, HEAD, POST"],
  ["OPTIONS", "/both", "GET, HEAD, POST"],
  ["GET", "/write", "POST"],
  ["HEAD", "/write", "POST"],
  ["DELETE", "/all/x", "GET, HEAD"],
];

for (const [method, path, allow] of WRONG) {
  Deno.test(`The app answers 405 to ${method} ${path}`, async () => {
    const response = await fetch(path, method);
    assertEquals(response.headers.get("allow"), allow);
    if (method === "HEAD") assertEquals(response.status, 405);
    else assertEquals(await problemOf(response), [405, undefined]);
  });
}

Deno.test("The app answers 400 to a path that is not UTF-8", async () => {
  assertEquals(await problemOf(await fetch("/%FF/x")), [400, undefined]);
});

Deno.test("The app answers with the problem that a handler throws", async () => {
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

for (const path of ["/broken", "/thrown"]) {
  Deno.test(`The app answers 500 to ${path}, and does not reveal why`, async () => {
    const response = await fetch(path);
    assertEquals((await response.clone().text()).includes("secret"), false);
    assertEquals(await problemOf(response), [500, "internal"]);
  });
}
