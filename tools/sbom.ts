/**
 * Makes the software bill of materials (SBOM) of the executable: CycloneDX 1.6 as JSON
 * (https://cyclonedx.org/docs/1.6/json/).
 *
 * @module
 */
import type { Package } from "./graph.ts";
import type { Lock } from "./stage.ts";

/** The product that the bill describes. */
export interface Product {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** Version of the embedded Deno. */
  readonly deno: string;
}

/** Makes the bill: the product, the runtime, and each package with its checksum and licence. */
export async function billOfMaterials(
  product: Product,
  packages: readonly Package[],
  lock: Lock,
): Promise<Record<string, unknown>> {
  const components = await Promise.all(
    packages.map((one) => component(one, lock.npm[one.id]?.integrity)),
  );
  const runtime = {
    type: "platform",
    "bom-ref": "deno",
    name: "deno",
    version: product.deno,
    purl: `pkg:github/denoland/deno@v${product.deno}`,
    licenses: [{ license: { id: "MIT" } }],
  };
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": product.name,
        name: product.name,
        version: product.version,
        licenses: [{ license: { id: product.license } }],
      },
    },
    components: [runtime, ...components],
    dependencies: [
      {
        ref: product.name,
        dependsOn: ["deno", ...packages.filter(isDirect(packages)).map(purlOf)],
      },
      ...packages.map((one) => ({
        ref: purlOf(one),
        dependsOn: packages.filter(({ id }) => one.dependencies.includes(id)).map(purlOf),
      })),
    ],
  };
}

/** Packages that no other package depends on are direct dependencies of the product. */
function isDirect(packages: readonly Package[]): (one: Package) => boolean {
  const needed = new Set(packages.flatMap(({ dependencies }) => dependencies));
  return ({ id }) => !needed.has(id);
}

async function component(one: Package, integrity: string | undefined) {
  const license = await licenseOf(one);
  return {
    type: "library",
    "bom-ref": purlOf(one),
    name: one.name,
    version: one.version,
    purl: purlOf(one),
    ...(integrity !== undefined && { hashes: [hashOf(integrity)] }),
    ...(license !== undefined && { licenses: [{ license: { id: license } }] }),
  };
}

/** The package URL (https://github.com/package-url/purl-spec), with the scope's @ escaped. */
function purlOf({ name, version }: Package): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

/** Converts Subresource Integrity (base64) to a hash of CycloneDX (hexadecimal). */
function hashOf(integrity: string): { alg: string; content: string } {
  const [algorithm = "", base64 = ""] = integrity.split("-");
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const content = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { alg: algorithm.toUpperCase().replace("SHA", "SHA-"), content };
}

async function licenseOf({ localPath }: Package): Promise<string | undefined> {
  try {
    const { license } = JSON.parse(await Deno.readTextFile(`${localPath}/package.json`));
    return typeof license === "string" ? license : undefined;
  } catch {
    return undefined;
  }
}
