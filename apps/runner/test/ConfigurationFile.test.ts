import { assert, describe, it } from "@effect/vitest"
import { definePlugin } from "@rollcall/core/contract/Source"
import { csv } from "@rollcall/source-csv"
import { Effect, Redacted, Schema } from "effect"

import { env } from "../src/Configuration.ts"
import { read } from "../src/ConfigurationFile.ts"

const hr = csv({ file: "people.csv", columns: { employeeId: "Id" } })

const together = {
  organizationId: env("ORGANIZATION"),
  clientId: env("CLIENT"),
  apiKey: env("KEY")
}

const environment = { ORGANIZATION: "o", CLIENT: "c", KEY: "canary-key" }

const refusal = (written: unknown, variables: Record<string, string> = environment) =>
  Effect.map(
    Effect.flip(read("rollcall.config.ts", written, variables)),
    ({ problem, remedy }) => `${problem} ${remedy}`
  )

const hashOf = (written: object, variables: Record<string, string>, salt: string) =>
  Effect.map(read("f", written, variables), ({ organizations }) => organizations[0]?.configurationHash(salt))

describe("a configuration", () => {
  it.effect("takes secrets from the environment and shows them to nobody", () =>
    Effect.gen(function* () {
      const { organizations } = yield* read("rollcall.config.ts", { sources: { hr }, together }, environment)
      const [organization] = organizations
      assert.strictEqual(organization?.id, "default")
      assert.strictEqual(organization && Redacted.value(organization.settings.together.apiKey), "canary-key")
      assert.notInclude(JSON.stringify(organization), "canary-key")
    })
  )

  it.effect("names every variable that is not there", () =>
    Effect.gen(function* () {
      const said = yield* refusal({ sources: { hr }, together }, { CLIENT: "c" })
      assert.match(said, /ORGANIZATION \(together\.organizationId\), KEY \(together\.apiKey\)/)
    })
  )

  it.effect("names a setting that is wrong", () =>
    Effect.gen(function* () {
      const wrong = { sources: { hr }, together, timezone: "Mars/Olympus" }
      assert.match(yield* refusal(wrong), /timezone: .*IANA/)
      assert.match(yield* refusal({ sources: { hr }, together, scoop: {} }), /scoop: there is no such setting/)
      const insecure = { sources: { hr }, together: { ...together, baseUrl: "http://example.com" } }
      assert.match(yield* refusal(insecure), /together\.baseUrl: .*https/)
      assert.match(
        yield* refusal({ sources: { hr }, together, precedence: ["hr", "payroll"] }),
        /"payroll" is no source/
      )
    })
  )

  it.effect("keeps what decides without any secret, also one that only its plugin knows to be one", () =>
    Effect.gen(function* () {
      const payroll = definePlugin({
        id: "payroll",
        version: "2.0.0",
        config: Schema.Struct({ host: Schema.String, ticket: Schema.RedactedFromValue(Schema.String) }),
        cursor: Schema.Never,
        fields: ["firstName"],
        capabilities: { changes: false, lookup: false, effectiveDated: false },
        open: () => Effect.die("not opened")
      })
      const source = payroll({ host: "hr.example.com", ticket: "canary-ticket" })
      const { organizations } = yield* read("f", { sources: { payroll: source }, together }, environment)
      const organization = organizations[0] ?? assert.fail()
      const kept = JSON.stringify([organization.rules("salt"), organization.apps("salt")])
      for (const secret of ["canary-ticket", "canary-key"]) assert.notInclude(kept, secret)
      assert.include(kept, "hr.example.com")
      const broken = { ...source, config: { host: "hr.example.com", tickets: "canary-ticket" } }
      const unreadable = yield* read("f", { sources: { payroll: broken }, together }, environment)
      assert.notInclude(JSON.stringify(unreadable.organizations[0]?.rules("salt")), "canary-ticket")
    })
  )

  it.effect("has a hash that follows what decides, secrets by their salted hash", () =>
    Effect.gen(function* () {
      const plain = yield* hashOf({ sources: { hr }, together }, environment, "salt")
      const again = yield* hashOf({ sources: { hr }, together }, environment, "salt")
      assert.strictEqual(plain, again)
      const others = yield* Effect.all([
        hashOf({ sources: { hr }, together }, { ...environment, KEY: "another" }, "salt"),
        hashOf({ sources: { hr }, together }, environment, "other salt"),
        hashOf({ sources: { hr }, together, mapping: { withhold: ["gender"] } }, environment, "salt"),
        hashOf(
          { sources: { hr: csv({ file: "others.csv", columns: { employeeId: "Id" } }) }, together },
          environment,
          "salt"
        )
      ])
      assert.strictEqual(new Set([plain, ...others]).size, 5)
    })
  )

  it.effect("takes a webhook for alarms, whose secret is shown to nobody and decides nothing of what is sent", () =>
    Effect.gen(function* () {
      const variables = { ...environment, SECRET: "canary-secret-of-16" }
      const webhook = { url: "https://example.com/hook", secret: env("SECRET") }
      const written = { sources: { hr }, together, alarms: { webhook, silenceHours: 48 } }
      const { organizations } = yield* read("rollcall.config.ts", written, variables)
      const { alarms } = organizations[0]!.settings
      assert.strictEqual(alarms?.webhook && Redacted.value(alarms.webhook.secret), "canary-secret-of-16")
      assert.notInclude(JSON.stringify(organizations), "canary-secret")
      assert.strictEqual(
        yield* hashOf(written, variables, "salt"),
        yield* hashOf({ sources: { hr }, together }, environment, "salt")
      )
    })
  )

  it.effect("refuses a webhook that nobody can post to, or whose secret is soon guessed, without quoting it", () =>
    Effect.gen(function* () {
      const alarms = (webhook: object) => ({ sources: { hr }, together, alarms: { webhook } })
      const secret = "canary-of-sixteen"
      assert.match(yield* refusal(alarms({ url: "ftp://example.com", secret })), /alarms\.webhook\.url: .*http/)
      assert.match(yield* refusal(alarms({ url: "https://me:pass@example.com", secret })), /without user or password/)
      const short = yield* refusal(alarms({ url: "https://example.com", secret: "canary" }))
      assert.match(short, /alarms\.webhook\.secret: .*16 characters/)
      assert.notInclude(short, "canary")
      const zero = { sources: { hr }, together, alarms: { silenceHours: 0 } }
      assert.match(yield* refusal(zero), /alarms\.silenceHours/)
    })
  )

  it.effect("keeps several organizations apart", () =>
    Effect.gen(function* () {
      const one = { sources: { hr }, together }
      const { organizations } = yield* read("f", { organizations: { acme: one, "globex-2": one } }, environment)
      assert.deepStrictEqual(
        organizations.map(({ id }) => String(id)),
        ["acme", "globex-2"]
      )
      assert.match(yield* refusal({ organizations: { "Not A Name": one } }), /a-z, 0-9/)
    })
  )
})
