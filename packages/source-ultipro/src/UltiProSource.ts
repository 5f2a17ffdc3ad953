/**
 * The plugin `ultipro`: UKG Pro (UltiPro) as a source of Rollcall.
 *
 * The configuration of a site calls `ultipro({ rootUrl, username, ... })`, the engine opens the source and runs `check`,
 * `snapshot` or `lookup`. It only reads. A snapshot says `Complete` only when both lists of people were read to a proven
 * end; an empty list from a company is not believed.
 */
import {
  definePlugin,
  Expected,
  Malformed,
  Noticed,
  type Source,
  type SourceError
} from "@rollcall/core/contract/Source"
import { fieldNames } from "@rollcall/core/domain/Field"
import { DateTime, Effect, Schema, Stream } from "effect"

import { checkTenant } from "./UltiProCheck.ts"
import { makeClient, type UltiProClient } from "./UltiProClient.ts"
import { UltiProConfig } from "./UltiProConfig.ts"
import { rulesOf } from "./UltiProEmployment.ts"
import { employmentDetails, locatorOf, personDetails } from "./UltiProEndpoint.ts"
import { lookUp } from "./UltiProLookup.ts"
import { makeMapping } from "./UltiProMapping.ts"
import { atOnce, readPages } from "./UltiProPages.ts"
import { People, type UltiProMessage } from "./UltiProPeople.ts"
import { EmploymentTable } from "./UltiProTable.ts"
import { readTenant } from "./UltiProTenant.ts"

export { UltiProConfig } from "./UltiProConfig.ts"

/** A source that reads a UKG Pro tenant through its REST API with the three View permissions of Together's article. */
export const ultipro = definePlugin({
  id: "ultipro",
  version: "0.1.0",
  config: UltiProConfig,
  cursor: Schema.Never,
  fields: fieldNames,
  capabilities: { changes: false, lookup: true, effectiveDated: true },
  open: (config, site) => open(config, site.name)
})

/** How long what the tenant configured may be used for lookups before it is read again. */
const tenantIsFresh = "5 minutes"

const open = Effect.fnUntraced(function* (config: UltiProConfig, source: string) {
  const client = yield* makeClient(config, source)
  const tenant = yield* Effect.cachedWithTTL(readTenant(client, config), tenantIsFresh)
  const opened: Source<never> = {
    check: checkTenant(client, config),
    snapshot: () => snapshot(client, config),
    lookup: Effect.fn("UltiProSource.lookup")(function* (key) {
      const known = yield* tenant
      const rules = rulesOf(config, yield* today)
      return yield* lookUp(client, known.departmentLevel, makeMapping(config, known, rules), rules, key)
    })
  }
  return opened
})

const today = Effect.map(DateTime.now, DateTime.formatIsoDateUtc)

/** Configuration, all employments, then people page by page. */
const snapshot = (client: UltiProClient, config: UltiProConfig): Stream.Stream<UltiProMessage, SourceError> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const tenant = yield* readTenant(client, config)
      const rules = rulesOf(config, yield* today)
      const table = new EmploymentTable()
      const people = new People(table, makeMapping(config, tenant, rules), rules)
      const { pageSize } = config
      const employments = employmentDetails(tenant.departmentLevel)
      const refused = yield* Stream.runCollect(
        readPages(client, { endpoint: employments, pageSize, take: (rows, page) => people.takeEmployments(rows, page) })
      )
      if (table.people === 0) return yield* client.failure(notBelieved(employments.name))
      return Stream.fromArray<UltiProMessage>([
        Expected({ count: table.people }),
        ...tenant.notices.map((message) => Noticed({ message })),
        ...refused
      ]).pipe(
        Stream.concat(
          readPages(client, { endpoint: personDetails, pageSize, take: (rows, page) => people.take(rows, page) })
        ),
        Stream.concat(Stream.suspend(() => ending(client, people)))
      )
    })
  )

const ending = (client: UltiProClient, people: People): Stream.Stream<UltiProMessage, SourceError> =>
  people.rows === 0
    ? Stream.fail(client.failure(notBelieved(personDetails.name)))
    : Stream.fromIterable(people.close(), { chunkSize: atOnce })

const notBelieved = (name: string): Malformed =>
  new Malformed({
    locator: locatorOf(name),
    problem: `UltiPro lists nobody under ${name}. An empty list from a company is not believed.`,
    remedy: "See which companies the service account may look into, then run again. Nothing was concluded from it."
  })
