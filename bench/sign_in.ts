/**
 * Tries to sign members in at a fixed rate, to be run beside another load: what do the others notice of it?
 * Makes the members first; the server must let anybody register.
 *
 * `deno run -A bench/sign_in.ts URL [RATE [SECONDS]]`: by default 100 a second, for 10 seconds
 *
 * @module
 */

/** Number of members; each signs in again and again. */
const MEMBERS = 20;

/** One member. */
interface Member {
  readonly name: string;
  readonly password: string;
}

async function post(url: URL, body: Member): Promise<{ status: number; code: string }> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const { code = "" } = await response.json();
  return { status: response.status, code };
}

async function main([server = "http://localhost:8080/", rate = "100", seconds = "10"]: string[]) {
  const members = Array.from({ length: MEMBERS }, (_, index): Member => ({
    name: `member-${index}`,
    password: `the password of ${index}`,
  }));
  // From an earlier run they may be there already.
  for (const member of members) await post(new URL("/api/account", server), member);
  const answers = new Map<string, number>();
  const times: number[] = [];
  const pending: Promise<void>[] = [];
  const start = performance.now();
  for (let count = 0; count < Number(rate) * Number(seconds); count++) {
    const due = start + count * 1000 / Number(rate);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    pending.push(signIn(members[count % MEMBERS]));
  }
  await Promise.all(pending);
  times.sort((a, b) => a - b);
  const [median, p99] = [0.5, 0.99].map((part) => times[Math.floor(times.length * part)] ?? NaN);
  console.log(Object.fromEntries(answers));
  console.log(`Signed in after ${median?.toFixed()} ms (median), ${p99?.toFixed()} ms (p99)`);

  async function signIn(member: Member | undefined): Promise<void> {
    if (member === undefined) return;
    const began = performance.now();
    const { status, code } = await post(new URL("/api/session", server), member);
    const answer = `${status} ${code}`.trimEnd();
    answers.set(answer, (answers.get(answer) ?? 0) + 1);
    if (status === 201) times.push(performance.now() - began);
  }
}

if (import.meta.main) await main(Deno.args);
