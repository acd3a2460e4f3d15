import { importHalf } from "./halves.ts";

await importHalf(0);
