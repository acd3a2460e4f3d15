/**
 * Fills in the templates of `packaging/` for a release: `@VERSION@`, and `@SHA256:PLATFORM@` with the
 * checksums in `SHA256SUMS`.
 *
 * @module
 */

/** The templates with the version and checksums of a release. */
export const TEMPLATES = ["hubbub.rb", "hubbub.json", "install.sh"] as const;

/**
 * Fills in a template.
 *
 * @param sums the contents of `SHA256SUMS`
 * @throws {Error} if the release has no archive for a platform in the template
 */
export function fillTemplate(template: string, version: string, sums: string): string {
  const sumOf = new Map(
    sums.trim().split("\n").map((line) => {
      const [sum = "", file = ""] = line.split(/\s+/);
      return [file.replace(/\.(tar\.gz|zip)$/, ""), sum];
    }),
  );
  return template
    .replaceAll("@VERSION@", version)
    .replace(/@SHA256:([a-z0-9-]+)@/g, (_all, platform: string) => {
      const sum = sumOf.get(`hubbub-${version}-${platform}`);
      if (sum === undefined) throw new Error(`Cannot fill template: no archive for ${platform}`);
      return sum;
    });
}
