/**
 * Aliases of organizations: names that stand in addresses, unique among all.
 *
 * Pure. Made of the organization's name where nobody gave one.
 */

/** Words that stand where an alias or an id may stand in a path (seed 003). */
const reserved = ["profile", "keys", "alias", "by-app", "by-app-id", "by-app-data", "by-app-secret"]

const longest = 63

/** Lower case letters, digits, `-` and `_`, beginning and ending with a letter or digit. */
export const isAlias = (text: string): boolean =>
  /^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$/.test(text) && !reserved.includes(text)

/** The alias a name gives, before anybody has it: letters and digits of its words, without accents. */
export const aliasOf = (name: string): string => {
  const plain = name.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase()
  const made = plain
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, longest)
    .replaceAll(/^-+|-+$/g, "")
  return isAlias(made) ? made : "organization"
}

/** The alias itself, or with the first number that nobody has. */
export const freeAlias = (alias: string, taken: ReadonlySet<string>): string => {
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? "" : `-${number}`
    const made = `${alias.slice(0, longest - suffix.length)}${suffix}`
    if (!taken.has(made)) return made
  }
}
