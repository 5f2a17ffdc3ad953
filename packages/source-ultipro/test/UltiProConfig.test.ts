import { inspect } from "node:util"

import { assert, describe, it } from "@effect/vitest"
import { Redacted, Result, Schema } from "effect"
import * as fc from "fast-check"

import { ultipro, UltiProConfig } from "../src/UltiProSource.ts"
import { canary, configOf, given } from "./Tenant.ts"

const decode = Schema.decodeUnknownResult(UltiProConfig)

const problem = (config: unknown): string => {
  const decoded = decode(config, { onExcessProperty: "error", errors: "all" })
  return Result.isFailure(decoded) ? `${decoded.failure.message}\n${inspect(decoded.failure, { depth: 20 })}` : ""
}

const rootOf = (rootUrl: string): string => configOf({ rootUrl }).rootUrl

describe("UltiProConfig", () => {
  it("needs an address and credentials, and has a default for everything else", () => {
    const { customerApiKey, password, rootUrl, username, ...others } = configOf()
    assert.strictEqual(rootUrl, "https://service4.ultipro.example")
    assert.deepStrictEqual([customerApiKey, password, username].map(Redacted.isRedacted), [true, true, true])
    const { userApiKey, ...defaults } = others
    assert.isTrue(Redacted.isRedacted(userApiKey))
    assert.deepStrictEqual(defaults, {
      pageSize: 1000,
      statuses: {},
      includeFutureHires: true,
      excludeEmployeeTypes: [],
      addresses: "home",
      timeoutSeconds: 60,
      patienceMinutes: 15
    })
  })

  it.each([
    ["http://service4.ultipro.com/services/BIDataService", "https://service4.ultipro.com"],
    ["https://service4.ultipro.com/", "https://service4.ultipro.com"],
    ["  https://SERVICE5.ultipro.com ", "https://service5.ultipro.com"],
    ["service4.ultipro.com", "https://service4.ultipro.com"],
    ["servicet.ultipro.ca/services/", "https://servicet.ultipro.ca"],
    ["HTTP://service4.ultipro.com:80/x?y#z", "https://service4.ultipro.com"],
    ["https://gateway.example:8443/ukg", "https://gateway.example:8443"],
    ["http://127.0.0.1:8080/services", "http://127.0.0.1:8080"],
    ["http://localhost:8080", "http://localhost:8080"],
    ["http://[::1]:8080/", "http://[::1]:8080"],
    ["https://localhost:8080", "https://localhost:8080"],
    ["http://localhost.example", "https://localhost.example"],
    ["http://127.0.0.1.example", "https://127.0.0.1.example"]
  ])("takes %s for %s", (pasted, root) => assert.strictEqual(rootOf(pasted), root))

  it("never leaves http to any other machine, whatever is pasted", () =>
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.domain(), fc.webUrl({ validSchemes: ["http"] }), fc.string()), (rootUrl) => {
        const decoded = decode({ ...given, rootUrl })
        if (Result.isFailure(decoded)) return
        const url = new URL(decoded.success.rootUrl)
        assert.strictEqual(url.origin, decoded.success.rootUrl)
        assert.isTrue(url.protocol === "https:" || ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname))
      })
    ))

  it.each([
    [{ rootUrl: "" }, /address of the web services/],
    [{ rootUrl: "ftp://service4.ultipro.com" }, /address of the web services/],
    [{ rootUrl: `https://user:${canary}@service4.ultipro.com` }, /address of the web services/],
    [{ rootUrl: "https://" }, /address of the web services/],
    [{ username: "a:b" }, /The user name is empty or holds a colon/],
    [{ username: 7 }, /The user name is a text/],
    [{ password: "" }, /The password is empty/],
    [{ password: `${canary}\n` }, /The password is empty or holds control characters/],
    [{ password: { canary } }, /The password is a text/],
    [{ customerApiKey: `${canary} ` }, /The customer API key is empty or holds spaces/],
    [{ userApiKey: `${canary}\r\nX: y` }, /The user API key is empty or holds spaces/],
    [{ userApiKeyHeader: "Authorization" }, /none that is sent anyway/],
    [{ userApiKeyHeader: "a b" }, /The header is a name/],
    [{ departmentLevel: 5 }, /whole number from 1 to 4/],
    [{ pageSize: 0 }, /whole number from 1 to 10000/],
    [{ pageSize: 10_001 }, /whole number from 1 to 10000/],
    [{ statuses: { A: "here" } }, /"active", "leave", "terminated"/],
    [{ companies: [] }, /at least one code/],
    [{ companies: [" ACME"] }, /A code is a text without space/],
    [{ excludeEmployeeTypes: [1] }, /string/],
    [{ remote: { pattern: "(" } }, /regular expression/],
    [{ remote: { locations: [] } }, /at least one code/],
    [{ addresses: "office" }, /"home" or "work"/],
    [{ timeoutSeconds: 0 }, /from 1 to 600/],
    [{ patienceMinutes: -1 }, /minutes from 0 to 1440/],
    [{ userAPIKey: "x" }, /There is no such setting here/]
  ])("refuses %j and says why, without secrets", (fault, words) => {
    const said = problem({ ...given, ...fault })
    assert.match(said, words)
    assert.notInclude(said, canary)
  })

  it("says of every missing setting what it is", () => {
    const said = problem({})
    assert.match(said, /Say where the web services are/)
    assert.match(said, /The user name is missing/)
    assert.match(said, /The password is missing/)
    assert.match(said, /The customer API key is missing/)
    assert.notMatch(said, /The user API key is missing/)
  })

  it("refuses a header for a key that was not given", () => {
    const { userApiKey: _, ...without } = given
    assert.match(problem({ ...without, userApiKeyHeader: "Api-Key" }), /needs a `userApiKey`/)
    assert.strictEqual(problem({ ...given, userApiKeyHeader: "Api-Key" }), "")
  })

  it("shows no secret of what it decoded", () => {
    const config = configOf()
    assert.notInclude(`${inspect(config, { depth: 9 })} ${JSON.stringify(config)}`, canary)
  })

  it("is called with what it is about, and stays as it was given", () => {
    const binding = ultipro(given)
    assert.strictEqual(binding.plugin.id, "ultipro")
    assert.strictEqual(binding.config, given)
  })
})
