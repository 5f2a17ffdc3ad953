import { availableParallelism } from "node:os"

import { defineConfig } from "vitest/config"

const common = { testTimeout: 60_000, hookTimeout: 120_000 }

/** Whole checkers over the whole tree, whole commands one after the other: slow where other work shares the machine. */
const patient: Readonly<Record<string, number>> = { gates: 240_000, runner: 120_000 }

/** Packages whose tests talk to a real PostgreSQL; it is found, and said which, before the first of them. */
const onPostgres = ["directory-store", "directory-api", "runner"]

const project = (name: string, folder: string) => ({
  test: {
    ...common,
    testTimeout: patient[name] ?? common.testTimeout,
    name,
    include: [`${folder}/test/**/*.test.ts`],
    ...(onPostgres.includes(name) ? { globalSetup: ["packages/testkit/src/PostgresGlobalSetup.ts"] } : {})
  }
})

export default defineConfig({
  test: {
    // Tests that wait for a lane or a clock do so beside each other.
    maxConcurrency: 20,
    // Most of the time of most files is spent on waiting: two beside each other also where there are two processors.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      ...["core", "source-csv", "source-ultipro", "sandbox", "sink-together", "directory-store", "directory-api"].map(
        (name) => project(name, `packages/${name}`)
      ),
      project("runner", "apps/runner"),
      project("gates", ".")
    ]
  }
})
