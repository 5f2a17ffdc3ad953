/**
 * Accounts and what they were granted, from the log: of an organization, or of none (`_directory`).
 */
import { directoryLog } from "@rollcall/core/contract/Directory"
import { type AccountRecord, accountStream, foldAccount } from "@rollcall/core/directory/AccountRecord"
import { Effect } from "effect"
import { type Kysely, sql } from "kysely"

import { type Projecting, streamsIn, uuidOf } from "./Projecting.ts"
import type { Tables } from "./Schema.ts"
import { keyOf, plain } from "./Texts.ts"

export const projectAccounts = Effect.fnUntraced(function* (projecting: Projecting, ids: ReadonlyArray<string>) {
  if (ids.length === 0) return
  const { log, transaction } = projecting
  const organization = (log as string) === directoryLog ? null : uuidOf(projecting)
  const histories = yield* streamsIn(projecting, ids.map(accountStream))
  for (const id of ids) {
    const record = foldAccount(id, histories.get(accountStream(id)) ?? [])
    yield* transaction.run((db) => writeAccount(db, id, organization, record))
  }
})

const writeAccount = async (
  db: Kysely<Tables>,
  id: string,
  organization: string | null,
  record: AccountRecord | undefined
) => {
  if (record === undefined) {
    await db.deleteFrom("directory_accounts").where("id", "=", id).execute()
  } else {
    const { created, email, name } = record
    const changing = { email: plain(email), email_key: keyOf(email), name: name === null ? null : plain(name) }
    await db
      .insertInto("directory_accounts")
      .values({ id, organization, ...changing, created_at: created.at, created_by: created.actor })
      .onConflict((conflict) => conflict.column("id").doUpdateSet(changing))
      .execute()
  }
  await db.deleteFrom("directory_grants").where("account", "=", id).execute()
  const grants = record?.grants ?? []
  if (grants.length === 0) return
  await sql`
    insert into directory_grants (account, organization, role, employee)
    select ${id}::uuid, organization, role, employee
    from json_to_recordset(${JSON.stringify(grants)}::json) as given (organization uuid, role text, employee uuid)`.execute(
    db
  )
}
