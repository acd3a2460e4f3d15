/**
 * The parts of docs/grafana.json that the tests look at.
 *
 * @module
 */

/** A question of a panel. */
export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly datasource: { readonly type: string; readonly uid: string };
}

/** A panel; a row has no targets. */
export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly Target[];
}

/** The dashboard. */
export interface Dashboard {
  readonly title: string;
  readonly uid: string;
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string }[];
  };
  readonly panels: readonly Panel[];
}

/** Reads docs/grafana.json. */
export async function readDashboard(): Promise<Dashboard> {
  return JSON.parse(
    await Deno.readTextFile(new URL("../../docs/grafana.json", import.meta.url)),
  );
}

/** A question as Grafana asks it, for all instances. */
export function withoutVariables(expr: string): string {
  return expr.replaceAll("$instance", ".+").replaceAll("$__rate_interval", "30s");
}
