/**
 * Vitest's globalSetup: one PostgreSQL for the whole run, its URL given to the tests as `inject("postgresUrl")`.
 *
 * Says in one line which PostgreSQL was taken. Each suite makes a database of its own on it (`freshDatabase`).
 */
import type { TestProject } from "vitest/node"

import { startPostgres } from "./PostgresForTests.ts"

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { url, chosen, stop } = await startPostgres()
  console.log(`PostgreSQL for tests: ${chosen}`)
  project.provide("postgresUrl", url)
  return stop
}
