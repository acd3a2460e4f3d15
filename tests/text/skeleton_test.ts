/** Which names look alike and which do not, and which are no names. */
import fc from "fast-check";
import { checkName, foldName } from "../../protocol.ts";
import { isMixedScript } from "../../sdk/hubbub.js";
import { isReserved } from "../../people/name_rules.ts";
import { skeletonOf } from "../../text/skeleton.ts";
import { assert, assertEquals, assertFalse } from "../support/assert.ts";

/** Groups of names that look alike, or are the same in another letter case. */
const ALIKE = [
  ["paypal", "\u0440\u0430\u0443\u0440\u0430l", "PAYPAL", "paypaI", "paypa1"],
  ["scope", "\u0455\u0441\u043e\u0440\u0435", "sc\u03bfpe", "SC0PE", "ｓｃｏｐｅ"],
  ["Bob", "\u0412ob", "\u0412\u043e\u042c".slice(0, 2) + "b", "80b".replace("8", "B")],
  ["Nick", "\u039dick"],
  ["NICK", "N1CK", "NlCK"],
  ["Ian", "lan", "1an", "IAN", "\u0406an"],
  ["ian", "\u0456an"],
  ["ALI", "All", "AL1"],
  ["corn", "com", "ＣＯＭ"],
  ["modern", "rnodem", "modem"],
  ["Max", "ℳax", "𝗠𝗮𝘅", "Ⓜax".replace("Ⓜ", "M")],
  ["Zoë", "Zoe\u0308", "ZOË"],
  ["Ann", "A\u200dnn", "Ann\ufe0f", "\u0410nn"],
];

/** Names as people have them. */
const ORDINARY = [
  ...["王伟", "李娜", "欧阳修", "佐藤", "さくら", "アキラ", "김민준", "이서연", "محمد", "فاطمة"],
  ...["علی‌رضا", "अमित", "प्रिया", "कृष्ण", "สมชาย", "น้ำฝน", "Nguyễn Văn", "Trần Thị Hồng", "Hông"],
  ...["Müller", "Mueller", "Jürgen", "Groß", "Françoise", "Zoé", "Zoë", "Çağlar", "Işık", "Şule"],
  ...["Иван", "Ольга", "Γιώργος", "Ελένη", "שרה", "ნინო", "Արամ", "தமிழ்", "O’Neil", "Jean-Luc"],
  ...["ann", "Anna", "Ben 2", "user42", "🎉", "👩‍💻", "❤️", "🇩🇪", "cat 🐈", "k8s", "C#", "Bo"],
  ...["Ali", "Alla", "Alia", "Ella", "Elia", "Eila", "Mila", "Miia", "Milla", "Ian", "ian", "Al"],
];

/** Names that nobody may have. */
const REFUSED = {
  "an unassigned character": "a\u0378",
  "a noncharacter": "a\ufdd0",
  "private use": "a\ue000",
  "a surrogate": "a\ud800",
  "an object replacement": "a\ufffc",
  "a replacement character": "a\ufffd",
  "combining marks only": "\u0301\u0302",
  "a leading combining mark": "\u0301a",
  "a mark after a space": "a \u0301b",
  "invisible characters only": "\u200d\ufe0f",
  "a bidirectional override": "a\u202eb",
  "a zero-width space": "a\u200bb",
  "a Hangul filler": "\u3164",
  "a blank Braille pattern": "\u2800",
  "too many marks": "a\u0323\u0324\u0325\u0326\u0327\u0328\u0329",
};

Deno.test("skeletonOf() is the same for names that look alike", () => {
  for (const [first = "", ...others] of ALIKE) {
    for (const other of others) assertEquals(skeletonOf(other), skeletonOf(first), other);
  }
});

Deno.test("skeletonOf() tells ordinary names of many languages apart", () => {
  const seen = new Map<string, string>();
  for (const name of ORDINARY) {
    const skeleton = skeletonOf(name);
    assertEquals(seen.get(skeleton), undefined, name);
    seen.set(skeleton, name);
  }
});

Deno.test("skeletonOf() of a skeleton is the same, of a name in ASCII without I whatever its case", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const skeleton = skeletonOf(text);
    assertEquals(skeletonOf(skeleton), skeleton);
    assertEquals(skeletonOf(text.normalize("NFD")), skeleton);
  }));
  fc.assert(fc.property(fc.string({ unit: "binary-ascii" }), (any) => {
    const text = any.replaceAll(/i/gi, "");
    assertEquals(skeletonOf(text.toUpperCase()), skeletonOf(text.toLowerCase()));
    assertEquals(skeletonOf(foldName(text)), skeletonOf(text));
  }));
});

Deno.test("checkName() accepts ordinary names, and refuses what nobody can read or say", () => {
  for (const name of ORDINARY) assert("name" in checkName(name), name);
  for (const [what, name] of Object.entries(REFUSED)) assert("problem" in checkName(name), what);
});

Deno.test("isReserved() knows names that seem to speak for the server, and what looks like them", () => {
  for (const name of ["system", "Adm1n", "ѕуѕtem", "EVERYONE", "ｈｅｒｅ", "ADM1N", "аdmin"]) {
    assert(isReserved(name), name);
  }
  for (
    const name of [
      "AdmIn",
      "Admln",
      "adm\u0456n",
      "Adm1nistrator",
      "admIn1strator",
      "ADMINlSTRATOR",
    ]
  ) {
    assert(isReserved(name), name);
  }
  for (const name of ["ALI", "All", "AL", "Mod 2"]) assertFalse(isReserved(name), name);
  for (const name of ORDINARY) assertFalse(isReserved(name), name);
});

Deno.test("isMixedScript() finds scripts that are not written together", () => {
  for (const name of ORDINARY) assertFalse(isMixedScript(name), name);
  for (const name of ["田中Bob", "ラーメン屋 Tanaka", "김Bob", "ᚠᚢᚦ", "42", "ツ Ann"]) {
    assertFalse(isMixedScript(name), name);
  }
  for (
    const name of ["p\u0430ypal", "\u0410nn", "Γreek", "Bob 한ひ", "Ann עברית", "Abc กขค", "aᚠ"]
  ) {
    assert(isMixedScript(name), name);
  }
});
