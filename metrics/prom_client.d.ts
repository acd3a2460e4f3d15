/**
 * Types of the parts of `prom-client` in use.
 *
 * @module
 */

declare module "prom-client/counter" {
  export { Counter as default } from "npm:prom-client@15.1.3";
}

declare module "prom-client/gauge" {
  export { Gauge as default } from "npm:prom-client@15.1.3";
}

declare module "prom-client/registry" {
  export { Registry as default } from "npm:prom-client@15.1.3";
}
