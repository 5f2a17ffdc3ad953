/**
 * The whole story that the driver tells the Directory, in which each of the 52 operations is a success at least once, and
 * what Redocly needs to tell its own (seed003.arazzo.yaml).
 */
import { type Driver, makeDriver } from "./Driver.ts"
import { apps, begin, endKeys, organizationProfiles, organizations } from "./OrganizationStory.ts"
import { people } from "./PeopleStory.ts"
import type { Site } from "./Site.ts"

/** Answers with the id of the configuration's organization. */
export const tell = async (driver: Driver, { rootKey }: Site, name: string): Promise<string> => {
  const scene = await begin(driver, rootKey, name)
  await organizations(driver, scene)
  await organizationProfiles(driver, scene)
  await people(driver, scene)
  const configured = await apps(driver, scene)
  await endKeys(driver, scene)
  return configured
}

/** Tokens for Redocly's story, and a new organization to tell it in: a story is told once in each. */
export const inputsFor = async ({ url, rootKey }: Site, name: string) => {
  const { rootAdmin, superToken, organization } = await begin(makeDriver(url), rootKey, name)
  return { adminToken: rootAdmin, superToken, alias: `told-${organization.slice(0, 8)}` }
}
