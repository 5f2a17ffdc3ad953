/**
 * What is judged: `rollcall serve` as a process of its own over a small configuration, whose people HR has already told.
 * On PGlite in the site's folder, or where DATABASE_URL says.
 */
import { randomBytes } from "node:crypto"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

import { assert } from "@effect/vitest"
import { Effect } from "effect"

import { folder, rollcall, writeSite } from "../Command.ts"
import { serve } from "./Program.ts"

const script = fileURLToPath(new URL("../../bin/rollcall.js", import.meta.url))

const staff = `Number,First,Last,Mail,Status,Job,Boss,Team,TeamName
0001,Ada,Lovelace,ada@example.com,A,Chief Executive,,T1,Analysis
0002,Grace,Hopper,grace@example.com,A,Engineer,0001,T2,Compilers
0003,Linus,Pauling,linus@example.com,A,Chemist,0001,T1,Analysis
0004,Mary,Shelley,mary@example.com,L,Author,0003,T1,Analysis
`

export interface Site {
  readonly url: string
  readonly rootKey: Buffer
}

export const serveSite = Effect.fnUntraced(function* (database: Readonly<Record<string, string>> = {}) {
  const here = yield* folder
  writeSite(here, { file: "staff.csv", columns: { departmentId: "Team", departmentName: "TeamName" } })
  writeFileSync(join(here, "staff.csv"), staff)
  const rootKey = randomBytes(48)
  const environment = { ...database, ROLLCALL_ROOT_KEY: rootKey.toString("base64") }
  const synced = yield* rollcall(here, ["sync", "--no-send"], environment)
  assert.strictEqual(synced.code, 0, synced.stdout + synced.stderr)
  const url = yield* serve({ script, args: ["serve", "--port", "0", "--json"], folder: here, environment })
  return { url, rootKey } satisfies Site
})
