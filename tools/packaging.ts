/**
 * Fills the templates of `packaging/` from a release: `@VERSION@`, and `@SHA256:PLATFORM@` by the sums in
 * `SHA256SUMS`.
 *
 * @module
 */

/** Templates that carry the version and sums of a release; those of platforms that it lacks fail. */
export const TEMPLATES = ["hubbub.rb", "hubbub.json", "install.sh"] as const;

/**
 * Fills a template.
 *
 * @param sums the text of `SHA256SUMS`
 * @throws {Error} if the release has no archive for a platform that the template names
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
