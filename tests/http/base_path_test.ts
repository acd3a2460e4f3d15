import { BasePath } from "../../http/base_path.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";

const HOST = "https://example.org";

function get(path: string, headers: Record<string, string> = {}): Request {
  return new Request(`${HOST}${path}`, { headers });
}

/** The request that the rest of the server sees. */
function entered(place: BasePath, request: Request): Request {
  const inner = place.enter(request);
  assert(inner instanceof Request, `refused ${request.url}`);
  return inner;
}

Deno.test("BasePath leaves everything as it is at /", () => {
  for (const options of [{}, { basePath: "", publicUrl: "https://chat.example.org/" }]) {
    const place = new BasePath(options);
    const request = get("/chat/ws", { cookie: "hubbub=a; other=b" });
    assertEquals(place.enter(request), request);
    const response = new Response(null, { headers: { location: "/x", "set-cookie": "hubbub=a" } });
    assertEquals(place.leave(response), response);
  }
});

Deno.test("BasePath.enter() takes the path off a request", async () => {
  const place = new BasePath({ basePath: "/a/chat" });
  for (
    const [outside, inside] of [
      ["/a/chat/", "/"],
      ["/a/chat/ws", "/ws"],
      ["/a/chat/files/1/a%2Fb?x=%20#y", "/files/1/a%2Fb?x=%20"],
      ["/a/chat/a/chat/", "/a/chat/"],
      ["/a/chat//ws", "//ws"],
    ] as const
  ) {
    const { url } = entered(place, get(outside));
    assertEquals(url.replace("#y", ""), HOST + inside);
  }
  const post = new Request(`${HOST}/a/chat/files`, { method: "POST", body: "bytes" });
  const inner = entered(place, post);
  assertEquals([inner.method, inner.headers.get("content-type")], [
    "POST",
    post.headers.get("content-type"),
  ]);
  assertEquals(place.enter(post), inner, "a body can be read once only");
  assertEquals(await inner.text(), "bytes");
});

Deno.test("BasePath.enter() answers 404 beside the path, and leads from the path without / to the page", async () => {
  const place = new BasePath({ basePath: "/chat" });
  for (const path of ["/", "/ws", "/chatter/", "/chat%2F", "/a/chat/", "/CHAT/", "/chat/../ws"]) {
    const response = place.enter(get(path));
    assert(response instanceof Response, path);
    assertEquals([response.status, response.headers.get("x-content-type-options")], [
      404,
      "nosniff",
    ]);
    assertStringIncludes(await response.text(), "everything is below /chat/");
  }
  const response = place.enter(get("/chat?a=b"));
  assert(response instanceof Response);
  assertEquals([response.status, response.headers.get("location")], [308, "/chat/?a=b"]);
  await response.body?.cancel();
});

Deno.test("BasePath.enter() takes its own cookies only, whatever comes first", () => {
  const place = new BasePath({ basePath: "/a/chat" });
  const cookies: [string, string | null][] = [
    ["hubbub=root", null],
    ["hubbub+a=parent; hubbub=root; hubbub+a+chat=own", "hubbub=own"],
    ["hubbub+a+chat=own; hubbub=root", "hubbub=own"],
    ["hubbub_oidc+a+chat=x=y; hubbub+a+chat=own", "hubbub_oidc=x=y; hubbub=own"],
    ["hubbub+a+chat+b=child; x+a+chat=1; +a+chat=2", null],
  ];
  for (const [sent, seen] of cookies) {
    assertEquals(entered(place, get("/a/chat/", { cookie: sent })).headers.get("cookie"), seen);
  }
});

Deno.test("BasePath.leave() puts the path into Location and Set-Cookie", async () => {
  const place = new BasePath({ basePath: "/chat" });
  const headers = new Headers({ location: "/#sign-in=failed", "x-other": "kept" });
  headers.append("set-cookie", "hubbub=a; Path=/; Max-Age=1; HttpOnly; SameSite=Lax");
  headers.append("set-cookie", "hubbub_oidc=b; Max-Age=1; Path=/api/oidc; HttpOnly");
  const response = place.leave(new Response("body", { status: 201, headers }));
  assertEquals(response.status, 201);
  assertEquals([...response.headers], [
    ["content-type", "text/plain;charset=UTF-8"],
    ["location", "/chat/#sign-in=failed"],
    ["set-cookie", "hubbub+chat=a; Path=/chat/; Max-Age=1; HttpOnly; SameSite=Lax"],
    ["set-cookie", "hubbub_oidc+chat=b; Max-Age=1; Path=/chat/api/oidc; HttpOnly"],
    ["x-other", "kept"],
  ]);
  assertEquals(await response.text(), "body");
  for (const elsewhere of ["https://id.example.org/", "//id.example.org/", "next"]) {
    const other = new Response(null, { headers: { location: elsewhere } });
    assertEquals(place.leave(other).headers.get("location"), elsewhere);
  }
});

Deno.test("BasePath publishes the path of the public URL where a proxy removes it", () => {
  const place = new BasePath({ publicUrl: "https://example.org/team(1)/chat/" });
  const cookie = "hubbub=own; Path=/; HttpOnly";
  const response = place.leave(new Response(null, { headers: { "set-cookie": cookie } }));
  const [set = ""] = response.headers.getSetCookie();
  assertEquals(set, "hubbub+team%281%29+chat=own; Path=/team(1)/chat/; HttpOnly");
  const inner = entered(place, get("/api/session", { cookie: set.split(";")[0] ?? "" }));
  assertEquals([inner.url, inner.headers.get("cookie")], [`${HOST}/api/session`, "hubbub=own"]);
});
