/**
 * Takes the pictures of the documentation: `deno task screenshots`. A few people talk on a real
 * server, and what some of them see goes to `docs/images/`.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { Stage } from "./harness.ts";
import type { Person } from "./person.ts";

const FOLDER = new URL("../../docs/images/", import.meta.url).pathname;

const DESKTOP = { viewport: { width: 1280, height: 880 }, deviceScaleFactor: 1.5 };
const PHONE = {
  viewport: { width: 390, height: 780 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};

/** Says something and waits until it is in the log. */
async function say(person: Person, text: string): Promise<void> {
  await person.says(text);
  const seen = /[\p{L}\p{N} ]{3,}/u.exec(text.replace(/@\S+/g, "").slice(-24))?.[0]?.trim() ?? text;
  await person.sees(seen);
}

async function react(person: Person, text: string, emoji: string): Promise<void> {
  await person.acts(text, new RegExp(emoji));
  await person.message(text).locator(".chip", { hasText: emoji }).waitFor();
}

async function reply(person: Person, text: string, answer: string): Promise<void> {
  await person.acts(text, /^(Reply|回复)/);
  await say(person, answer);
}

/** Keeps what somebody sees, with nothing half faded in and no caret. */
async function shoot(person: Person, name: string): Promise<void> {
  await person.page.mouse.move(2, 2);
  await person.page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {})))
  );
  await person.page.screenshot({ path: `${FOLDER}${name}.png`, caret: "hide" });
  console.log(`docs/images/${name}.png`);
}

/** Draws a plan of six rows of tomatoes and shares it. */
async function sharePlan(person: Person): Promise<void> {
  const url = await person.page.evaluate(() => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 840, height: 480 });
    const context = canvas.getContext("2d");
    if (!context) throw new Error("Cannot draw: no 2d context");
    context.fillStyle = "#dfe9d2";
    context.fillRect(0, 0, 840, 480);
    for (let row = 0; row < 6; row++) {
      const y = 60 + row * 72;
      context.fillStyle = "#a9825a";
      context.beginPath();
      context.roundRect(60, y - 22, 620, 44, 22);
      context.fill();
      for (let plant = 0; plant < 11; plant++) {
        const x = 95 + plant * 55;
        context.fillStyle = "#4d8a3f";
        context.beginPath();
        context.arc(x, y, 19, 0, 7);
        context.fill();
        context.fillStyle = "#d8432f";
        for (const [dx, dy] of [[-7, 4], [6, -5], [5, 8]] as const) {
          context.beginPath();
          context.arc(x + dx, y + dy, 5, 0, 7);
          context.fill();
        }
      }
    }
    context.fillStyle = "#6f9fc4";
    context.beginPath();
    context.roundRect(720, 120, 70, 240, 30);
    context.fill();
    return canvas.toDataURL("image/png");
  });
  const buffer = Buffer.from(url.slice(url.indexOf(",") + 1), "base64");
  const file = { name: "plan.png", mimeType: "image/png", buffer };
  await person.page.locator("input[type=file]").setInputFiles([file]);
  await person.log.locator(".preview img").waitFor();
}

async function english(stage: Stage): Promise<void> {
  const server = await stage.server();
  const mira = await stage.person(server, "Mira", { room: "garden", ...DESKTOP });
  const tom = await stage.person(server, "Tom Becker", { room: "garden" });
  const aiko = await stage.person(server, "愛子", {
    room: "garden",
    ...DESKTOP,
    colorScheme: "dark",
  });
  const sam = await stage.person(server, "sam", { room: "kitchen" });
  await mira.opens("kitchen");
  await mira.opens("garden");
  await say(tom, "The tomatoes are in. Six rows, *just* as on the plan:");
  await sharePlan(tom);
  await say(aiko, "Beautiful! I can water them **until Friday**, then I am away for a week.");
  await reply(mira, "until Friday", "I take over from Saturday, no problem.");
  await react(aiko, "I take over", "❤️");
  await react(tom, "I take over", "👍");
  await say(tom, "@Mira the pump is on a timer now:");
  await say(tom, "```\n0 6  pump on\n20 6 pump off\n```");
  await say(mira, "Perfect. Then nobody has to get up at six 😄");
  await react(tom, "get up at six", "👍");
  await react(aiko, "get up at six", "👍");
  await say(sam, "Soup is ready in ten minutes");
  await say(sam, "@Mira yours is without onions");
  await sam.opens("@Mira");
  await sam.says("Can you bring basil?");
  await mira.page.locator(".channel.mentioned", { hasText: "sam" }).waitFor();
  await tom.composer.pressSequentially("…");
  await mira.page.locator(".typing", { hasText: "Tom" }).waitFor();
  await shoot(mira, "desktop");
  await shoot(aiko, "dark");
  const phone = await stage.person(server, "Jonas", { room: "garden", ...PHONE });
  await phone.sees("get up at six");
  await shoot(phone, "phone");
}

async function chinese(stage: Stage): Promise<void> {
  const server = await stage.server();
  const options = { room: "garden", locale: "zh-CN", ...DESKTOP };
  const lin = await stage.visitor(`${server.url}#garden`, options);
  const chen = await stage.visitor(`${server.url}#garden`, options);
  await enter(lin, "林小雨");
  await enter(chen, "陈墨");
  await say(chen, "番茄都种好了，一共六排，和*计划*里的一样。");
  await say(chen, "剩下的事我记在这里： https://garden.example/todo");
  await say(lin, "太好了！我可以浇水**到星期五**，之后要出门一周。");
  await reply(chen, "到星期五", "星期六开始我来接手，没问题。");
  await react(lin, "我来接手", "❤️");
  await say(chen, "@林小雨 水泵已经设好定时：");
  await say(chen, "```\n0 6  打开水泵\n20 6 关闭水泵\n```");
  await say(lin, "太棒了，这样就没有人需要六点起床了 😄");
  await react(chen, "六点起床", "👍");
  await shoot(lin, "chinese");
}

async function enter(person: Person, name: string): Promise<void> {
  await person.page.locator("#welcome-name").fill(name);
  await person.page.keyboard.press("Enter");
  await person.isOnline();
}

await Deno.mkdir(FOLDER, { recursive: true });
for (const scene of [english, chinese]) {
  const stage = new Stage();
  try {
    await scene(stage);
  } finally {
    await stage.close();
  }
}
Deno.exit(0);
